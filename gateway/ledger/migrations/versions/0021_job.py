"""What a person confirmed and workers work off: lists by hand, acts on many messages, decisions."""

from gateway.ledger.migrations.script import run_file

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_file("0021_job.sql")
