"""Counting what changed: one place that turns a change and its effect into metrics and alerts."""

from collections.abc import Sequence

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.notification import Change
from gateway.domain.outcome import PROOFS, Reason
from gateway.domain.route import Step
from gateway.domain.status import TERMINAL
from gateway.ledger.moves import Moved
from gateway.services.accounts import Accounts
from gateway.services.alarm import Alarm

# What an account, its provider or our own text is to blame for.
_OURS = frozenset(
    {
        Reason.CONTENT_REFUSED,
        Reason.PARAMETER_INVALID,
        Reason.TEMPLATE_REFUSED,
        Reason.CREDENTIALS,
        Reason.WALLET_EMPTY,
        Reason.ACCOUNT_MISCONFIGURED,
        Reason.SENDER_NOT_REGISTERED,
        Reason.NO_ACCOUNT,
        Reason.RATE_LIMITED,
        Reason.QUOTA,
        Reason.PROVIDER_UNAVAILABLE,
        Reason.NOT_SENT,
        Reason.UNKNOWN_OUTCOME,
        Reason.UNKNOWN_CODE,
    }
)


class Tallies:
    def __init__(self, accounts: Accounts, alarm: Alarm) -> None:
        self._accounts = accounts
        self._alarm = alarm

    def count(
        self, change: Change, moved: Moved | None, steps: Sequence[Step], account: str
    ) -> None:
        """Count a change that took effect; nothing where it did not."""
        if moved is None:
            return
        channel = steps[change.step].channel if change.step < len(steps) else ""
        if change.next_step is not None and steps[change.next_step].channel != channel:
            metrics.record_fallback(channel, steps[change.next_step].channel)
            self._tell_of_fallback(change, steps[change.step].pool)
        if moved.state not in TERMINAL or moved.had_arrived:
            return
        found = self._accounts.get(account)
        provider = found.account.provider if found else ""
        metrics.record_ended(moved.state, moved.reason, channel, provider)
        if change.verdict is not None and change.verdict.verdict in PROOFS:
            metrics.record_delivery(channel, moved.age_s)

    def _tell_of_fallback(self, change: Change, pool: str) -> None:
        """One for which the person is not the reason is told to operators although the notice goes
        out: it costs more, and would otherwise hide what is broken."""
        if change.reason in _OURS:
            detail = str(change.reason)
            self._alarm.note(Alert(kind=AlertKind.FALLBACK_USED, subject=pool, detail=detail))
