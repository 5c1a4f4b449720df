"""The newest records of an account, found by id or by phone; the oldest are forgotten first."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import time
from typing import Generic, Protocol, TypeVar

from gateway.sandbox.course import Course, Word, word_after


@dataclass(kw_only=True, slots=True)
class Sent:
    """A message as its provider keeps it. `phone` is 84…, `taken_at` in Unix seconds."""

    id: str
    reference: str
    phone: str
    sender: str
    text: str
    segments: int
    taken_at: float
    course: Course
    callback: str = ""

    def word(self) -> Word | None:
        """What is true of it now; None while it waits to be sent."""
        return word_after(self.course, time() - self.taken_at)


class Record(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def phone(self) -> str: ...


R = TypeVar("R", bound=Record)


class Archive(Generic[R]):
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_id: dict[str, R] = {}
        self._by_phone: dict[str, deque[R]] = {}

    def add(self, record: R) -> None:
        if len(self._by_id) >= self._limit:
            self._forget_oldest()
        self._by_id[record.id] = record
        self._by_phone.setdefault(record.phone, deque()).append(record)

    def get(self, record_id: str) -> R | None:
        return self._by_id.get(record_id)

    def newest(self, phone: str | None = None) -> Iterator[R]:
        """Newest first; those of one phone where one is given."""
        return reversed(self._by_id.values() if phone is None else self._by_phone.get(phone, ()))

    def _forget_oldest(self) -> None:
        oldest = self._by_id.pop(next(iter(self._by_id)))
        others = self._by_phone[oldest.phone]
        others.popleft()
        if not others:
            del self._by_phone[oldest.phone]
