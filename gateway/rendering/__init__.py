"""From facts to finished messages: the templates, the language they are written in, their rules.

Knows nothing of providers, the ledger or who asks. Templates are data written by staff and are
never trusted: they run in a language without calls, attributes, arithmetic or nested loops.
"""
