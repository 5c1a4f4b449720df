"""Whether notices still arrive: the last hour held against the same hour a week before, by channel,
and reports that do not come, by account. Prometheus' rules say the same to those who have it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.arrivals import (
    WEEK,
    ArrivalRules,
    Looked,
    Part,
    Verdict,
    arrived,
    deliveries,
    reports,
    stretches,
)
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import alerts, counting, statistics
from gateway.ledger.database import Connection, Database
from gateway.ledger.statistics import Ended
from gateway.services.alarm import Alarm

# Where the hour has too few, the day is looked at.
_HOURS, _REPORT_HOURS = (1, 24), (2, 24)
# Where nothing is sent any more, nothing gets better either.
_FORGOTTEN_S = 86_400.0
_KINDS = (AlertKind.DELIVERY_FALLING, AlertKind.RECEIPTS_MISSING)
_TAKEN = (State.DELIVERED, State.ACKNOWLEDGED, State.UNCONFIRMED)

Looks = list[tuple[Alert, Verdict]]
Parts = dict[str, Part]


class MindArrivals:
    def __init__(self, *, database: Database, alarm: Alarm, rules: ArrivalRules) -> None:
        self._database = database
        self._alarm = alarm
        self._rules = rules

    async def look(self) -> None:
        """Raise what is wrong and end what is well again; nothing while the counts are behind."""
        async with self._database.connection() as connection:
            standing = await counting.standing(connection)
            [(_, until)] = stretches(standing.now, [0])
            if standing.since < until or standing.is_filling:
                return
            looks = await self._deliveries(connection, standing.now)
            looks += await self._reports(connection, standing.now)
            told = await alerts.open_alerts(connection)
            await alerts.clear_quiet(connection, _KINDS, _FORGOTTEN_S)
        await self._settle(looks, {(one.alert.kind, one.alert.subject) for one in told})

    async def _settle(self, looks: Looks, told: set[tuple[AlertKind, str]]) -> None:
        for alert, verdict in looks:
            if verdict is Verdict.WRONG:
                await self._alarm.sound(alert)
            elif verdict is Verdict.WELL and (alert.kind, alert.subject) in told:
                await self._alarm.over(alert.kind, alert.subject)

    async def _deliveries(self, connection: Connection, now: datetime) -> Looks:
        found: dict[str, Looked] = {}
        for since, until in stretches(now, _HOURS):
            lately = await statistics.endings(connection, since, until)
            before = await statistics.endings(connection, since - WEEK, until - WEEK)
            parts, parts_before = _arrived(lately), _arrived(before)
            for channel, part in parts.items():
                looked = deliveries(part, parts_before.get(channel, Part()), self._rules)
                _keep(found, channel, looked)
        return _looks(found, AlertKind.DELIVERY_FALLING, _of_deliveries)

    async def _reports(self, connection: Connection, now: datetime) -> Looks:
        found: dict[str, Looked] = {}
        for since, until in stretches(now, _REPORT_HOURS):
            for account, part in _missing(await statistics.endings(connection, since, until)):
                _keep(found, account, reports(part, self._rules))
        return _looks(found, AlertKind.RECEIPTS_MISSING, _of_reports)


def _keep(found: dict[str, Looked], key: str, looked: Looked) -> None:
    """The shortest time that has enough to be judged by."""
    if key not in found or found[key].verdict is Verdict.TOO_FEW:
        found[key] = looked


def _arrived(rows: Iterable[Ended]) -> Parts:
    states: dict[str, dict[State, int]] = {}
    for row in rows:
        counts = states.setdefault(row.channel, {})
        counts[row.state] = counts.get(row.state, 0) + row.notices
    return {channel: arrived(counts) for channel, counts in states.items() if channel}


def _missing(rows: Sequence[Ended]) -> Iterable[tuple[str, Part]]:
    parts: Parts = {}
    for row in rows:
        if row.account and row.state in _TAKEN:
            silent = row.notices if row.reason == Reason.RECEIPT_MISSING else 0
            one = Part(part=silent, whole=row.notices)
            parts[row.account] = parts.get(row.account, Part()) + one
    return parts.items()


def _looks(found: Mapping[str, Looked], kind: AlertKind, words: Callable[[Looked], str]) -> Looks:
    return [
        (Alert(kind=kind, subject=subject, detail=words(looked)), looked.verdict)
        for subject, looked in found.items()
    ]


def _of_deliveries(looked: Looked) -> str:
    now, before = looked.now, looked.before
    return f"{now.share:.0%} of {now.whole} arrived, {before.share:.0%} a week before"


def _of_reports(looked: Looked) -> str:
    return f"none about {looked.now.share:.0%} of {looked.now.whole}"
