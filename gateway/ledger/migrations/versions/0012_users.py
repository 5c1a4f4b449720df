"""The console: its users, their sessions, failed sign-ins, and what an audited act was about."""

from gateway.ledger.migrations.script import run_file

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_file("0012_users.sql")
