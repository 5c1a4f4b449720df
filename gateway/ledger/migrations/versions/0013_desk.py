"""The desk: texts being written, who asked for and who gave their release, what waited meanwhile,
how often texts went out, and messages sent on trial."""

from gateway.ledger.migrations.script import run_file

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_file("0013_desk.sql")
