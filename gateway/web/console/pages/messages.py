"""The list of messages: searched by whatever is known, newest first.

Filters that name nobody stand in the address, so that a list can be kept and passed on. Persons are
posted, kept sealed under an id, and only that id stands there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web
from yarl import URL

from gateway.domain import identity
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.outcome import Reason
from gateway.domain.staff import Permission
from gateway.domain.status import State
from gateway.services.find_messages import Quest
from gateway.services.mass_steer import MOST
from gateway.services.messages import Listed
from gateway.services.person_searches import Sought
from gateway.web.console.faults import Sorry
from gateway.web.console.visit import Form, Visit

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
_PATH, SEARCH = "/console/messages", "srch"
_FURTHER = "further"
_PERSONS = ("dossier", "phone", "name")
PLAIN = ("state", "reason", "unit", "account", "channel", "kind", "from", "to")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What stands in the form: `plain` as in the address, and whom the search is about."""

    plain: Mapping[str, str]
    search: UUID | None = None
    sought: Sought = field(default_factory=Sought)

    @property
    def shown_search(self) -> str:
        return identity.show(SEARCH, self.search) if self.search else ""

    @property
    def path(self) -> str:
        return address(self.plain, self.search)


async def show_list(visit: Visit) -> web.Response:
    wanted, before = await filter_of(visit), id_in(identity.NOTIFICATION, visit.query("before"))
    listed = await visit.console.messages.find(
        visit.staff,
        quest_of(wanted.plain, before),
        wanted.sought,
        patient=bool(visit.query(_FURTHER)),
    )
    return visit.page(
        "messages/list.html",
        filter=wanted,
        listed=listed,
        older=_older(wanted, listed),
        continued=before is not None,
        may_steer=visit.staff.may(Permission.STEER_MESSAGES),
        most_at_once=MOST,
        shown_id=lambda one: identity.show(identity.NOTIFICATION, one),
        path_of=path_of,
        options=_options(visit),
        unit_name=lambda code: _short_name(visit, code),
    )


def _older(wanted: Filter, listed: Listed) -> str | None:
    """The address of what comes after. Who goes on from where a search was stopped waits longer."""
    if listed.older is None:
        return None
    further = {_FURTHER: "1"} if listed.stopped_at else {}
    before = identity.show(identity.NOTIFICATION, listed.older)
    return str(URL(wanted.path).update_query(before=before, **further))


async def search(visit: Visit) -> web.Response:
    """Keep whom it is about, and send the browser to an address that does not say it."""
    form = await visit.form()
    sought = Sought(**{name: form[name][:200] for name in _PERSONS})
    kept = None
    if not sought.is_anybody:
        kept = await visit.console.person_searches.keep(visit.staff, sought)
    return visit.go(address(_plain_of(form), kept))


async def filter_of(visit: Visit) -> Filter:
    """As the address says it. Raises the page for a search that is too old or somebody else's."""
    plain = {name: visit.query(name) for name in PLAIN if visit.query(name)}
    search = search_in(visit.query("who"))
    return Filter(plain=plain, search=search, sought=await sought_under(visit, search))


def search_in(text: str) -> UUID | None:
    """Raises the page for what is no search: to leave it out would find everybody."""
    search = id_in(SEARCH, text)
    if text and search is None:
        raise Sorry(404, "search_gone")
    return search


async def sought_under(visit: Visit, search: UUID | None) -> Sought:
    if search is None:
        return Sought()
    sought = await visit.console.person_searches.open(visit.staff, search)
    if sought is None:
        raise Sorry(404, "search_gone")
    return sought


def quest_of(plain: Mapping[str, str], before: UUID | None = None) -> Quest:
    """What cannot be read is not asked for."""
    states = [state for state in plain.get("state", "").split(",") if state in set(State)]
    return Quest(
        states=states,
        reason=plain.get("reason"),
        units=[plain["unit"]] if "unit" in plain else None,
        account=plain.get("account"),
        channel=plain.get("channel"),
        kind=plain.get("kind"),
        accepted_from=_moment(plain.get("from", "")),
        accepted_to=_moment(plain.get("to", ""), days_later=1),
        before=before,
    )


def address(plain: Mapping[str, str], search: UUID | None = None) -> str:
    """The address of the list with these filters."""
    who = {"who": identity.show(SEARCH, search)} if search else {}
    return str(URL(_PATH).with_query({**plain, **who}))


def path_of(notification_id: UUID) -> str:
    return f"{_PATH}/{identity.show(identity.NOTIFICATION, notification_id)}"


def unit_name(visit: Visit, code: str) -> str:
    unit = visit.console.directory().units.get(code)
    return unit.name if unit else code


def _short_name(visit: Visit, code: str) -> str:
    """A long one makes every line of a list four lines high."""
    unit = visit.console.directory().units.get(code)
    return (unit.short_name or unit.name) if unit else code


def _plain_of(form: Form) -> dict[str, str]:
    given = {name: ",".join(filter(None, form.many(name))).strip() for name in PLAIN}
    return {name: value[:200] for name, value in given.items() if value}


def _options(visit: Visit) -> dict[str, dict[str, str]]:
    """What can be chosen in the form: the value and how it is called."""
    directory, words, staff = visit.console.directory(), visit.words, visit.staff
    units = {code: unit.name for code, unit in directory.units.items() if staff.may_see(code)}
    reasons = {reason.value: words(f"told.reason.{reason}.title") for reason in Reason}
    return {
        "state": {state.value: words(f"told.state.{state}") for state in State},
        "reason": dict(sorted(reasons.items(), key=lambda item: item[1].casefold())),
        "unit": dict(sorted(units.items(), key=lambda item: item[1].casefold())),
        "account": {code: code for code in sorted(directory.accounts)},
        "channel": {channel.value: words(f"told.way.{channel}") for channel in Channel},
        "kind": {kind.value: words(f"kind.{kind}") for kind in EventKind},
    }


def id_in(prefix: str, text: str) -> UUID | None:
    try:
        return identity.read(prefix, text)
    except ValueError:
        return None


def _moment(text: str, days_later: int = 0) -> datetime | None:
    """The beginning of a day in Vietnam; None for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None
    return datetime.combine(day + timedelta(days=days_later), time(), _HANOI)
