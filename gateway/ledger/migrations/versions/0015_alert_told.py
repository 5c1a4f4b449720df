"""Who has been told of which alert."""

from gateway.ledger.migrations.script import run_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_file("0015_alert_told.sql")
