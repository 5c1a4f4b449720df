"""Callbacks to sources: what is to be told, and whose callbacks are stopped."""

from gateway.ledger.migrations.script import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_file("0003_callbacks.sql")
