"""Counting what changed: one place that turns a change and its effect into metrics."""

from collections.abc import Sequence

from gateway import metrics
from gateway.domain.notification import Change
from gateway.domain.outcome import Verdict
from gateway.domain.route import Step
from gateway.domain.status import TERMINAL
from gateway.ledger.moves import Moved
from gateway.services.accounts import Accounts

_PROVEN = (Verdict.DELIVERED, Verdict.ACKNOWLEDGED)


def tally(
    change: Change,
    moved: Moved | None,
    steps: Sequence[Step],
    accounts: Accounts,
    account: str,
) -> None:
    """Count a change that took effect; nothing where it did not."""
    if moved is None:
        return
    channel = steps[change.step].channel if change.step < len(steps) else ""
    if change.next_step is not None and steps[change.next_step].channel != channel:
        metrics.record_fallback(channel, steps[change.next_step].channel)
    if moved.state not in TERMINAL:
        return
    found = accounts.get(account)
    provider = found.account.provider if found else ""
    metrics.record_ended(moved.state, moved.reason, channel, provider)
    if change.verdict is not None and change.verdict.verdict in _PROVEN:
        metrics.record_delivery(channel, moved.age_s)
