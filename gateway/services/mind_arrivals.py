"""Whether notices still arrive: the last hour held against the same hour a week before, by channel,
and reports that do not come, by account. Prometheus' rules say the same to those who have it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.arrivals import (
    QUARTER,
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
from gateway.domain.directory import Directory
from gateway.domain.outcome import Reason
from gateway.domain.status import ARRIVED, State
from gateway.ledger import alerts, counting, statistics
from gateway.ledger.database import Connection, Database
from gateway.ledger.statistics import Ended
from gateway.services.alarm import Alarm

# Where the hour has too few, the day is looked at.
_HOURS, _REPORT_HOURS = (1, 24), (2, 24)
# Where nothing is sent any more, nothing gets better either.
_FORGOTTEN_S = 86_400.0
_KINDS = (AlertKind.DELIVERY_FALLING, AlertKind.RECEIPTS_MISSING)
_TAKEN = ARRIVED | {State.UNCONFIRMED}

Looks = list[tuple[Alert, Verdict]]
Parts = dict[str, Part]


class MindArrivals:
    def __init__(
        self,
        *,
        database: Database,
        alarm: Alarm,
        directory: Callable[[], Directory],
        rules: ArrivalRules,
    ) -> None:
        self._database = database
        self._alarm = alarm
        self._directory = directory
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
        """What ended in silence was taken a receipt window before, together with what was reported
        then: at night and on a Saturday, only the silent ones of the last working day still end."""
        found: dict[str, Looked] = {}
        for since, until in stretches(now, _REPORT_HOURS):
            silent = _by_account(await statistics.endings(connection, since, until), silent=True)
            for account, heard in (await self._heard(connection, since, until)).items():
                missing = silent.get(account, 0)
                part = Part(part=missing, whole=missing + heard)
                _keep(found, account, reports(part, self._rules))
        return _looks(found, AlertKind.RECEIPTS_MISSING, _of_reports)

    async def _heard(
        self, connection: Connection, since: datetime, until: datetime
    ) -> Mapping[str, int]:
        """What was heard a receipt window before, of each account that a route leads to; the most,
        if it has several windows."""
        found: dict[str, int] = {}
        for window, accounts in _windows(self._directory()).items():
            # Reports come a while after what they are about, and windows are closed a bit late.
            begin, end = since - window - QUARTER, until - window + QUARTER
            rows = await statistics.endings(connection, begin, end)
            heard = _by_account(rows, silent=False)
            for account in accounts:
                found[account] = max(found.get(account, 0), heard.get(account, 0))
        return found


def _keep(found: dict[str, Looked], key: str, looked: Looked) -> None:
    """The shortest time that has enough to be judged by."""
    if key not in found or found[key].verdict is Verdict.TOO_FEW:
        found[key] = looked


def _arrived(rows: Iterable[Ended]) -> Parts:
    """Without those of which no report came: they end long after the others of their time, and an
    alert of their own tells of them."""
    states: dict[str, dict[State, int]] = {}
    for row in rows:
        if row.reason == Reason.RECEIPT_MISSING:
            continue
        counts = states.setdefault(row.channel, {})
        counts[row.state] = counts.get(row.state, 0) + row.notices
    return {channel: arrived(counts) for channel, counts in states.items() if channel}


def _by_account(rows: Sequence[Ended], *, silent: bool) -> Mapping[str, int]:
    """What each account took: of which nothing was heard, or all else."""
    found: dict[str, int] = {}
    for row in rows:
        is_silent = row.reason == Reason.RECEIPT_MISSING
        if row.account and row.state in _TAKEN and is_silent is silent:
            found[row.account] = found.get(row.account, 0) + row.notices
    return found


def _windows(directory: Directory) -> Mapping[timedelta, set[str]]:
    """For how long reports are waited for, in full quarters of an hour, and of which accounts."""
    found: dict[timedelta, set[str]] = {}
    for unit in directory.units.values():
        for step in unit.route:
            pool = directory.pools.get(step.pool)
            window = min(round(timedelta(seconds=step.window_s) / QUARTER) * QUARTER, WEEK)
            found.setdefault(window, set()).update(pool.accounts if pool else ())
    return found


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
