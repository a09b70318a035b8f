"""Beantwortet: Wie wird aus allen Skripten eine Galerie, die man ohne Netz durchblättern kann?

`laeufe` führt jedes Skript aus und behält, was es schrieb und zeichnete; `seiten` macht daraus HTML unter
`ausgabe/galerie/seiten/`. Der Ordner lässt sich kopieren und verschicken.
"""
