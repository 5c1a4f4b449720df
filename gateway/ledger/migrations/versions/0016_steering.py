"""What staff steer by: accounts that take nothing new but finish what they have."""

from gateway.ledger.migrations.script import run_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_file("0016_steering.sql")
