"""Personal data: what was erased, who looked, and which process holds which keys."""

from gateway.ledger.migrations.script import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_file("0004_privacy.sql")
