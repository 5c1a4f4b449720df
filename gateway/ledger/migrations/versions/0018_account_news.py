"""Breakers of worker processes, and balances of accounts, as they were told last."""

from gateway.ledger.migrations.script import run_file

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_file("0018_account_news.sql")
