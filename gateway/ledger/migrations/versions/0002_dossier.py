"""Dossiers: what was last reported, what was already told, how much a source asks for."""

from gateway.ledger.migrations.script import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_file("0002_dossier.sql")
