"""Beantwortet: Ist alles installiert, und wenn nicht, wie kommt es dahin? Nur mit der Standardbibliothek."""
