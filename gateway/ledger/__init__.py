"""All SQL of the gateway. PostgreSQL is the ledger and the only truth."""
