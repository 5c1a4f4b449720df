"""Ledgers that are already full: notifications that wait, and notifications that ended long ago.

Waiting ones are as the gateway itself would have written them, so that workers can send them. Ended
ones are copies of some that went the whole way, spread over the past weeks; they are only in the
way.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from bench.rig.clients import phone
from bench.rig.site import Site
from gateway.sealing import Hasher, Sealer
from gateway.services.minting import mint
from gateway.wiring import keyring_of

_PIECE = 20_000
_NOTIFICATION = (
    *("id", "event_id", "source", "unit", "kind", "class", "mode", "publication", "state"),
    *("steps", "latest_send_at", "reference_seed", "tokens", "hash_key", "sealed", "seal_key"),
)
_DUE = ("notification_id", "pool", "class", "due_at", "unit", "phone", "latest_at")
_HISTORY = ("notification_id", "revision", "state", "step", "try", "actor")


async def with_waiting(site: Site, count: int) -> None:
    """`count` notices that are due now, like one that the gateway accepted, to as many phones."""
    connection = await asyncpg.connect(site.one.database_url)
    pattern = await _pattern(site, connection)
    for first in range(0, count, _PIECE):
        rows = list(_waiting(pattern, range(first, min(first + _PIECE, count))))
        for table, columns, place in (
            ("notification", _NOTIFICATION, 0),
            ("history", _HISTORY, 1),
            ("due", _DUE, 2),
        ):
            await connection.copy_records_to_table(
                table, records=[row[place] for row in rows], columns=columns
            )
    await connection.execute("VACUUM ANALYZE notification, due, history")
    await connection.close()


class _Pattern:
    """One accepted notification, and what is needed to write others like it."""

    def __init__(self, site: Site, row: asyncpg.Record, now: datetime) -> None:
        keyring = keyring_of(site.one.settings)
        self.sealer, self.hasher = Sealer(keyring), Hasher(keyring)
        self.row, self.now = row, now
        opened = self.sealer.open(row["sealed"], row["seal_key"], row["id"].bytes)
        self.payload: dict[str, Any] = json.loads(opened)
        self.steps: list[dict[str, Any]] = json.loads(row["steps"])


async def _pattern(site: Site, connection: asyncpg.Connection) -> _Pattern:
    posted = await site.post(site.load(1))
    if posted.answers != {"202": 1}:
        raise RuntimeError(f"the pattern was not accepted: {posted.answers}")
    row = await connection.fetchrow("SELECT * FROM notification ORDER BY id DESC LIMIT 1")
    return _Pattern(site, row, await connection.fetchval("SELECT now()"))


def _waiting(pattern: _Pattern, numbers: range) -> Iterator[tuple[tuple[Any, ...], ...]]:
    row, now = pattern.row, pattern.now
    for number in numbers:
        e164 = "+84" + phone(number).removeprefix("0")
        key = pattern.hasher.phone(e164)
        code = f"H10.12-000000-{number:07d}"
        event = pattern.payload["event"] | {"code": code}
        payload = pattern.payload | {"event": event, "phones": [[e164, "mobile"]]}
        steps = json.dumps([step | {"phone_key": key.hex()} for step in pattern.steps])
        one: UUID = mint()
        sealed, seal_key = pattern.sealer.seal(json.dumps(payload).encode(), one.bytes)
        tokens = [
            pattern.hasher.token("dossier", code.lower()),
            pattern.hasher.token("phone", e164),
            *row["tokens"][2:],
        ]
        seed = pattern.hasher.reference_seed("filled", "/", str(number), 0)
        latest = now + timedelta(days=3)
        yield (
            (
                *(one, mint(), row["source"], row["unit"], row["kind"], row["class"]),
                *(row["mode"], row["publication"], "waiting", steps, latest, seed, tokens),
                *(row["hash_key"], sealed, seal_key),
            ),
            (one, 1, "waiting", 0, 0, "source"),
            (one, pattern.steps[0]["pool"], row["class"], now, row["unit"], key, latest),
        )


# Each of the newest $1 ended notifications is copied once for each number from $2 to $3, with a new
# id that is $4 to $4 + $5 seconds old. The seeds differ, so that references do.
_COPY = """
WITH pattern AS (
    SELECT * FROM notification WHERE state = 'delivered' ORDER BY id DESC LIMIT $1
), copy AS (
    SELECT uuidv7(- make_interval(secs => $4 + $5 * random())) AS new, p.*
    FROM pattern p CROSS JOIN generate_series($2::int, $3::int) AS n
), written AS (
    INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
        reason, revision, step, tries, steps, accepted_at, latest_send_at, ended_at, reference_seed,
        tokens, hash_key, sealed, seal_key)
    SELECT c.new, gen_random_uuid(), source, unit, kind, class, mode, publication, state, reason,
        revision, step, tries, steps, accepted_at, latest_send_at, ended_at,
        sha256(uuid_send(c.new)),
        array_replace(tokens, tokens[1], hashtextextended(c.new::text, 0)),
        hash_key, sealed, seal_key
    FROM copy c
), attempts AS (
    INSERT INTO attempt (notification_id, step, try, id, channel, account, reference, publication,
        opened_at, asked, asked_at, closed_at, outcome, code, provider_id, verdict, verdict_at,
        sealed, seal_key)
    SELECT c.new, a.step, a.try, gen_random_uuid(), a.channel, a.account, md5(c.new::text),
        a.publication, a.opened_at, a.asked, a.asked_at, a.closed_at, a.outcome, a.code,
        c.new::text, a.verdict, a.verdict_at, a.sealed, a.seal_key
    FROM copy c JOIN attempt a ON a.notification_id = c.id
), histories AS (
    INSERT INTO history (notification_id, revision, at, state, reason, step, try, actor)
    SELECT c.new, h.revision, h.at, h.state, h.reason, h.step, h.try, h.actor
    FROM copy c JOIN history h ON h.notification_id = c.id
), receipts AS (
    INSERT INTO receipt (notification_id, receipt_id, part, step, try, verdict, reason, code,
        reported_at, matched_at)
    SELECT c.new, gen_random_uuid(), r.part, r.step, r.try, r.verdict, r.reason, r.code,
        r.reported_at, r.matched_at
    FROM copy c JOIN receipt r ON r.notification_id = c.id
), dossiers AS (
    INSERT INTO dossier (key, hash_key, last_kind, last_at, last_event, last_notification)
    SELECT uuid_send(gen_random_uuid()), hash_key, kind, accepted_at, event_id, new FROM copy
)
INSERT INTO event_key (key, hash_key, digest, event_id, notification_ids)
SELECT uuid_send(gen_random_uuid()), hash_key, uuid_send(gen_random_uuid()), event_id, ARRAY[new]
FROM copy
"""
_PATTERNS = 200
_COPIES_AT_ONCE = 250
_OVER = timedelta(days=50)


async def with_ended(site: Site, count: int) -> None:
    """About `count` notifications that ended in the past weeks, beside those that did so here."""
    connection = await asyncpg.connect(site.one.database_url, command_timeout=3600)
    await _make_months(connection)
    # The index is made once at the end, as a restore does it; the copies go back in time piece by
    # piece, so that each piece lies together in the other indexes.
    index = await connection.fetchval("SELECT pg_get_indexdef('notification_tokens'::regclass)")
    await connection.execute("DROP INDEX notification_tokens")
    copies = count // _PATTERNS
    for first in range(0, copies, _COPIES_AT_ONCE):
        last = min(first + _COPIES_AT_ONCE, copies) - 1
        since_s = _OVER.total_seconds() * first / copies
        piece_s = _OVER.total_seconds() * (last + 1 - first) / copies
        await connection.execute(_COPY, _PATTERNS, first, last, since_s, piece_s)
    await connection.execute("SET maintenance_work_mem = '1GB'")
    await connection.execute(index.replace(" ON ONLY ", " ON "))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _make_months(connection: asyncpg.Connection) -> None:
    from gateway.ledger.partitions import keep_partitions_ahead

    for days in (60, 30):
        await keep_partitions_ahead(connection, datetime.now(UTC) - timedelta(days=days))
