"""What operators are warned by: endings held against those of a week before, and who is at work."""

from gateway.ledger.migrations.script import run_file

revision = "0021"
down_revision = "0017"


def upgrade() -> None:
    run_file("0021_vigilance.sql")
