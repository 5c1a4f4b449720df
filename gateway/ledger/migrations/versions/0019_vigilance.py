"""What operators are warned by: endings held against those of a week before, and who is at work."""

from gateway.ledger.migrations.script import run_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_file("0019_vigilance.sql")
