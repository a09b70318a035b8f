"""Beantwortet: Wie wird aus allen Skripten eine Galerie, die man ohne Netz durchblättern kann?

`laeufe` führt jedes Skript aus und behält, was es schrieb und zeichnete; `seiten` macht daraus HTML.
Beides liegt unter `ausgabe/galerie/`; die Seiten (`seiten/index.html`) lassen sich kopieren und verschicken.
"""
