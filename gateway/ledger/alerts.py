"""Alerts as they stand in the ledger: open until somebody or something ends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.domain.alert import Alert, AlertKind

_RAISE = """
INSERT INTO alert (kind, subject, detail, times)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (kind, subject) WHERE cleared_at IS NULL
DO UPDATE SET detail = excluded.detail, last_at = now(), times = alert.times + excluded.times
RETURNING kind, subject, detail, since = last_at AS is_new
"""

_CLEAR = """
UPDATE alert SET cleared_at = now(), cleared_by = $3
WHERE kind = $1 AND subject = $2 AND cleared_at IS NULL
RETURNING true
"""

_CLEAR_QUIET = """
UPDATE alert SET cleared_at = now(), cleared_by = 'clock'
WHERE kind = ANY ($1) AND cleared_at IS NULL AND last_at < now() - make_interval(secs => $2)
RETURNING kind, subject, detail
"""

_OPEN = """
SELECT kind, subject, detail, since, last_at, times FROM alert
WHERE cleared_at IS NULL AND kind = ANY ($1) ORDER BY since, kind, subject
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAlert:
    """`times` counts how often it happened since it was raised."""

    alert: Alert
    since: datetime
    last_at: datetime
    times: int


async def raise_all(connection: asyncpg.Connection, times: Mapping[Alert, int]) -> list[Alert]:
    """Raise these, each having happened so often; answers those that were not open before. At most
    one alert of a kind and subject at once. Written in one order, so that two of these wait for
    each other and never for ever."""
    ordered = sorted(times, key=lambda alert: (alert.kind, alert.subject))
    rows = await connection.fetch(
        _RAISE,
        [alert.kind for alert in ordered],
        [alert.subject for alert in ordered],
        [alert.detail for alert in ordered],
        [times[alert] for alert in ordered],
    )
    return [_alert(row) for row in rows if row["is_new"]]


async def clear(connection: asyncpg.Connection, kind: AlertKind, subject: str, by: str) -> bool:
    """End an open alert; False where there is none."""
    return bool(await connection.fetchval(_CLEAR, kind, subject, by))


async def clear_quiet(
    connection: asyncpg.Connection, kinds: Sequence[AlertKind], quiet_s: float
) -> list[Alert]:
    """End those of these kinds that have not happened for so long; answers which."""
    return [_alert(row) for row in await connection.fetch(_CLEAR_QUIET, list(kinds), quiet_s)]


async def open_of(connection: asyncpg.Connection, kind: AlertKind) -> dict[str, OpenAlert]:
    """The open alerts of one kind, by subject."""
    return {
        one.alert.subject: one for one in await open_alerts(connection) if one.alert.kind is kind
    }


async def open_alerts(connection: asyncpg.Connection) -> list[OpenAlert]:
    """Oldest first. A newer version may raise kinds that this one does not know."""
    rows = await connection.fetch(_OPEN, list(AlertKind))
    return [
        OpenAlert(alert=_alert(row), since=row["since"], last_at=row["last_at"], times=row["times"])
        for row in rows
    ]


def _alert(row: asyncpg.Record) -> Alert:
    return Alert(kind=AlertKind(row["kind"]), subject=row["subject"], detail=row["detail"])
