"""The rules by which an attempt goes on, each from a situation to a decision."""

from typing import assert_never

from gateway.domain.hours import next_morning
from gateway.domain.outcome import (
    STOPPING,
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.domain.retry.decision import (
    AskAgain,
    AwaitReceipt,
    Decision,
    End,
    NextStep,
    QueryLater,
    TryAgain,
)
from gateway.domain.retry.situation import JITTER, Situation, UnknownPolicy, schedule, spread
from gateway.domain.status import State

# The waits before each further call under one reference; after the last, asking ends.
ASK_AGAIN_S = (2, 10, 60, 600, 600, 600, 600, 600)
# A call lasts a minute at most; the rest is for clocks that differ between us and the provider.
DEDUPE_MARGIN_S = 90
FIRST_QUERY_S = 30
LONGEST_QUERY_WAIT_S = 3600
# A request whose answer was lost can still stand in the provider's own queue.
MISSING_BELIEVED_AFTER_S = 120
LONGEST_RETRY_AFTER_S = 3600
RATE_LIMITED_S = 2
STOPPED_S = 1
DEFERRED_S = 60
# All that waited for the morning would otherwise leave in the same second.
MORNING_SPREAD_S = 300


def decide(outcome: Outcome, at: Situation) -> Decision:
    """What follows the end of a call."""
    match outcome:
        case Accepted():
            return _after_accepted(outcome, at)
        case Deferred():
            return _after_deferred(outcome, at)
        case Rejected():
            return _after_rejected(outcome, at)
        case Unknown():
            return _resolve(at)
    assert_never(outcome)


def after_receipt(receipt: Receipt, at: Situation) -> Decision:
    """What follows a report about the step that is under way."""
    match receipt.verdict:
        case Verdict.ACKNOWLEDGED:
            return End(state=State.ACKNOWLEDGED)
        case Verdict.DELIVERED:
            return End(state=State.DELIVERED)
        case Verdict.FAILED:
            return NextStep(reason=receipt.reason or Reason.CARRIER_REJECTED)
        case Verdict.TRY_AGAIN:
            return _try_again(receipt.reason or Reason.HANDSET_UNREACHABLE, at)
        case Verdict.PROGRESS:
            has_id = at.step.has_provider_id or receipt.provider_id is not None
            return _wait_on(at.as_accepted(has_provider_id=has_id))
    assert_never(receipt.verdict)


def after_query(answer: Receipt | Missing | None, at: Situation) -> Decision:
    """What follows the account's answer about an attempt; None where it could not tell."""
    if isinstance(answer, Receipt):
        return after_receipt(answer, at)
    if at.step.accepted:
        return _wait_on(at)
    if answer is None:
        return _query_later(at) or _wait_on(at)
    if at.age_s < MISSING_BELIEVED_AFTER_S:
        return QueryLater(delay_s=MISSING_BELIEVED_AFTER_S - at.age_s)
    return _try_again(Reason.NOT_SENT, at)


def after_window(at: Situation) -> Decision:
    """What follows a receipt window that closes in silence."""
    if at.step.accepted:
        return _after_silence(at)
    if at.terms.unknown_policy is UnknownPolicy.RESEND:
        resent = _try_again(Reason.UNKNOWN_OUTCOME, at)
        if isinstance(resent, TryAgain):
            return resent
    if at.step.escalate_on_silence:
        return NextStep(reason=Reason.UNKNOWN_OUTCOME)
    return End(state=State.UNCONFIRMED, reason=Reason.UNKNOWN_OUTCOME)


def _after_silence(at: Situation) -> Decision:
    """Only where a delivery would have been reported does silence mean anything."""
    if not at.terms.reports_delivery:
        return End(state=State.UNCONFIRMED, reason=Reason.NO_RECEIPTS)
    if at.step.escalate_on_silence:
        return NextStep(reason=Reason.RECEIPT_MISSING)
    return End(state=State.UNCONFIRMED, reason=Reason.RECEIPT_MISSING)


def _after_accepted(accepted: Accepted, at: Situation) -> Decision:
    waits = AwaitReceipt(window_s=at.step.window_s)
    if at.can_be_resolved:
        return waits
    taken = at.as_accepted(has_provider_id=accepted.provider_id is not None)
    return waits if taken.can_be_resolved else after_window(taken)


def _after_deferred(deferred: Deferred, at: Situation) -> Decision:
    told_s = _told_to_wait_s(deferred, at)
    if at.step.times_asked > 1:
        # Only this call was certainly not sent: an earlier one under its reference still may be.
        return _resolve(at, not_before_s=told_s)
    if deferred.spends_try:
        return _try_again(deferred.reason, at, not_before_s=told_s)
    delay_s = at.until_open_s(told_s or spread(DEFERRED_S, at.jitter))
    return TryAgain(delay_s=delay_s, reason=deferred.reason, spends_try=False)


def _after_rejected(rejected: Rejected, at: Situation) -> Decision:
    if rejected.blame is not Blame.ACCOUNT:
        return NextStep(reason=rejected.reason)
    if at.step.times_asked > 1:
        # What is wrong with the account now says nothing about the earlier call.
        return _resolve(at)
    return _try_again(rejected.reason, at)


def _told_to_wait_s(deferred: Deferred, at: Situation) -> float:
    """How long the answer asks to wait; 0 where it does not say."""
    if deferred.retry_after_s is not None:
        told_s = min(max(deferred.retry_after_s, 1), LONGEST_RETRY_AFTER_S)
        return told_s * (1 + JITTER * at.jitter)
    if deferred.reason in (Reason.NIGHT, Reason.QUOTA):
        return (next_morning(at.now) - at.now).total_seconds() + MORNING_SPREAD_S * at.jitter
    if deferred.reason is Reason.RATE_LIMITED:
        return spread(RATE_LIMITED_S, at.jitter)
    if deferred.reason in STOPPING:
        # Another account of the pool may take it; where there is none, nothing is claimed.
        return spread(STOPPED_S, at.jitter)
    return 0


def _try_again(reason: Reason, at: Situation, not_before_s: float = 0) -> TryAgain | NextStep:
    scheduled_s = schedule(at.step.tries_s, at.step.tries_used, at.jitter)
    if scheduled_s is None:
        return NextStep(reason=reason)
    return TryAgain(delay_s=at.until_open_s(max(scheduled_s, not_before_s)), reason=reason)


def _resolve(at: Situation, not_before_s: float = 0) -> Decision:
    """The ways to learn what became of a call, the surest first."""
    if not at.can_be_resolved:
        return _ask_again(at, not_before_s) or after_window(at)
    waits = AwaitReceipt(window_s=at.step.window_s, in_doubt=True)
    return _ask_again(at, not_before_s) or _query_later(at) or waits


def _ask_again(at: Situation, not_before_s: float) -> AskAgain | None:
    """Asking keeps to the channel's hours: where the first call was lost, it is what sends."""
    if at.step.times_asked > len(ASK_AGAIN_S):
        return None
    delay_s = max(spread(ASK_AGAIN_S[at.step.times_asked - 1], at.jitter), not_before_s)
    delay_s = at.until_open_s(delay_s)
    recognised = at.age_s + delay_s + DEDUPE_MARGIN_S <= at.terms.dedupe_window_s
    return AskAgain(delay_s=delay_s) if recognised else None


def may_ask_again(at: Situation) -> bool:
    """Whether the account still recognises the reference now: a pause may have come between the
    decision and the call. Half the margin is left for what was decided with all of it."""
    return at.age_s + DEDUPE_MARGIN_S / 2 <= at.terms.dedupe_window_s


def _query_later(at: Situation) -> QueryLater | None:
    """Each wait is as long as the attempt is old, so that queries grow rarer."""
    left_s = at.terms.query_gives_up_after_s - at.age_s
    if not at.can_be_queried or left_s <= 0:
        return None
    wait_s = min(max(at.age_s, FIRST_QUERY_S), LONGEST_QUERY_WAIT_S)
    return QueryLater(delay_s=min(wait_s, left_s))


def _wait_on(at: Situation) -> Decision:
    """What is left of the receipt window, or what follows its end."""
    left_s = at.step.window_s - at.age_s
    if left_s <= 0:
        return after_window(at)
    return AwaitReceipt(window_s=left_s, in_doubt=not at.step.accepted)
