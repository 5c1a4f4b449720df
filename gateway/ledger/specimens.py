"""Messages that staff send to themselves through real accounts; never notifications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from gateway.ledger.template_drafts import DraftKey

# Whoever sends from two windows takes turns, so that the limit holds.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('specimen/' || $1, 0))"

_OPEN = """
INSERT INTO specimen (id, actor, kind, channel, language, unit, account, reference, phone, script)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb)
"""

_CLOSE = """
UPDATE specimen SET closed_at = now(), outcome = $2, reason = $3, code = $4, provider_id = $5
WHERE id = $1
"""

_LATELY = """
SELECT id, at, actor, kind, channel, language, unit, account, phone, outcome, reason, verdict
FROM specimen WHERE actor = $1 AND at > now() - $2 * interval '1 second' ORDER BY at DESC
"""

# A later report may not take back what an earlier one has proven.
_REPORTED = """
UPDATE specimen SET verdict = $4, verdict_at = now()
WHERE account = $1 AND (reference = lower($2) OR ($2 IS NULL AND provider_id = $3))
  AND (verdict IS NULL OR verdict NOT IN ('delivered', 'acknowledged') OR $4 = 'acknowledged')
RETURNING id
"""

_SCRIPT = "SELECT script::text FROM specimen WHERE account = $1 AND reference = $2"

_KNOWN = """
SELECT id FROM specimen
WHERE account = $1 AND (reference = lower($2) OR ($2 IS NULL AND provider_id = $3))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSpecimen:
    """`phone` shows the last digits only; `script` is what a call says."""

    id: UUID
    actor: str
    key: DraftKey
    account: str
    reference: str
    phone: str
    script: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Specimen:
    """One that was sent; `outcome` None while its account is called, or if that broke off."""

    id: UUID
    at: datetime
    actor: str
    kind: str
    channel: str
    language: str
    unit: str
    account: str
    phone: str
    outcome: str | None
    reason: str | None
    verdict: str | None


async def take_turns(connection: asyncpg.Connection, actor: str) -> None:
    await connection.execute(_TAKE_TURNS, actor)


async def open_one(connection: asyncpg.Connection, one: NewSpecimen) -> None:
    script = None if one.script is None else orjson.dumps(one.script).decode()
    await connection.execute(
        _OPEN,
        one.id,
        one.actor,
        *one.key.columns,
        one.account,
        one.reference,
        one.phone,
        script,
    )


async def close(
    connection: asyncpg.Connection,
    specimen: UUID,
    outcome: str,
    reason: str | None,
    code: str,
    provider_id: str | None,
) -> None:
    await connection.execute(_CLOSE, specimen, outcome, reason, code, provider_id)


async def lately(connection: asyncpg.Connection, actor: str, seconds: float) -> Sequence[Specimen]:
    """Those of one person, the newest first."""
    return [Specimen(**row) for row in await connection.fetch(_LATELY, actor, seconds)]


async def report(
    connection: asyncpg.Connection,
    account: str,
    reference: str | None,
    provider_id: str | None,
    verdict: str,
) -> bool:
    """Keep a provider's report about one. False where it is about none."""
    about = (account, reference, provider_id)
    if await connection.fetchval(_REPORTED, *about, verdict) is not None:
        return True
    return await connection.fetchval(_KNOWN, *about) is not None


async def script(
    connection: asyncpg.Connection, account: str, reference: str
) -> Mapping[str, Any] | None:
    """What its call says; None for a call that is none of these."""
    found = await connection.fetchval(_SCRIPT, account, reference)
    if found is None:
        return None
    read: Mapping[str, Any] = orjson.loads(found)
    return read
