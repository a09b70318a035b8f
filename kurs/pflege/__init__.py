"""Für alle, die weiterbauen: Agenda, Messwerte, Galerie und Glossar."""
