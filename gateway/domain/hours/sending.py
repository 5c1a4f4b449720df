"""When each channel may be used, and how much of that open time has passed."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.channel import Channel
from gateway.domain.hours.calendar import Calendar, local

Span = tuple[timedelta, timedelta]  # from and to, since midnight, half-open
Spans = tuple[Span, ...]

ONE_DAY = timedelta(days=1)
_ALL_DAY: Spans = ((timedelta(), ONE_DAY),)
_ALWAYS = (_ALL_DAY, _ALL_DAY)
# Zalo's night ends at 06:00; five minutes more, for clocks that disagree.
MORNING = timedelta(hours=6, minutes=5)

_WINDOW = re.compile(r"(\d{2}):([0-5]\d)-(\d{2}):([0-5]\d)")


def next_morning(at: datetime) -> datetime:
    """The next 06:05 after `at`: when Zalo has ended its night and begun a new day's quota."""
    now = local(at)
    morning = _midnight(now) + MORNING
    return morning if morning > now else morning + ONE_DAY


@dataclass(frozen=True, kw_only=True)
class ChannelHours:
    """The windows of one channel on a day on which it may be used at all."""

    windows: Spans
    working_days_only: bool = False

    def __post_init__(self) -> None:
        if not self.windows:
            raise ValueError("a channel needs at least one window such as 08:00-11:30")

    @classmethod
    def parse(cls, windows: Sequence[str], *, working_days_only: bool = False) -> "ChannelHours":
        """From words like `08:00-11:30`, until 24:00 at the latest. Raises ValueError."""
        return cls(
            windows=_joined(_parse_window(window) for window in windows),
            working_days_only=working_days_only,
        )

    def spans(self, *, working_day: bool) -> Spans:
        return self.windows if working_day or not self.working_days_only else ()


class SendingHours:
    """The hours of all channels over one calendar."""

    def __init__(self, calendar: Calendar, channels: Mapping[Channel, ChannelHours]) -> None:
        self._calendar = calendar
        self._channels = dict(channels)
        self._unions: dict[frozenset[Channel], tuple[Spans, Spans]] = {}

    def is_open(self, channel: Channel, at: datetime) -> bool:
        return self.next_open(channel, at) == at

    def next_open(self, channel: Channel, at: datetime) -> datetime:
        """`at` itself while the channel is open, else the moment at which it opens."""
        if self._spans({channel}) == _ALWAYS:
            return at
        begins, _ = next(self._stretches({channel}, at))
        return begins

    def add_open_time(
        self, at: datetime, seconds: float, channels: Collection[Channel]
    ) -> datetime:
        """The moment when so many seconds have passed in which one of `channels` was open."""
        left = timedelta(seconds=seconds)
        if self._spans(channels) == _ALWAYS:
            return local(at) + left
        stretches = self._stretches(channels, at)
        moment = local(at)
        while left > timedelta():
            begins, ends = next(stretches)
            moment = min(begins + left, ends)
            left -= moment - begins
        return moment

    def held_up_s(self, channel: Channel, due_at: datetime, at: datetime) -> float:
        """For how long what is due since then could have left: not while the channel is closed,
        nor before it opened last."""
        begins = local(at)
        if not self.is_open(channel, at):
            return 0.0
        midnight, on_days = _midnight(begins), self._spans({channel})
        while begins > due_at:
            since = begins - midnight
            spans = on_days[self._calendar.works(midnight.date())]
            opened = next((opens for opens, closes in spans if opens < since <= closes), since)
            begins = midnight + opened
            if opened:
                break
            midnight -= ONE_DAY
        return max(0.0, (at - max(begins, due_at)).total_seconds())

    def _stretches(
        self, channels: Collection[Channel], at: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """What is left at `at` of the current stretch of open time, then every later one."""
        now = local(at)
        midnight = _midnight(now)
        since = now - midnight
        on_days = self._spans(channels)
        while True:
            for opens, closes in on_days[self._calendar.works(midnight.date())]:
                if since < closes:
                    yield midnight + max(opens, since), midnight + closes
            midnight += ONE_DAY
            since = timedelta()

    def _spans(self, channels: Collection[Channel]) -> tuple[Spans, Spans]:
        """The union of the channels' windows on a day of rest and on a working day."""
        key = frozenset(channels)
        found = self._unions.get(key)
        if found is None:
            found = self._unions[key] = self._union(key)
        return found

    def _union(self, channels: frozenset[Channel]) -> tuple[Spans, Spans]:
        missing = channels - self._channels.keys()
        if missing or not channels:
            raise ValueError(f"no sending hours for {', '.join(sorted(missing)) or 'no channel'}")
        hours = [self._channels[channel] for channel in channels]
        on_rest, on_work = (
            _joined(span for each in hours for span in each.spans(working_day=working))
            for working in (False, True)
        )
        return on_rest, on_work


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _parse_window(text: str) -> Span:
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a window such as 08:00-11:30")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    opens = timedelta(hours=hour, minutes=minute)
    closes = timedelta(hours=end_hour, minutes=end_minute)
    if closes > ONE_DAY:
        raise ValueError(f"the window {text} ends after 24:00")
    if opens >= closes:
        raise ValueError(f"the window {text} ends before it begins; split it at 24:00")
    return opens, closes


def _joined(spans: Iterable[Span]) -> Spans:
    """In order, with spans that touch or overlap made one."""
    joined: list[Span] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)
