"""baotin: one notice per finished dossier, over Zalo, SMS or a call, followed to its end."""

__version__ = "0.1.0"
