"""Alerts: what operators must hear of, until it is over."""

from gateway.ledger.migrations.script import run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_file("0006_alert.sql")
