"""Restores: when one happened, and from which moment."""

from gateway.ledger.migrations.script import run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_file("0005_restore.sql")
