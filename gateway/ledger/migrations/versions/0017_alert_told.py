"""Who has been told of which alert."""

from gateway.ledger.migrations.script import run_file

revision = "0017"
down_revision = "0012"


def upgrade() -> None:
    run_file("0017_alert_told.sql")
