"""How a notification lives: its states, the one table of allowed moves, and who outranks whom.

A notification is accepted as `waiting` (or `held` by the storm guard). A worker claims it
(`sending`), the provider takes it (`sent`), and a receipt, a silence or a refusal ends it. Every
change of state anywhere in the product is one of the moves below; the ledger applies it with a
conditional write built from this same table and appends a history row in the same transaction.
"""

from enum import StrEnum


class State(StrEnum):
    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    DELIVERED = "delivered"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


OPEN = frozenset({State.HELD, State.WAITING, State.SENDING, State.SENT})
TERMINAL = frozenset(State) - OPEN

_ENDINGS_OF_AN_OPEN_ONE = {
    State.ACKNOWLEDGED,
    State.DELIVERED,
    State.UNCONFIRMED,
    State.FAILED,
    State.EXPIRED,
    State.CANCELLED,
    State.SUPPRESSED,
}

# What may follow what. A late proof of delivery outranks every other ending; nothing outranks
# the person's own "understood".
MOVES: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.WAITING} | _ENDINGS_OF_AN_OPEN_ONE),
    # Waiting on: at its next step, where the pool it waits for can send nothing.
    State.WAITING: frozenset({State.SENDING, State.WAITING, State.HELD} | _ENDINGS_OF_AN_OPEN_ONE),
    State.SENDING: frozenset({State.SENT, State.WAITING, State.HELD} | _ENDINGS_OF_AN_OPEN_ONE),
    State.SENT: frozenset({State.WAITING, State.HELD} | _ENDINGS_OF_AN_OPEN_ONE),
    State.UNCONFIRMED: frozenset({State.DELIVERED, State.ACKNOWLEDGED}),
    State.FAILED: frozenset({State.DELIVERED, State.ACKNOWLEDGED}),
    State.EXPIRED: frozenset({State.DELIVERED, State.ACKNOWLEDGED}),
    State.CANCELLED: frozenset({State.DELIVERED, State.ACKNOWLEDGED}),
    State.SUPPRESSED: frozenset({State.DELIVERED, State.ACKNOWLEDGED}),
    State.DELIVERED: frozenset({State.ACKNOWLEDGED}),
    State.ACKNOWLEDGED: frozenset(),
}

ALLOWED: tuple[tuple[State, State], ...] = tuple(
    (before, after) for before in State for after in sorted(MOVES[before])
)


class MoveNotAllowed(ValueError):
    """This change of state is not in the table of moves."""


def transition(before: State, after: State) -> State:
    """`after`, if the table allows it from `before`; raises MoveNotAllowed otherwise."""
    if after not in MOVES[before]:
        raise MoveNotAllowed(f"{before} may not become {after}")
    return after
