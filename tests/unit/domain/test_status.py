"""Which state may follow which: every pair of states, as docs/states.md tells their life."""

import pytest

from gateway.domain.status import ALLOWED, MOVES, OPEN, TERMINAL, State

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


@pytest.mark.parametrize("before", list(State))
def test_a_state_may_become_what_the_table_says_and_nothing_else(before: State) -> None:
    assert {state.value for state in MOVES[before]} == set(MAY_BECOME[before].split())


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(MAY_BECOME) == {state.value for state in State}


def test_what_the_ledger_writes_into_sql_is_the_same_table() -> None:
    assert set(ALLOWED) == {
        (State(before), State(after)) for before, row in MAY_BECOME.items() for after in row.split()
    }


def test_four_states_are_open_and_seven_are_ends() -> None:
    assert {state.value for state in OPEN} == {"held", "waiting", "sending", "sent"}
    assert {state.value for state in TERMINAL} == set(ENDINGS.split())
