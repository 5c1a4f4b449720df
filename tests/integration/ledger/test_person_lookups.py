"""A person is found by an index, however many notices there are and however common some names."""

from uuid import UUID

import asyncpg
import pytest

from gateway.ledger import finding
from gateway.ledger.finding import Sought

ROWS = 20_000
_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)
# Every notice has one of three family names, one of two middle names and one of fifty given names:
# what is left for a number or a dossier looks common beside them.
_NOTICES = """
INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
    steps, latest_send_at, reference_seed, tokens, hash_key, sealed, seal_key)
SELECT uuidv7(make_interval(secs => -n / 100.0)), gen_random_uuid(), 'igate', 'H10.12',
    'result-ready', 'live', 'live', 1, 'delivered', '[]', now(), sha256(n::text::bytea),
    ARRAY[101 + n % 3, 201 + n % 2, 1000 + n % 50, n + 1000000, n + 2000000], 1, '', 1
FROM generate_series(1, $1::int) AS n
"""
_ROWS_READ = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int
FROM pg_stat_xact_user_tables WHERE relname ~ '^notification_2'
"""
# As the pool of connections and a search at leisure have it.
_SETTINGS = """
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET plan_cache_mode = force_custom_plan
"""


@pytest.fixture
async def filled(connection: asyncpg.Connection) -> asyncpg.Connection:
    await connection.execute(_SETTINGS)
    await connection.execute(_NOTICES, ROWS)
    await connection.execute("VACUUM ANALYZE notification")
    return connection


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([[1_000_007]], 1),
        ([[999_999_999]], 0),
        ([[1_000_003], [101]], 1),
    ],
    ids=["one", "none", "one-of-a-common-name"],
)
async def test_a_number_or_a_dossier_is_found_without_reading_others(
    filled: asyncpg.Connection, tokens: list[list[int]], expected: int
) -> None:
    # The fewer are wanted, the sooner the planner hopes to meet them on its way.
    sought = Sought(
        before=_LAST, since=_FIRST, limit=2, token_groups=tokens, is_rare=True, source="igate"
    )
    async with filled.transaction():
        before = await filled.fetchval(_ROWS_READ) or 0
        found = await finding.find(filled, sought)
        read = await filled.fetchval(_ROWS_READ) - before
    assert (len(found), read) == (expected, expected)
