"""Finding what is rare reads little, although the planner expects everything to be met soon."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from gateway.domain.identity import uuid7_floor
from gateway.domain.status import State
from gateway.ledger import finding
from gateway.ledger.database import Database
from gateway.ledger.finding import Sought

ROWS, DOSSIER = 60_000, 10_000
# Some words are as common as those of names, and some never stand together.
WORDS = "ARRAY[$3 + n, 1 + n % 3, 10 + n % 40]::bigint[]"
_FILL = f"""
INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
    steps, latest_send_at, reference_seed, tokens, hash_key)
SELECT id, gen_random_uuid(), 'igate', 'H10.12', 'result-ready', 'live', 'live', 1,
    CASE WHEN n % 1000 = 7 THEN 'sent' ELSE $2 END, '[]', now(), '', {WORDS}, 1
FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, n)
"""
_WATCH = """
INSERT INTO watch (notification_id, step, try, kind, until)
SELECT id, 0, 1, 'receipt', now() FROM notification WHERE state = 'sent'
"""
_READ = """
SELECT coalesce(sum(idx_tup_fetch), 0)::int FROM pg_stat_xact_user_tables
WHERE relname LIKE 'notification\\_%'
"""


@pytest.fixture
async def filled(connection: asyncpg.Connection) -> None:
    now = datetime.now(UTC)
    ids = [uuid7_floor(now - timedelta(milliseconds=20 * n)) for n in range(1, ROWS + 1)]
    await connection.execute(_FILL, ids, State.DELIVERED, DOSSIER)
    await connection.execute(_WATCH)
    await connection.execute("ANALYZE notification, watch")


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        pytest.param({"token_groups": [[DOSSIER + 30_000]], "is_rare": True}, 1, id="dossier"),
        pytest.param({"token_groups": [[5]], "is_rare": True}, 0, id="word that nobody has"),
        pytest.param(
            {"token_groups": [[1], [10], [11]], "is_rare": True}, 0, id="words never together"
        ),
        pytest.param({"states": [State.SENT], "reason": "unknown_outcome"}, 0, id="open, reason"),
        pytest.param({"account": "nobody", "is_rare": True}, 0, id="account without messages"),
    ],
)
async def test_little_is_read(
    filled: None, database: Database, sought: dict[str, Any], found: int
) -> None:
    everything = {"since": UUID(int=0), "before": UUID(int=(1 << 128) - 1), "limit": 51}
    async with finding.at_leisure(database, 10) as connection:
        wanted = Sought(**everything, **sought)
        met = await finding.find_within(connection, wanted, 10)
        assert len(met or ()) == found
        assert await connection.fetchval(_READ) < ROWS / 100
