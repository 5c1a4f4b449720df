"""What Zalo said last of its official accounts and of the templates registered with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

_DUE = """
SELECT w.account FROM unnest($1::text[]) AS w (account)
LEFT JOIN zalo_account z ON z.account = w.account
WHERE z.read_at IS NULL OR z.read_at <= now() - $2 * interval '1 second'
   OR z.stale_since IS NOT NULL
"""

_MARK_STALE = """
INSERT INTO zalo_account (account, quota_before, stale_since) VALUES ($1, $2, now())
ON CONFLICT (account) DO UPDATE SET stale_since = now(),
    quota_before = greatest(zalo_account.quota_before, excluded.quota_before)
"""

_KEEP_TEMPLATES = """
INSERT INTO zalo_template (account, template_id, name, status, quality, tag, timeout_s, price_vnd,
    preview_url, params, seen_at)
SELECT $1, t.*, now() FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::float[], $8::int[], $9::text[], $10::jsonb[]) AS t
ON CONFLICT (account, template_id) DO UPDATE SET name = excluded.name, status = excluded.status,
    quality = excluded.quality, tag = excluded.tag, timeout_s = excluded.timeout_s,
    price_vnd = excluded.price_vnd, preview_url = excluded.preview_url, params = excluded.params,
    seen_at = now(), gone_at = NULL
"""

_GONE = """
UPDATE zalo_template SET gone_at = now()
WHERE account = $1 AND gone_at IS NULL AND NOT template_id = ANY ($2::text[])
"""

_TEMPLATES = """
SELECT template_id, name, status, quality, tag, timeout_s, price_vnd, preview_url, params::text,
    gone_at
FROM zalo_template WHERE account = $1 ORDER BY template_id
"""

# What was marked stale while it was being read is read again, with what was told meanwhile.
_KEEP_STANDING = """
INSERT INTO zalo_account (account, daily_quota, remaining_quota, quota_before, quality,
    quality_week, tags, tags_had, read_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (account) DO UPDATE SET daily_quota = excluded.daily_quota,
    remaining_quota = excluded.remaining_quota,
    quota_before = CASE WHEN zalo_account.stale_since > excluded.read_at
                        THEN greatest(excluded.quota_before, zalo_account.quota_before)
                        ELSE excluded.quota_before END,
    quality = excluded.quality, quality_week = excluded.quality_week, tags = excluded.tags,
    tags_had = excluded.tags_had, read_at = excluded.read_at,
    stale_since = CASE WHEN zalo_account.stale_since > excluded.read_at
                       THEN zalo_account.stale_since END
"""

_STANDING = """
SELECT daily_quota, remaining_quota, quota_before, quality, quality_week, tags, tags_had, read_at
FROM zalo_account WHERE account = $1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownTemplate:
    """One registered template. `params` are `{name, type, required, min, max}`; None where the
    account would not tell. `gone_at` is when it was no longer listed."""

    template_id: str
    name: str
    status: str
    quality: str
    tag: str
    timeout_s: float | None
    price_vnd: int | None
    preview_url: str
    params: tuple[Mapping[str, Any], ...] | None
    gone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownStanding:
    """An account as it was read at `read_at`. `quota_before` is what its daily quota fell from and
    has not come back to; `tags_had` are all content types it was ever allowed."""

    daily_quota: int | None = None
    remaining_quota: int | None = None
    quota_before: int | None = None
    quality: str = ""
    quality_week: str = ""
    tags: tuple[str, ...] = ()
    tags_had: tuple[str, ...] = ()
    read_at: datetime | None = None


async def due(connection: asyncpg.Connection, accounts: Sequence[str], every_s: float) -> list[str]:
    """Those of these accounts that are to be read now: never read, long ago, or stale."""
    return [row["account"] for row in await connection.fetch(_DUE, accounts, every_s)]


async def mark_stale(
    connection: asyncpg.Connection, account: str, quota_before: int | None = None
) -> None:
    """Ask for a new look at an account. `quota_before` is what its daily quota is told to have
    fallen from."""
    await connection.execute(_MARK_STALE, account, quota_before)


async def now(connection: asyncpg.Connection) -> datetime:
    found: datetime = await connection.fetchval("SELECT now()")
    return found


async def keep_templates(
    connection: asyncpg.Connection, account: str, templates: Sequence[KnownTemplate]
) -> None:
    """Make the rows of an account equal to what it listed; the others are gone."""
    await connection.execute(
        _KEEP_TEMPLATES,
        account,
        [one.template_id for one in templates],
        [one.name for one in templates],
        [one.status for one in templates],
        [one.quality for one in templates],
        [one.tag for one in templates],
        [one.timeout_s for one in templates],
        [one.price_vnd for one in templates],
        [one.preview_url for one in templates],
        [None if one.params is None else orjson.dumps(one.params).decode() for one in templates],
    )
    await connection.execute(_GONE, account, [one.template_id for one in templates])


async def templates(connection: asyncpg.Connection, account: str) -> list[KnownTemplate]:
    """All that were ever listed, by id."""
    rows = await connection.fetch(_TEMPLATES, account)
    return [KnownTemplate(**{**row, "params": _params(row["params"])}) for row in rows]


async def keep_standing(
    connection: asyncpg.Connection, account: str, standing: KnownStanding
) -> None:
    await connection.execute(
        _KEEP_STANDING,
        account,
        standing.daily_quota,
        standing.remaining_quota,
        standing.quota_before,
        standing.quality,
        standing.quality_week,
        standing.tags,
        standing.tags_had,
        standing.read_at,
    )


async def standing(connection: asyncpg.Connection, account: str) -> KnownStanding:
    """Empty for an account that was never read."""
    row = await connection.fetchrow(_STANDING, account)
    if row is None:
        return KnownStanding()
    lists = {name: tuple(row[name]) for name in ("tags", "tags_had")}
    return KnownStanding(**{**row, **lists})


def _params(text: str | None) -> tuple[Mapping[str, Any], ...] | None:
    return None if text is None else tuple(orjson.loads(text))
