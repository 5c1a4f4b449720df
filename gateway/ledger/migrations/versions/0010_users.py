"""The console: its users, their sessions, failed sign-ins, and what an audited act was about."""

from gateway.ledger.migrations.script import run_file

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    run_file("0010_users.sql")
