"""How long the console's searches take on a ledger of so many ended notifications.

    python -m bench.search FOLDER [ROWS]

Fills a ledger of its own in FOLDER once (a year, one unit with 30 % of it, family names as common
as in life, two in a hundred failed), and asks for each kind of page 20 times. What is sealed is
filling: this measures the ledger, not the opening of a page of fifty.
"""

import asyncio
import statistics
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg

from gateway.domain.identity import uuid7_floor
from gateway.embedded import EmbeddedPostgres
from gateway.ledger.database import Database
from gateway.ledger.migrate import migrate_in
from gateway.services.find_messages import Quest, Sweeper

_PIECE = 50_000
_ROUNDS = 20
_DAYS = 365
# Words of names as (token, share in a hundred); the rest has one of a thousand rare ones.
_FAMILY, _MIDDLE = ((101, 38), (102, 11), (103, 9)), ((201, 30), (202, 28))

_MONTHS = """
SELECT m::date AS first, (m + interval '1 month')::date AS after FROM generate_series(
    date_trunc('month', now() - make_interval(days => $1)), now() - interval '1 month',
    interval '1 month') AS m
"""
_TABLES = ("notification", "attempt", "history")

_FILL = """
WITH fresh AS MATERIALIZED (
    SELECT n, uuidv7(make_interval(secs => -$4::float * 86400 * ($3 - n) / $3)) AS id,
        floor(random() * 1000)::int AS fate, floor(random() * 100)::int AS family,
        floor(random() * 100)::int AS middle, random() AS u
    FROM generate_series($1::int, $2::int) AS n
), owed AS MATERIALIZED (
    SELECT id, n,
        CASE WHEN u < 0.3 THEN 'U000'
             ELSE 'U' || lpad(floor((u - 0.3) ^ 2 * 600)::int::text, 3, '0')
        END AS unit,
        CASE WHEN fate < 780 THEN 'delivered' WHEN fate < 880 THEN 'unconfirmed'
             WHEN fate < 950 THEN 'acknowledged' WHEN fate < 970 THEN 'failed'
             WHEN fate < 975 THEN 'expired' ELSE 'cancelled' END AS state,
        CASE WHEN fate < 780 THEN NULL WHEN fate < 878 THEN 'no_receipts'
             WHEN fate < 880 THEN 'unknown_outcome' WHEN fate < 950 THEN NULL
             WHEN fate < 960 THEN 'no_usable_phone' WHEN fate < 969 THEN 'phone_invalid'
             WHEN fate < 970 AND n % 50 = 0 THEN 'carrier_rejected'
             WHEN fate < 970 THEN 'phone_invalid'
             WHEN fate < 975 THEN 'latest_time_passed' ELSE 'duplicate' END AS reason,
        ARRAY[hashtextextended('dossier' || n, 0), hashtextextended('phone' || n % 700000, 0),
              CASE WHEN family < 38 THEN 101 WHEN family < 49 THEN 102 WHEN family < 58 THEN 103
                   ELSE 1000 + n % 977 END,
              CASE WHEN middle < 30 THEN 201 WHEN middle < 58 THEN 202 ELSE 3000 + n % 311 END,
              5000 + floor(random() ^ 3 * 800)::int]::bigint[] AS tokens,
        CASE WHEN n % 20000 = 7 THEN 'rare' WHEN n % 5 = 0 THEN 'oa' ELSE 'esms' END AS account
    FROM fresh
), written AS (
    INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
        reason, revision, step, tries, steps, accepted_at, latest_send_at, ended_at,
        reference_seed, tokens, hash_key, sealed, seal_key)
    SELECT id, gen_random_uuid(), 'igate', unit, 'result-ready', 'live', 'live', 1, state, reason,
        4, 0, 1, '[{"channel": "sms", "phone": 0, "phone_key": "00", "pool": "sms",
        "tries_s": [0], "window_s": 3600, "silence": false}]', uuid_extract_timestamp(id), now(),
        now(), sha256(uuid_send(id)), tokens, 1,
        decode(repeat(md5(id::text), 37), 'hex'), 1
    FROM owed ORDER BY n
), attempts AS (
    INSERT INTO attempt (notification_id, step, try, id, channel, account, reference, publication,
        outcome, sealed, seal_key)
    SELECT id, 0, 1, gen_random_uuid(), CASE account WHEN 'oa' THEN 'zalo' ELSE 'sms' END, account,
        md5(id::text), 1, 'accepted', decode(repeat(md5(id::text), 20), 'hex'), 1
    FROM owed WHERE reason IS DISTINCT FROM 'no_usable_phone'
)
INSERT INTO history (notification_id, revision, at, state, reason, step, try, actor)
SELECT id, r, uuid_extract_timestamp(id),
    CASE r WHEN 1 THEN 'waiting' WHEN 2 THEN 'sending' WHEN 3 THEN 'sent' ELSE state END,
    CASE r WHEN 4 THEN reason END, 0, 1, 'gateway'
FROM owed CROSS JOIN generate_series(1, 4) AS r
"""

_ONES = ["failed"]
QUESTS: dict[str, Quest] = {
    "the newest": Quest(),
    "failed": Quest(states=_ONES),
    "failed, rare reason": Quest(states=_ONES, reason="carrier_rejected"),
    "a reason alone": Quest(reason="unknown_outcome"),
    "waiting": Quest(states=["waiting"]),
    "everything that is open": Quest(states=["held", "waiting", "sending", "sent"]),
    "delivered": Quest(states=["delivered"]),
    "big unit": Quest(units=["U000"]),
    "small unit": Quest(units=["U290"]),
    "small unit, failed": Quest(units=["U290"], states=_ONES),
    "big unit, failed, rare reason": Quest(units=["U000"], states=_ONES, reason="carrier_rejected"),
    "three units": Quest(units=["U290", "U250", "U280"]),
    "account": Quest(account="oa"),
    "rare account": Quest(account="rare"),
    "channel": Quest(channel="zalo"),
    "dossier": Quest(token_groups=[[0]]),
    "family name": Quest(token_groups=[[101]]),
    "three words": Quest(token_groups=[[101], [201], [5000]]),
    "three words, rare": Quest(token_groups=[[101], [3007], [5700]]),
    "two middle names": Quest(token_groups=[[201], [202]]),
    "name, small unit": Quest(token_groups=[[101]], units=["U290"]),
    "name, failed": Quest(token_groups=[[1005]], states=_ONES),
}


async def main(folder: Path, rows: int) -> None:
    server = EmbeddedPostgres(folder, settings={"max_wal_size": "8GB", "autovacuum": "off"})
    server.start()
    try:
        url = server.url()
        await migrate_in(url)
        connection = await asyncpg.connect(url)
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM notification)"):
            await _fill(connection, rows)
        await connection.close()
        await _measure(url)
    finally:
        server.stop()


async def _fill(connection: asyncpg.Connection, rows: int) -> None:
    await connection.execute("SET synchronous_commit = off")
    for first, after in await connection.fetch(_MONTHS, _DAYS):
        for table in _TABLES:
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table}_{first:%Y_%m} PARTITION OF {table} FOR VALUES"
                f" FROM ('{_floor(first)}') TO ('{_floor(after)}')"
            )
    began = time.monotonic()
    for start in range(1, rows + 1, _PIECE):
        end = min(start + _PIECE - 1, rows)
        await connection.execute(_FILL, start, end, rows, float(_DAYS))
        print(f"{end} rows, {time.monotonic() - began:.0f} s", flush=True)
    await connection.execute(f"VACUUM ANALYZE {', '.join(_TABLES)}")


def _floor(day: date) -> str:
    return str(uuid7_floor(datetime.combine(day, datetime.min.time(), UTC)))


async def _measure(url: str) -> None:
    database = await Database.connect(url, size=2, statement_timeout_s=30)
    sweeper = Sweeper(database=database, now=lambda: datetime.now(UTC))
    print(f"{'search':32} {'p50':>6} {'worst':>7} {'rows':>5}  looked back")
    for name, quest in QUESTS.items():
        took_ms, swept = [], None
        for number in range(_ROUNDS):
            if quest.token_groups == [[0]]:
                async with database.connection() as connection:
                    token = await connection.fetchval(
                        "SELECT hashtextextended('dossier' || $1::int, 0)", 1000 + 7919 * number
                    )
                quest = Quest(token_groups=[[token]])
            began = time.monotonic()
            swept = await sweeper.sweep(quest)
            took_ms.append(1000 * (time.monotonic() - began))
        assert swept is not None
        back = swept.stopped_at.strftime("%Y-%m-%d") if swept.stopped_at else "to the end"
        print(
            f"{name:32} {statistics.median(took_ms):6.1f} {max(took_ms):7.1f}"
            f" {len(swept.found):5}  {back}",
            flush=True,
        )
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000))
