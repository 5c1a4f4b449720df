"""The interface for dossier systems, version 1."""
