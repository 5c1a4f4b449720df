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

# Proof that it reached somebody.
ARRIVED = frozenset({State.DELIVERED, State.ACKNOWLEDGED})

# What may follow what. An open one may end in any way; a late proof outranks every other ending;
# nothing outranks the person's own "understood".
MOVES: dict[State, frozenset[State]] = {
    State.HELD: TERMINAL | {State.WAITING},
    # Waiting on: at its next step, where the pool it waits for can send nothing.
    State.WAITING: TERMINAL | {State.SENDING, State.WAITING, State.HELD},
    State.SENDING: TERMINAL | {State.SENT, State.WAITING, State.HELD},
    State.SENT: TERMINAL | {State.WAITING, State.HELD},
    State.UNCONFIRMED: ARRIVED,
    State.FAILED: ARRIVED,
    State.EXPIRED: ARRIVED,
    State.CANCELLED: ARRIVED,
    State.SUPPRESSED: ARRIVED,
    State.DELIVERED: frozenset({State.ACKNOWLEDGED}),
    State.ACKNOWLEDGED: frozenset(),
}

ALLOWED: tuple[tuple[State, State], ...] = tuple(
    (before, after) for before in State for after in sorted(MOVES[before])
)
