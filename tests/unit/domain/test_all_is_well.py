"""When all is well, and what is told where it is not."""

from typing import Any

import pytest

from gateway.domain.statistics import (
    GROUP_OF,
    Concern,
    Group,
    Signs,
    arrived_share,
    concerns,
    grouped,
)
from gateway.domain.status import State


def signs(**changes: Any) -> Signs:
    well: dict[str, Any] = {
        "is_current": True,
        "alerts": 0,
        "failing": 0,
        "pauses": 0,
        "oldest_s": 900.0,
        "today": groups(arrived=80, lost=20),
        "budgets_spent": [0.2, 1.0],
    }
    return Signs(**{**well, **changes})


def groups(**counts: int) -> dict[Group, int]:
    return {**dict.fromkeys(Group, 0), **{Group(name): count for name, count in counts.items()}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="all is well"),
        pytest.param({"pauses": 1}, [Concern.PAUSED], id="paused"),
        pytest.param({"alerts": 2}, [Concern.ALERTS], id="open alerts"),
        pytest.param({"failing": 1}, [Concern.ACCOUNTS_FAIL], id="an account fails"),
        pytest.param({"oldest_s": 901.0}, [Concern.WAITS_LONG], id="one waits too long"),
        pytest.param({"today": groups(arrived=79, lost=21)}, [Concern.FEW_ARRIVE], id="few arrive"),
        pytest.param(
            {"today": groups(arrived=79, uncertain=21)}, [Concern.FEW_ARRIVE], id="few surely do"
        ),
        pytest.param({"today": groups(arrived=1, lost=48)}, [], id="too few to say"),
        pytest.param(
            {"today": groups(arrived=80, lost=20, not_owed=900, under_way=900)},
            [],
            id="what was not owed or has not ended says nothing",
        ),
        pytest.param({"budgets_spent": [0.1, 1.01]}, [Concern.OVER_BUDGET], id="over budget"),
        pytest.param({"is_current": False}, [Concern.NOT_CURRENT], id="figures are old"),
        pytest.param(
            {"pauses": 1, "alerts": 1, "is_current": False},
            [Concern.PAUSED, Concern.ALERTS, Concern.NOT_CURRENT],
            id="the gravest first",
        ),
    ],
)
def test_what_is_of_concern(changes: dict[str, Any], expected: list[Concern]) -> None:
    assert list(concerns(signs(**changes))) == expected


def test_every_state_belongs_to_a_group() -> None:
    assert set(GROUP_OF) == set(State)
    assert grouped(dict.fromkeys(State, 1)) == {
        Group.ARRIVED: 2,
        Group.UNDER_WAY: 4,
        Group.UNCERTAIN: 1,
        Group.LOST: 2,
        Group.NOT_OWED: 2,
    }


def test_no_share_is_told_before_anything_ended() -> None:
    assert arrived_share(groups(under_way=3, not_owed=2)) is None
