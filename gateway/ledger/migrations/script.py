"""Runs a migration written as SQL: statements separated by a semicolon at the end of a line."""

from pathlib import Path

from alembic import op

VERSIONS = Path(__file__).parent / "versions"


def run_file(name: str) -> None:
    for statement in (VERSIONS / name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
