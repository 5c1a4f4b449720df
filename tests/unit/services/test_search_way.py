"""How a search goes back: longer while it costs little, shorter where it must, otherwise where what
is looked for is rare, and always further."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.domain.identity import uuid7_floor
from gateway.errors import LedgerUnavailable
from gateway.services.search_way import ALL_MS, FIRST_MS, Stretch, Way

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
FIRST = timedelta(milliseconds=FIRST_MS)
LAST = UUID(int=(1 << 128) - 1)


def at(**ago: float) -> UUID:
    return uuid7_floor(NOW - timedelta(**ago))


def way(**how: object) -> Way:
    values = {"floor": at(days=400), "before": LAST, "ends": 1.0, "wanted": 51, **how}
    return Way(**values)  # type: ignore[arg-type]


def walk(one: Way, took_s: float, tick: float = 0.0, found: int = 0) -> Stretch:
    """One stretch that was looked at."""
    stretch = one.next(tick, NOW)
    one.went(stretch, tick, tick + took_s, found)
    return stretch


def length(stretch: Stretch) -> timedelta:
    return timedelta(milliseconds=stretch.length_ms)


def test_stretches_follow_each_other_and_take_half_of_what_they_may() -> None:
    one, tick, stretches, lengths = way(), 0.0, list[Stretch](), [1.0]
    for took_s, times in ((0.005, 6), (0.02, 6), (0.12, 0.7 * 0.855 / 2 / 0.12), (0.25, 0)):
        stretches.append(walk(one, took_s, tick))
        tick += took_s
        lengths.append(lengths[-1] * times)
    assert [length(each) / FIRST for each in stretches] == pytest.approx(lengths[:4], rel=1e-4)
    assert [later.before for later in stretches[1:]] == [one.since for one in stretches[:-1]]


def test_a_stretch_may_take_a_part_of_the_time_and_the_first_a_smaller_one() -> None:
    one = way()
    assert one.next(0.2, NOW).at_most_s == pytest.approx(0.8 * 0.4)
    walk(one, 0.01, tick=0.2)
    assert one.next(0.25, NOW).at_most_s == pytest.approx(0.75 * 0.7)
    assert not one.is_over(0.9)
    assert one.is_over(1.1)


def test_a_first_one_that_breaks_off_is_tried_shorter_until_one_may_last() -> None:
    one, lengths, tick = way(), list[timedelta](), 0.0
    while (stretch := one.next(tick, NOW)).at_most_s is not None:
        lengths.append(length(stretch))
        tick += stretch.at_most_s
        one.broke_off(stretch)
        assert not one.is_over(2.0)
    assert [round(FIRST / each, -2) for each in lengths] == [0, 0, 100, 1700, 20800]
    assert tick < 1.0
    assert length(stretch) == timedelta(milliseconds=500)
    one.went(stretch, tick, tick + 3, 0)
    assert one.is_over(tick + 3)
    assert one.before == at(milliseconds=500)


def test_of_all_there_is_a_part_is_tried_of_what_there_is() -> None:
    one = way(length_ms=ALL_MS, floor=at(days=24))
    stretch = one.next(0.0, NOW)
    assert stretch.since == at(days=24)
    one.broke_off(stretch)
    assert length(one.next(0.5, NOW)) == timedelta(days=2)


def test_a_later_one_that_breaks_off_is_tried_shorter_while_there_is_time() -> None:
    one = way()
    first = walk(one, 0.01)
    stretch = one.next(0.02, NOW)
    one.broke_off(stretch)
    again = one.next(0.7, NOW)
    assert (again.before, length(again)) == (first.since, length(stretch) / 12)
    assert not one.is_over(0.7)
    assert one.is_over(1.0)


def test_it_turns_to_what_is_rare_once_a_page_would_take_too_long() -> None:
    common, rare, plain = way(may_turn=True), way(may_turn=True), way()
    walk(common, 0.1, found=10)
    walk(rare, 0.1, found=2)
    walk(plain, 0.1, found=0)
    assert [one.next(0.1, NOW).is_rare for one in (common, rare, plain)] == [False, True, False]
    soon = way(may_turn=True)
    walk(soon, 0.01, found=0)
    assert not soon.next(0.01, NOW).is_rare


def test_words_that_are_rare_are_looked_up_month_by_month() -> None:
    one = way(may_turn=True, by_month=True)
    walk(one, 0.1)
    stretches = [walk(one, 0.4, tick=0.1) for _ in range(3)]
    months = [uuid7_floor(datetime(2026, month, 1, tzinfo=UTC)) for month in (11, 10, 9)]
    assert [stretch.since for stretch in stretches] == months
    assert all(stretch.is_rare for stretch in stretches)


def test_what_is_not_so_rare_is_met_on_the_way_again() -> None:
    one = way(may_turn=True)
    walk(one, 0.1)
    stretch = one.next(0.2, NOW)
    assert (stretch.is_rare, stretch.at_most_s) == (True, pytest.approx(0.56))
    one.broke_off(stretch)
    again = one.next(0.6, NOW)
    assert (again.is_rare, length(again)) == (False, length(stretch) / 12)
    assert not one.is_over(0.6)
    walk(one, 0.3, tick=0.6)
    assert not one.next(0.9, NOW).is_rare


def test_what_takes_too_long_to_meet_shows_to_be_rare() -> None:
    one = way(may_turn=True)
    stretch = one.next(0.0, NOW)
    assert (stretch.is_rare, stretch.at_most_s) == (False, pytest.approx(0.4))
    one.broke_off(stretch)
    assert one.next(0.4, NOW).is_rare
    assert not one.is_over(0.4)


def test_who_knows_that_it_is_rare_never_looks_otherwise() -> None:
    one = way(is_rare=True, length_ms=ALL_MS)
    for _ in range(3):
        stretch = one.next(0.1, NOW)
        assert stretch.is_rare
        one.broke_off(stretch)
    walk(one, 0.1, tick=0.5)
    assert one.next(0.6, NOW).is_rare


def test_a_ledger_that_does_not_answer_over_the_shortest_stretch_is_away() -> None:
    one = way(length_ms=500)
    with pytest.raises(LedgerUnavailable):
        one.broke_off(one.next(0.0, NOW))
