"""Der Ziffern-Dienst: das Champion-Modell der Registry hinter FastAPI. Starten: `python -m dienst`.

app.py die Adressen · annahme.py was hereindarf · bild.py ein Bild wie in MNIST · vorhersage.py das
Modell · index.html die Zeichenseite. Zum Betrieb braucht er nichts aus dem Rest des Repositorys.
"""
