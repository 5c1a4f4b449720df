"""Reports: tables of figures by what is asked for, as a page, as a file, or of a month to print."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.ledger.statistics import By, UnitDay, Wanted
from gateway.services.reports import Row
from gateway.web.console import charts, report_files
from gateway.web.console.account_figures import by_account
from gateway.web.console.faults import not_yours
from gateway.web.console.visit import Visit

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_LONGEST = timedelta(days=400)
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
# Called as on the page of one notification.
_WORDS_OF = {By.STATE: "told.state"}


async def show(visit: Visit) -> web.Response:
    wanted, by = _wanted(visit), _by(visit)
    report = await visit.console.reports.report(wanted, by)
    return visit.page(
        "reports/page.html",
        report=report,
        name_of=_namer(visit, by),
        units=_units(visit),
        choices={"by": list(By), "kind": list(EventKind), "channel": list(Channel)},
        chosen={
            "unit": visit.query("unit"),
            "kind": visit.query("kind"),
            "channel": visit.query("channel"),
        },
        month=f"{wanted.last:%Y-%m}",
        shown=charts.SHOWN,
        query=visit.request.rel_url.raw_query_string,
    )


async def download(visit: Visit) -> web.Response:
    wanted, by = _wanted(visit), _by(visit)
    report = await visit.console.reports.report(wanted, by)
    table = report_files.table(report, visit.words, _namer(visit, by))
    make, kind, ending = report_files.FORMATS.get(visit.query("as"), report_files.CSV)
    name = f"{by}-{wanted.first:%Y%m%d}-{wanted.last:%Y%m%d}.{ending}"
    return web.Response(
        body=make(table),
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": kind},
    )


async def show_month(visit: Visit) -> web.Response:
    first = _month(visit.query("month"))
    units = _limits(visit)
    found = await visit.console.reports.month(first, units)
    days = [
        UnitDay(key=date.fromisoformat(row.key), state=state, notices=count, cost_vnd=0)
        for row in found.by[By.DAY].rows
        for state, count in row.states.items()
    ]
    last = found.by[By.DAY].wanted.last
    return visit.page(
        "reports/month.html",
        month=found,
        parts=[(by, report, _namer(visit, by)) for by, report in found.by.items()],
        accounts=by_account(found.attempts),
        chart=charts.of_days(days, last),
        shown=charts.SHOWN,
        size=(charts.WIDTH, charts.HEIGHT),
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{first + timedelta(days=31):%Y-%m}",
    )


def _wanted(visit: Visit) -> Wanted:
    today = datetime.now(UTC).astimezone(_HANOI).date()
    last = _day(visit.query("to")) or today
    first = min(_day(visit.query("from")) or last.replace(day=1), last)
    kind, channel = visit.query("kind"), visit.query("channel")
    return Wanted(
        first=max(first, last - _LONGEST),
        last=last,
        units=_limits(visit),
        kinds=[kind] if kind in set(EventKind) else None,
        channels=[channel] if channel in set(Channel) else None,
    )


def _limits(visit: Visit) -> list[str] | None:
    """The unit that is asked for, or else all that may be seen."""
    unit = visit.query("unit")
    if not unit:
        return None if visit.staff.units is None else sorted(visit.staff.units)
    if not visit.staff.may_see(unit):
        raise not_yours()
    return [unit]


def _by(visit: Visit) -> By:
    wanted = visit.query("by")
    return By(wanted) if wanted in set(By) else By.DAY


def _units(visit: Visit) -> dict[str, str]:
    return {
        unit.code: unit.short_name or unit.name
        for unit in visit.console.directory().units.values()
        if visit.staff.may_see(unit.code)
    }


def _namer(visit: Visit, by: By) -> Callable[[Row], str]:
    """How what a row is about is called."""
    directory, words = visit.console.directory(), visit.words

    def name(row: Row) -> str:
        if not row.key:
            return words("report.none")
        match by:
            case By.DAY:
                return f"{date.fromisoformat(row.key):%d/%m/%Y}"
            case By.UNIT:
                unit = directory.units.get(row.key)
                return f"{unit.short_name or unit.name} ({row.key})" if unit else row.key
            case By.SOURCE:
                source = directory.sources.get(row.key)
                return f"{source.name} ({row.key})" if source else row.key
            case By.REASON:
                return words.if_known(f"told.reason.{row.key}.title", row.key)
            case _:
                return words.if_known(f"{_WORDS_OF.get(by, by)}.{row.key}", row.key)

    return name


def _month(text: str) -> date:
    """The first day of that month, the present one where none is asked for."""
    today = datetime.now(UTC).astimezone(_HANOI).date()
    return _day(f"{text}-01") or today.replace(day=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
