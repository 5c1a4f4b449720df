"""What dossier systems send, read into domain values: CloudEvents and their own payloads."""
