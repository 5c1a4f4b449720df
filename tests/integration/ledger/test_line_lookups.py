"""What the line looks up is found by an index, however many notices there are: who calls waits."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import pytest

from gateway.ledger import enquiries
from gateway.ledger.enquiries import Notice

ROWS = 20_000
# Tries of a statement after which PostgreSQL may plan it without looking at its arguments.
OFTEN = 7
_NOTICES = """
INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
    steps, latest_send_at, reference_seed, tokens, hash_key, sealed, seal_key)
SELECT uuidv7(make_interval(secs => -n / 100.0)), gen_random_uuid(), 'igate', 'H10.12',
    'result-ready', 'live', 'live', 1, 'delivered', '[]', now(), sha256(n::text::bytea),
    ARRAY[n, n + 1000000], 1, '', 1
FROM generate_series(1, $1::int) AS n
"""
_ATTEMPTS = """
INSERT INTO attempt (notification_id, step, try, id, channel, account, reference, publication,
    outcome)
SELECT id, 0, 1, id, 'sms', 'esms', id::text, 1, 'accepted' FROM notification
"""
_ROWS_READ = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int
FROM pg_stat_xact_user_tables WHERE relname ~ '^(notification|attempt)_2'
"""

Found = Sequence[Notice]


async def by_code(connection: asyncpg.Connection) -> Found:
    return await enquiries.by_check_code(connection, 1_234_567_890)


async def by_secret(connection: asyncpg.Connection) -> Found:
    return await enquiries.by_tokens(connection, [-1, -2], 730, 30)


async def by_phone(connection: asyncpg.Connection) -> Found:
    return await enquiries.by_tokens(connection, [7], 90, 30)


@pytest.fixture
async def filled(connection: asyncpg.Connection) -> asyncpg.Connection:
    await connection.execute(_NOTICES, ROWS)
    await connection.execute(_ATTEMPTS)
    return connection


async def _most_read(
    connection: asyncpg.Connection, look_up: Callable[[asyncpg.Connection], Awaitable[Found]]
) -> int:
    """The most rows that one of many look-ups read."""
    most = 0
    async with connection.transaction():
        before = await connection.fetchval(_ROWS_READ)
        for _ in range(OFTEN):
            await look_up(connection)
            after = await connection.fetchval(_ROWS_READ)
            most, before = max(most, after - before), after
    return most


async def test_no_look_up_reads_notices_it_does_not_want(filled: asyncpg.Connection) -> None:
    for statement in ("SELECT", "ANALYZE notification, attempt"):
        await filled.execute(statement)
        read = {
            one.__name__: await _most_read(filled, one) for one in (by_code, by_secret, by_phone)
        }
        assert read == {"by_code": 0, "by_secret": 0, "by_phone": 1}, statement
