"""A whole channel may be paused, whatever pools it has or will have."""

from gateway.ledger.migrations.script import run_file

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_file("0023_channel_pause.sql")
