"""What a text says of the centre and of the visit to it: who writes, where to come, and when.

Most events name the same few places, so this is worked out once a minute for each of them.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.directory import Directory, Unit
from gateway.domain.dossier import Pickup
from gateway.domain.hours import Calendar, local
from gateway.rendering.free_text import printable
from gateway.rendering.opening import next_hours, written_when
from gateway.rendering.phrases import written_week
from gateway.rendering.place import place_of


@dataclass(frozen=True, kw_only=True, repr=False)
class Visit:
    """Field names are the names templates use.

    `where` and `when` are ready to follow "đến nhận tại": `place` (name and address) without
    repeating the centre, and the next opening. `opening` is its first span of hours, `opening_day`
    its day, `opening_hours` all that is left of that day's hours, `hours` those of the week.
    """

    centre: str
    centre_short: str
    verify_phone: str
    accented_sms: bool
    place: str
    place_name: str
    address: str
    where: str
    when: str
    place_phone: str
    opening: str
    opening_day: str
    opening_hours: str
    opens_today: bool
    hours: str


class Visits:
    """The visits of one directory under one calendar."""

    def __init__(self, directory: Directory, calendar: Calendar) -> None:
        self._directory = directory
        self._calendar = calendar
        self._minute: datetime | None = None
        self._known: dict[tuple[str, Pickup], Visit] = {}

    def of(self, unit: Unit, pickup: Pickup, now: datetime) -> Visit:
        """Raises DirectoryError where the pick-up point is not in the directory."""
        minute = local(now).replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._known = minute, {}
        key = (unit.code, pickup)
        if key not in self._known:
            self._known[key] = self._visit(unit, pickup, minute)
        return self._known[key]

    def _visit(self, unit: Unit, pickup: Pickup, minute: datetime) -> Visit:
        place = place_of(pickup, unit, self._directory)
        opening = next_hours(place.hours, self._calendar, minute)
        hours = written_week(place.hours) or place.hours_text
        return Visit(
            centre=printable(unit.name),
            centre_short=printable(unit.short_name or unit.name),
            verify_phone=printable(unit.verify_phone),
            accented_sms=unit.accented_sms,
            place=place.in_full,
            place_name=place.name,
            address=place.address,
            where=place.after(unit.name),
            when=written_when(opening, hours),
            place_phone=place.phone,
            opening=opening.first,
            opening_day=opening.day,
            opening_hours=opening.rest_of_day,
            opens_today=opening.today,
            hours=hours,
        )
