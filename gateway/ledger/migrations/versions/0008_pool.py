"""Pools: what each account did lately, which share of its weight it keeps, who must not be written
to, and what an attempt is expected to cost."""

from gateway.ledger.migrations.script import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_file("0008_pool.sql")
