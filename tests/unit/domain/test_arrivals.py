"""Deliveries held against those of a week before: told when they fall, and not of a handful."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.arrivals import (
    ArrivalRules,
    Part,
    Verdict,
    arrived,
    deliveries,
    reports,
    stretches,
)
from gateway.domain.status import State

RULES = ArrivalRules(least_ended=50, fell_to=0.85, reports_missing=0.2)


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        pytest.param((950, 1000), (950, 1000), Verdict.WELL, id="as a week before"),
        pytest.param((990, 1000), (950, 1000), Verdict.WELL, id="better"),
        pytest.param((700, 1000), (950, 1000), Verdict.WRONG, id="fell by a quarter"),
        pytest.param((0, 1000), (950, 1000), Verdict.WRONG, id="none arrives"),
        pytest.param((850, 1000), (950, 1000), Verdict.BETWEEN, id="neither nor"),
        pytest.param((890, 1000), (950, 1000), Verdict.WELL, id="half of the way back"),
        pytest.param((10, 49), (950, 1000), Verdict.TOO_FEW, id="few now"),
        pytest.param((0, 0), (950, 1000), Verdict.TOO_FEW, id="none now"),
        pytest.param((700, 1000), (49, 49), Verdict.TOO_FEW, id="few a week before"),
        pytest.param((30, 50), (37, 50), Verdict.BETWEEN, id="may be chance"),
        pytest.param((10, 50), (48, 50), Verdict.WRONG, id="no chance, though of few"),
        pytest.param((0, 1000), (0, 1000), Verdict.WELL, id="nobody ever reported"),
        pytest.param((50, 50), (50, 50), Verdict.WELL, id="all"),
        pytest.param((0, 50), (50, 50), Verdict.WRONG, id="all, then none"),
    ],
)
def test_deliveries_fall_when_clearly_fewer_arrive(
    now: tuple[int, int], before: tuple[int, int], verdict: Verdict
) -> None:
    looked = deliveries(_part(now), _part(before), RULES)
    assert looked.verdict is verdict


@pytest.mark.parametrize(
    ("missing", "verdict"),
    [
        ((0, 1000), Verdict.WELL),
        ((100, 1000), Verdict.WELL),
        ((150, 1000), Verdict.BETWEEN),
        ((201, 1000), Verdict.WRONG),
        ((49, 49), Verdict.TOO_FEW),
        ((0, 0), Verdict.TOO_FEW),
    ],
)
def test_reports_are_missing_above_a_part(missing: tuple[int, int], verdict: Verdict) -> None:
    assert reports(_part(missing), RULES).verdict is verdict


def _part(counts: tuple[int, int]) -> Part:
    return Part(part=counts[0], whole=counts[1])


def test_only_what_ended_and_was_owed_is_judged() -> None:
    states = dict.fromkeys(State, 1) | {State.CANCELLED: 100, State.WAITING: 100}
    # Acknowledged and delivered, of these and unconfirmed, failed, expired.
    assert arrived(states) == Part(part=2, whole=5)


def test_a_stretch_ends_with_a_full_quarter() -> None:
    now = datetime(2026, 3, 2, 9, 44, 59, tzinfo=UTC)
    until = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert stretches(now, (1, 24)) == [
        (until - timedelta(hours=1), until),
        (until - timedelta(days=1), until),
    ]
