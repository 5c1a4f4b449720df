"""What happened to one notification, in the order of time, each thing under a word of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.domain.outcome import Reason
from gateway.domain.status import ARRIVED, TERMINAL, State
from gateway.ledger.reading import Story


class Turn(StrEnum):
    """What a change of state means to somebody who reads on."""

    ACCEPTED = "accepted"
    SENT_AGAIN = "sent_again"
    REMINDED = "reminded"
    WAITS = "waits"
    NEXT_STEP = "next_step"
    RELEASED = "released"
    HELD = "held"
    PASSED_OVER = "passed_over"
    TAKEN = "taken"
    IN_DOUBT = "in_doubt"
    ENDED = "ended"
    ENDED_OTHERWISE = "ended_otherwise"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A `move` of the notification, which has a `turn`, an `attempt`, or a `receipt`."""

    at: datetime
    what: str
    row: Mapping[str, Any]
    turn: Turn | None = None


def moments(story: Story) -> list[Moment]:
    """That a worker took it is told by the attempt that it made."""
    attempts = [Moment(at=row["opened_at"], what="attempt", row=row) for row in story.attempts]
    receipts = [Moment(at=row["matched_at"], what="receipt", row=row) for row in story.receipts]
    return sorted((*attempts, *receipts, *_moves(story)), key=lambda one: one.at)


def _moves(story: Story) -> Iterator[Moment]:
    attempted = {(row["step"], row["try_no"]) for row in story.attempts}
    before: Mapping[str, Any] | None = None
    for row in story.history:
        if row["state"] != State.SENDING or (row["step"], row["try_no"]) not in attempted:
            is_resend = story.notification.resend_of is not None
            turn = _turn(row, before) if before else _beginning(row, is_resend=is_resend)
            yield Moment(at=row["at"], what="move", row=row, turn=turn)
        before = row


def _beginning(row: Mapping[str, Any], *, is_resend: bool) -> Turn:
    if not is_resend:
        return Turn.ACCEPTED
    return Turn.REMINDED if row["actor"] == "clock" else Turn.SENT_AGAIN


def _turn(row: Mapping[str, Any], before: Mapping[str, Any]) -> Turn:
    match row["state"]:
        case State.HELD:
            return Turn.HELD
        case State.WAITING if row["step"] != before["step"]:
            return Turn.NEXT_STEP
        case State.WAITING:
            return Turn.RELEASED if before["state"] == State.HELD else Turn.WAITS
        case State.SENDING:
            return Turn.PASSED_OVER
        case State.SENT:
            return Turn.IN_DOUBT if row["reason"] == Reason.UNKNOWN_OUTCOME else Turn.TAKEN
    return Turn.ENDED_OTHERWISE if before["state"] in TERMINAL else Turn.ENDED


class Reach(StrEnum):
    """Whether somebody was told."""

    YES = "yes"
    MAYBE = "maybe"
    NOT_YET = "not_yet"
    STOPPED = "stopped"
    NO = "no"


def reach(state: State, attempts: Sequence[Mapping[str, Any]] = ()) -> Reach:
    """One that waits for its next step, or was cancelled, may have arrived by an earlier one."""
    if state in ARRIVED:
        return Reach.YES
    if state in (State.SENT, State.UNCONFIRMED) or any(map(_may_arrive, attempts)):
        return Reach.MAYBE
    if state not in TERMINAL:
        return Reach.NOT_YET
    return Reach.STOPPED if state is State.CANCELLED else Reach.NO


def _may_arrive(attempt: Mapping[str, Any]) -> bool:
    """Taken, or of unknown outcome, and nothing has denied it. One that is under way just now is
    not there yet."""
    hopeful = attempt["outcome"] in ("accepted", "unknown")
    return hopeful and attempt["verdict"] in (None, "progress", "delivered", "acknowledged")
