"""Der Ziffern-Dienst: das Champion-Modell der Registry hinter FastAPI. Starten: `python -m dienst`.

    app.py           die Adressen des Dienstes: /, /predict, /health, /metrics, /docs
    bild.py          aus einer Bilddatei wird ein Bild wie in MNIST
    vorhersage.py    Modell laden und wechseln, Anfragen bündeln
    messwerte.py     die Zahlen für /metrics
    training.py      ein kleines CNN für Ziffern und seine Registrierung (für die Demos)
    index.html, docs.html

Zum Betrieb braucht der Dienst nichts aus dem Rest des Repositorys.
"""
