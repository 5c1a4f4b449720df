"""The line that people call or write to: how a dossier stands, whether a notice is genuine."""
