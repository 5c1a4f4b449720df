"""What people text to us: remembered for days, so that nobody is answered twice or without end."""

from gateway.ledger.migrations.script import run_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_file("0011_inbound_text.sql")
