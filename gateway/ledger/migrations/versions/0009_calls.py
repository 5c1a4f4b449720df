"""Calls: which keys were pressed, and how long it was talked."""

from gateway.ledger.migrations.script import run_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_file("0009_calls.sql")
