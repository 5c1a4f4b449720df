"""Statistics: how each notification counts, the counts by day, and where the counting stands.

What happened lately is found by an index of block ranges over the history, which costs those who
write it nothing: a range is summarised once it is full, by the vacuum. It is built month by month
beside the traffic.
"""

import sqlalchemy
from alembic import op

from gateway.ledger.migrations.script import run_file

revision = "0017"
down_revision = "0016"

_USING = "USING brin (at) WITH (pages_per_range = 64, autosummarize = on)"
_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'history'::regclass ORDER BY c.relname
"""
# Every month of notifications has one of counts; months that are yet to come are made with theirs.
_COUNTED = """
SELECT 'counted' || substr(c.relname, length('notification') + 1) AS name,
    pg_get_expr(c.relpartbound, c.oid) AS bounds
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'notification'::regclass ORDER BY c.relname
"""
_UNFINISHED = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relname LIKE 'history\\_%\\_at'
"""
_MADE = "SELECT to_regclass('count_head') IS NOT NULL"


def upgrade() -> None:
    if not op.get_bind().execute(sqlalchemy.text(_MADE)).scalar():
        run_file("0017_statistics.sql")
        for name, bounds in op.get_bind().execute(sqlalchemy.text(_COUNTED)).all():
            op.get_bind().exec_driver_sql(
                f"CREATE TABLE {name} PARTITION OF counted {bounds} WITH (fillfactor = 80)"
            )
    with op.get_context().autocommit_block():
        run = op.get_bind().exec_driver_sql
        run(f"CREATE INDEX IF NOT EXISTS history_at ON ONLY history {_USING}")
        for name in _names(_UNFINISHED):
            run(f"DROP INDEX {name}")
        for month in _names(_MONTHS):
            run(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {month}_at ON {month} {_USING}")
            run(f"ALTER INDEX history_at ATTACH PARTITION {month}_at")


def _names(query: str) -> list[str]:
    return list(op.get_bind().execute(sqlalchemy.text(query)).scalars())
