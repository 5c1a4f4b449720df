"""The line that people call: its calls, wrong tries, and how a notice is found by its check code.

The index is built month by month beside the traffic.
"""

import sqlalchemy
from alembic import op

from gateway.ledger.migrations.script import run_file

revision = "0010"
down_revision = "0009"

# As `domain.check_code` has it.
_CODE = (
    "((('x' || encode(substr(sha256('\\x636865636b'::bytea || reference_seed), 1, 7), 'hex'))"
    "::bit(56)::bigint % 10000000000))"
)
# Months that the clock made since the index of the whole table was, have it from the start.
_MONTHS_WITHOUT = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'notification'::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits h JOIN pg_index x ON x.indexrelid = h.inhrelid
    WHERE h.inhparent = 'notification_check'::regclass AND x.indrelid = c.oid)
ORDER BY c.relname
"""
_UNFINISHED = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relname LIKE 'notification\\_%\\_check'
"""


def upgrade() -> None:
    run_file("0010_line.sql")
    with op.get_context().autocommit_block():
        run = op.get_bind().exec_driver_sql
        run(f"CREATE INDEX IF NOT EXISTS notification_check ON ONLY notification {_CODE}")
        for name in _names(_UNFINISHED):
            run(f"DROP INDEX CONCURRENTLY {name}")
        for month in _names(_MONTHS_WITHOUT):
            run(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {month}_check ON {month} {_CODE}")
            run(f"ALTER INDEX notification_check ATTACH PARTITION {month}_check")


def _names(query: str) -> list[str]:
    return list(op.get_bind().execute(sqlalchemy.text(query)).scalars())
