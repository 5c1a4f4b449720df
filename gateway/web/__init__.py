"""The HTTP edge: it authenticates, reads, calls one service and answers. No rule lives here."""
