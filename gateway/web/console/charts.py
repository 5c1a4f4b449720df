"""Bars over time as figures for a drawing: no script, no style, and every number also as text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.statistics import GROUP_OF, Group
from gateway.ledger.statistics import Slot, UnitDay

WIDTH, HEIGHT = 600, 120
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_SLOT = timedelta(minutes=5)
# From the bottom up.
SHOWN = (Group.ARRIVED, Group.UNDER_WAY, Group.UNCERTAIN, Group.LOST, Group.NOT_OWED)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a bar, in the units of the drawing."""

    group: Group
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    label: str
    x: float
    width: float
    pieces: Sequence[Piece]
    groups: Mapping[Group, int]

    @property
    def count(self) -> int:
        return sum(self.groups.values())


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`highest` is how many the tallest bar stands for."""

    name: str
    bars: Sequence[Bar]
    highest: int

    @property
    def count(self) -> int:
        return sum(bar.count for bar in self.bars)


def of_hour(slots: Iterable[Slot], now: datetime) -> Chart:
    """The last twelve times five minutes, the present one included."""
    last = now - (now - datetime(2000, 1, 1, tzinfo=UTC)) % _SLOT
    begins = [last - _SLOT * back for back in range(11, -1, -1)]
    counted = _counted((one.at, one) for one in slots)
    return _chart("hour", [(_clock(at), counted.get(at, {})) for at in begins])


def of_day(slots: Iterable[Slot], now: datetime) -> Chart:
    """The last 24 hours of the clock, the present one included."""
    last = now.replace(minute=0, second=0, microsecond=0)
    begins = [last - timedelta(hours=back) for back in range(23, -1, -1)]
    counted = _counted((one.at.replace(minute=0), one) for one in slots)
    return _chart("day", [(_clock(at), counted.get(at, {})) for at in begins])


def of_month(days: Iterable[UnitDay], today: date) -> Chart:
    """The last 31 days, the present one included."""
    return _of_days("month", days, today, 31)


def of_days(days: Iterable[UnitDay], last: date) -> Chart:
    """From the first of the month to this day of it."""
    return _of_days("days", days, last, last.day)


def _of_days(name: str, days: Iterable[UnitDay], last: date, many: int) -> Chart:
    begins = [last - timedelta(days=back) for back in range(many - 1, -1, -1)]
    counted = _counted((one.key, one) for one in days)
    return _chart(name, [(f"{day:%d/%m}", counted.get(day, {})) for day in begins])


def _counted(
    parts: Iterable[tuple[datetime | date | str, Slot | UnitDay]],
) -> dict[datetime | date | str, dict[Group, int]]:
    found: dict[datetime | date | str, dict[Group, int]] = {}
    for key, one in parts:
        groups = found.setdefault(key, {})
        group = GROUP_OF[one.state]
        groups[group] = groups.get(group, 0) + one.notices
    return found


def _clock(at: datetime) -> str:
    return at.astimezone(_HANOI).strftime("%H:%M")


def _chart(name: str, parts: Sequence[tuple[str, Mapping[Group, int]]]) -> Chart:
    highest = max((sum(groups.values()) for _, groups in parts), default=0)
    wide = WIDTH / len(parts)
    bars = [
        Bar(
            label=label,
            x=round(number * wide + wide * 0.12, 2),
            width=round(wide * 0.76, 2),
            pieces=list(_pieces(groups, highest)),
            groups=groups,
        )
        for number, (label, groups) in enumerate(parts)
    ]
    return Chart(name=name, bars=bars, highest=highest)


def _pieces(groups: Mapping[Group, int], highest: int) -> Iterator[Piece]:
    y = float(HEIGHT)
    for group in SHOWN:
        if count := groups.get(group, 0):
            height = HEIGHT * count / highest
            y -= height
            yield Piece(group=group, y=round(y, 2), height=round(height, 2))
