"""One use case per file. Services decide; the ledger writes, providers send, renderers render."""
