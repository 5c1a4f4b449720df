"""Which notices tell the same result, what reached its owner, and costs that are in doubt."""

from gateway.ledger.migrations.script import run_file

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_file("0022_results_and_doubt.sql")
