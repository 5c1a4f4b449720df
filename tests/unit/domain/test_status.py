"""Which state may follow which: every pair of states, as DESIGN describes the life of one."""

from itertools import product

import pytest

from gateway.domain.status import ALLOWED, OPEN, TERMINAL, MoveNotAllowed, State, transition

ENDINGS = "acknowledged delivered unconfirmed failed expired cancelled suppressed"
BETTER_NEWS = "delivered acknowledged"
# An open one may wait, wait on at its next step, be held or end in any way; only a worker's claim
# begins sending, only a provider's acceptance makes it sent. What has ended changes only for proof
# that it arrived.
MAY_BECOME = {
    "held": f"waiting {ENDINGS}",
    "waiting": f"waiting held sending {ENDINGS}",
    "sending": f"held waiting sent {ENDINGS}",
    "sent": f"held waiting {ENDINGS}",
    "unconfirmed": BETTER_NEWS,
    "failed": BETTER_NEWS,
    "expired": BETTER_NEWS,
    "cancelled": BETTER_NEWS,
    "suppressed": BETTER_NEWS,
    "delivered": "acknowledged",
    "acknowledged": "",
}


def _pairs(*, allowed: bool) -> list[object]:
    return [
        pytest.param(State(before), State(after), id=f"{before}-to-{after}")
        for before, after in product(MAY_BECOME, repeat=2)
        if (after in MAY_BECOME[before].split()) is allowed
    ]


@pytest.mark.parametrize(("before", "after"), _pairs(allowed=True))
def test_a_move_of_the_table_is_allowed(before: State, after: State) -> None:
    assert transition(before, after) is after


@pytest.mark.parametrize(("before", "after"), _pairs(allowed=False))
def test_any_other_move_is_refused(before: State, after: State) -> None:
    with pytest.raises(MoveNotAllowed, match=f"{before} may not become {after}"):
        transition(before, after)


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(MAY_BECOME) == {state.value for state in State}


def test_what_the_ledger_writes_into_sql_is_the_same_table() -> None:
    assert set(ALLOWED) == {
        (State(before), State(after)) for before, row in MAY_BECOME.items() for after in row.split()
    }


def test_four_states_are_open_and_seven_are_ends() -> None:
    assert {state.value for state in OPEN} == {"held", "waiting", "sending", "sent"}
    assert {state.value for state in TERMINAL} == set(ENDINGS.split())
