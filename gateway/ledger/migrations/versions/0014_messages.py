"""What the console's list of messages needs: kept searches, acts on many, and two indexes.

Neither index covers a column that changes: a notification's unit stays, and history is only ever
written. So each change of state stays a heap-only update, and only an ending other than delivered,
which are few, costs an entry. They are built month by month beside the traffic.
"""

import sqlalchemy
from alembic import op

from gateway.ledger.migrations.script import run_file

revision = "0014"
down_revision = "0013"

# As `gateway.ledger.finding` asks for them.
_INDEXES = {
    "notification": ("notification_unit", "(unit, id)"),
    "history": (
        "history_ended",
        "(state, notification_id) INCLUDE (revision, reason) WHERE state IN ('acknowledged',"
        " 'unconfirmed', 'failed', 'expired', 'cancelled', 'suppressed')",
    ),
}
_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = '{}'::regclass ORDER BY c.relname
"""
_UNFINISHED = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
  AND (c.relname LIKE 'notification\\_%\\_unit' OR c.relname LIKE 'history\\_%\\_ended')
"""


def upgrade() -> None:
    run_file("0014_messages.sql")
    with op.get_context().autocommit_block():
        run = op.get_bind().exec_driver_sql
        for name in _names(_UNFINISHED):
            run(f"DROP INDEX {name}")
        for table, (index, what) in _INDEXES.items():
            run(f"CREATE INDEX IF NOT EXISTS {index} ON ONLY {table} {what}")
            for month in _names(_MONTHS.format(table)):
                own = month + index.removeprefix(table)
                run(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {own} ON {month} {what}")
                run(f"ALTER INDEX {index} ATTACH PARTITION {own}")


def _names(query: str) -> list[str]:
    return list(op.get_bind().execute(sqlalchemy.text(query)).scalars())
