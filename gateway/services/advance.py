"""What a decision means for the ledger: the step from `retry`'s words to one `Change`.

Deciding is the domain's, writing the ledger's; here they meet, for the worker that sent, for the
receipt that came and for the clock that waited.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from gateway.domain.directory import Account
from gateway.domain.hours import SendingHours
from gateway.domain.notification import (
    AttemptResult,
    AttemptVerdict,
    Change,
    Claimed,
    Due,
    Watch,
    WatchKind,
)
from gateway.domain.outcome import Reason, Receipt
from gateway.domain.retry import (
    AskAgain,
    AwaitReceipt,
    Decision,
    End,
    NextStep,
    QueryLater,
    Situation,
    StepView,
    TermsView,
    TryAgain,
    UnknownPolicy,
)
from gateway.domain.route import Step
from gateway.domain.status import ARRIVED, State
from gateway.ledger.receipts import Matched
from gateway.providers.contract import Terms

_random = random.Random()  # noqa: S311 - spreads retries, guards nothing


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An attempt and the route it belongs to."""

    notification_id: UUID
    step: int
    try_no: int
    steps: Sequence[Step]
    account: str
    times_asked: int
    opened_at: datetime
    accepted: bool = False
    provider_id: str | None = None

    @classmethod
    def of_claimed(cls, claimed: Claimed) -> "Standing":
        return cls(
            notification_id=claimed.id,
            step=claimed.step,
            try_no=claimed.try_no,
            steps=claimed.steps,
            account=claimed.account,
            times_asked=claimed.times_asked,
            opened_at=claimed.opened_at,
        )

    @classmethod
    def of_matched(cls, about: Matched, times_asked: int = 1) -> "Standing":
        return cls(
            notification_id=about.notification_id,
            step=about.step,
            try_no=about.try_no,
            steps=about.steps,
            account=about.account,
            times_asked=times_asked,
            opened_at=about.opened_at,
            accepted=about.outcome == "accepted",
            provider_id=about.provider_id,
        )

    @property
    def current(self) -> Step:
        return self.steps[self.step]


def situation(
    standing: Standing, terms: Terms, account: Account, now: datetime, hours: SendingHours
) -> Situation:
    """Everything the domain needs to decide what follows."""
    step = standing.current
    return Situation(
        step=StepView(
            channel=step.channel,
            tries_s=step.tries_s,
            tries_used=standing.try_no,
            times_asked=standing.times_asked,
            opened_at=standing.opened_at,
            window_s=step.window_s,
            escalate_on_silence=step.escalate_on_silence,
            accepted=standing.accepted,
            has_provider_id=standing.provider_id is not None,
        ),
        terms=TermsView(
            receipts=terms.receipts,
            dedupe_window_s=terms.dedupe_window_s,
            query_by=terms.query_by,
            query_gives_up_after_s=terms.query_gives_up_after_s,
            unknown_policy=UnknownPolicy(account.unknown_policy),
        ),
        now=now,
        hours=hours,
        jitter=_random.random(),
    )


def change_of(
    standing: Standing,
    decision: Decision,
    *,
    now: datetime,
    hours: SendingHours,
    result: AttemptResult | None = None,
    verdict: AttemptVerdict | None = None,
) -> Change:
    """The change that carries the decision out."""
    about = Change(
        notification_id=standing.notification_id,
        step=standing.step,
        try_no=standing.try_no,
        result=result,
        verdict=verdict,
    )
    match decision:
        case TryAgain(delay_s=delay_s, reason=reason, spends_try=spends):
            due = _due(standing.current, delay_s)
            return replace(
                about, to=State.WAITING, reason=reason, due=due, gives_back_try=not spends
            )
        case AskAgain(delay_s=delay_s):
            due = _due(standing.current, delay_s, ask_again=standing.account)
            return replace(about, to=State.WAITING, reason=Reason.UNKNOWN_OUTCOME, due=due)
        case QueryLater(delay_s=delay_s):
            watch = Watch(kind=WatchKind.QUERY, in_s=delay_s)
            return replace(about, to=State.SENT, reason=Reason.UNKNOWN_OUTCOME, watch=watch)
        case AwaitReceipt(window_s=window_s, in_doubt=in_doubt):
            watch = Watch(kind=WatchKind.RECEIPT, in_s=window_s)
            doubt = Reason.UNKNOWN_OUTCOME if in_doubt else None
            return replace(about, to=State.SENT, reason=doubt, watch=watch)
        case NextStep(reason=reason):
            return _next_step(standing, about, reason, now, hours)
        case End(state=state, reason=why):
            proven = state in ARRIVED
            return replace(about, to=state, reason=why, anywhere=proven)
    assert_never(decision)


def verdict_of(receipt: Receipt) -> AttemptVerdict:
    """What a report says, as the ledger keeps it."""
    return AttemptVerdict(
        verdict=receipt.verdict,
        reason=receipt.reason,
        code=receipt.code,
        at=receipt.at,
        cost_vnd=receipt.cost_vnd,
    )


def without_account(step: Step, reason: Reason = Reason.UNKNOWN_OUTCOME) -> Decision:
    """What follows for something that may have been sent through an account that is gone."""
    if step.escalate_on_silence:
        return NextStep(reason=reason)
    return End(state=State.UNCONFIRMED, reason=reason)


def _next_step(
    standing: Standing,
    about: Change,
    reason: Reason,
    now: datetime,
    hours: SendingHours,
) -> Change:
    """On to the next step, or the end; the ledger makes it `unconfirmed` where hope is left."""
    following = standing.step + 1
    if following >= len(standing.steps):
        return replace(about, to=State.FAILED, reason=reason)
    step = standing.steps[following]
    opens_in_s = (hours.next_open(step.channel, now) - now).total_seconds()
    return replace(
        about,
        to=State.WAITING,
        reason=reason,
        next_step=following,
        due=_due(step, max(0.0, opens_in_s)),
    )


def _due(step: Step, in_s: float, ask_again: str | None = None) -> Due:
    return Due(in_s=in_s, pool=step.pool, phone=step.phone_key, ask_again=ask_again)
