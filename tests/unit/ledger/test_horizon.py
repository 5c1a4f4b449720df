"""From where a queue is looked at: near its first row, and now and then from the beginning."""

from datetime import UTC, datetime, timedelta

from gateway.ledger import horizon
from gateway.ledger.horizon import Horizon

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Stopwatch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _of_times() -> tuple[Horizon[datetime], Stopwatch]:
    made, stopwatch = horizon.of_times(), Stopwatch()
    made.monotonic = stopwatch
    return made, stopwatch


def test_the_first_look_begins_before_everything() -> None:
    made, _ = _of_times()
    assert made.look() < datetime(2024, 1, 1, tzinfo=UTC)


def test_the_next_look_begins_a_minute_before_what_was_seen_first() -> None:
    made, stopwatch = _of_times()
    made.look()
    made.saw(NOON)
    stopwatch.now += 4
    assert made.look() == NOON - timedelta(minutes=1)


def test_every_five_seconds_a_look_begins_before_everything() -> None:
    made, stopwatch = _of_times()
    made.look()
    made.saw(NOON)
    stopwatch.now += 5
    assert made.look() == made.beginning
    made.saw(NOON)
    stopwatch.now += 1
    assert made.look() == NOON - timedelta(minutes=1)


def test_it_goes_back_when_a_look_from_the_beginning_finds_something_older() -> None:
    made, stopwatch = _of_times()
    made.look()
    made.saw(NOON)
    stopwatch.now += 5
    made.look()
    made.saw(NOON - timedelta(hours=1))
    stopwatch.now += 1
    assert made.look() == NOON - timedelta(hours=1, minutes=1)


def test_numbers_leave_room_for_ten_thousand_that_commit_late() -> None:
    made = horizon.of_numbers()
    assert made.look() == 0
    made.saw(25_000)
    assert made.look() == 15_000
    made.saw(3)
    assert made.look() == 0
