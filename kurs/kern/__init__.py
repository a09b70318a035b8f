"""Wo liegt was, welche Skripte gibt es, was muss vor den Bibliotheken eingestellt sein? Nur Standardbibliothek."""
