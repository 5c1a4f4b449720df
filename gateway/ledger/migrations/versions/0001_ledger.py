"""The ledger: directory, templates, notifications, attempts, receipts, feed."""

from gateway.ledger.migrations.script import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_file("0001_ledger.sql")
