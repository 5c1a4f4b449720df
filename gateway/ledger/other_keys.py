"""Events known by a hash key other than the primary: while several are live, all are looked under.

The key of an event under the oldest live version stands for the event in a lock, so that two
processes which do not write under the same version yet still take turns.
"""

from collections.abc import Mapping, Sequence

import asyncpg

from gateway.ledger.new_events import NewEvent

_TAKE_TURNS = "SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k"

_SEEN = "SELECT key FROM event_key WHERE key = ANY ($1)"

_CARRY = """
UPDATE {table} t SET key = found.new, hash_key = $1
FROM (
    SELECT DISTINCT ON (c.new) c.old, c.new
    FROM unnest($2::bytea[], $3::bytea[]) AS c (old, new) JOIN {table} o ON o.key = c.old
    WHERE NOT EXISTS (SELECT FROM {table} n WHERE n.key = c.new)
    ORDER BY c.new, o.{newest} DESC
) found
WHERE t.key = found.old
"""


async def known(
    connection: asyncpg.Connection, events: Sequence[NewEvent]
) -> Mapping[bytes, bytes]:
    """The keys under which events were accepted that stand under another version than the primary,
    by their primary key. Must run inside the transaction that then writes the others."""
    primary = {other.key: event.key for event in events for other in event.other_keys}
    if not primary:
        return {}
    await connection.execute(_TAKE_TURNS, sorted(_lock_number(event) for event in events))
    rows = await connection.fetch(_SEEN, list(primary))
    return {primary[row["key"]]: row["key"] for row in rows}


async def carry(
    connection: asyncpg.Connection,
    table: str,
    newest: str,
    pairs: Sequence[tuple[bytes, bytes]],
    primary: int,
) -> None:
    """Rows found under (other, primary) keys stand under the primary from now on. Of several for
    one, the one that is newest by that column is taken."""
    if pairs:
        ordered = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
        await connection.execute(
            _CARRY.format(table=table, newest=newest),
            primary,
            [old for old, _ in ordered],
            [new for _, new in ordered],
        )


def _lock_number(event: NewEvent) -> int:
    versions = [(event.hash_key, event.key)]
    versions += [(other.version, other.key) for other in event.other_keys]
    _, oldest = min(versions)
    return int.from_bytes(oldest[:8], "big", signed=True)
