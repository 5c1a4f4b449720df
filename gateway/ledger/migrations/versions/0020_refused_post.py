"""What sources posted in vain, counted by day; and resends found by what they are resends of.

The index covers a column that never changes and holds resends only. It is built month by month
beside the traffic.
"""

import sqlalchemy
from alembic import op

from gateway.ledger.migrations.script import run_file

revision = "0020"
down_revision = "0019"

_INDEX, _WHAT = "notification_resend", "(resend_of, id) WHERE resend_of IS NOT NULL"
_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'notification'::regclass ORDER BY c.relname
"""
_UNFINISHED = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relname LIKE 'notification\\_%\\_resend'
"""


def upgrade() -> None:
    run_file("0020_refused_post.sql")
    with op.get_context().autocommit_block():
        run = op.get_bind().exec_driver_sql
        for name in _names(_UNFINISHED):
            run(f"DROP INDEX {name}")
        run(f"CREATE INDEX IF NOT EXISTS {_INDEX} ON ONLY notification {_WHAT}")
        for month in _names(_MONTHS):
            own = f"{month}_resend"
            run(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {own} ON {month} {_WHAT}")
            run(f"ALTER INDEX {_INDEX} ATTACH PARTITION {own}")


def _names(query: str) -> list[str]:
    return list(op.get_bind().execute(sqlalchemy.text(query)).scalars())
