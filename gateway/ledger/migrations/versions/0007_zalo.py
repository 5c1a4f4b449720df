"""What Zalo says of its official accounts and their templates, and consents under way."""

from gateway.ledger.migrations.script import run_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_file("0007_zalo.sql")
