"""The numbers that Viettel could not reach on a day, read page by page and known for minutes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field
from datetime import date

from gateway.providers.outbound import WireError

MOST_PAGES = 25
# After a list that could not be read to its end, it is not asked for again for so long.
UNREAD_FOR_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    numbers: frozenset[str] = field(repr=False)
    until: float


class FailedNumbers:
    """Lists by day, each asked for once whatever number of messages needs it.

    `read_page` answers the numbers on a page, counted from 1; a page that brings nothing new is the
    last. `lasts_s` is how long a list serves before it is asked for again.
    """

    def __init__(
        self, read_page: Callable[[date, int], Awaitable[Set[str]]], lasts_s: float
    ) -> None:
        self._read_page = read_page
        self._lasts_s = lasts_s
        self._known: dict[date, _Known] = {}
        self._turn = asyncio.Lock()

    async def of(self, day: date) -> Set[str]:
        """What is known of that day: a number that is absent may have failed all the same."""
        async with self._turn:
            now = time.monotonic()
            self._known = {key: one for key, one in self._known.items() if one.until > now}
            if day not in self._known:
                self._known[day] = await self._read(day)
            return self._known[day].numbers

    async def _read(self, day: date) -> _Known:
        numbers: set[str] = set()
        lasts_s = self._lasts_s
        try:
            for page in range(1, MOST_PAGES + 1):
                found = await self._read_page(day, page)
                if found <= numbers:
                    break
                numbers |= found
        except WireError:
            lasts_s = min(lasts_s, UNREAD_FOR_S)
        return _Known(numbers=frozenset(numbers), until=time.monotonic() + lasts_s)
