"""The story of a message: claimed, made ready, handed to a provider, and what came of it.

A worker serves a lane for a slice of time (`serve_lane`). It claims no more due notifications than
it has room to call for; the claim commits each attempt with its account and reference before anyone
is called. From there on each message goes its own way, told here: `prepare` opens and renders it;
its account's provider is called once, while no transaction is open; the domain (`retry`) decides
what the ending means; `outcomes` writes that in groups. Whatever happens to this process, the
attempt row tells the clock (`sweep`) where to go on. Reports that come later are for `receive`.
"""

import time

import structlog

from gateway import metrics, tracing
from gateway.domain.billing import billed_parts, estimate_vnd
from gateway.domain.directory import Account
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.message import SmsBody
from gateway.domain.notification import AttemptResult, Change, Claimed
from gateway.domain.outcome import Accepted, Blame, Outcome, Rejected, Unknown
from gateway.domain.retry import decide
from gateway.errors import LedgerUnavailable
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of
from gateway.services.account_health import AccountHealth
from gateway.services.accounts import OpenAccount
from gateway.services.compose import Compose
from gateway.services.learn import Learn
from gateway.services.lease import Lease, LeaseLost
from gateway.services.outcomes import Outcomes
from gateway.services.prepare import Prepare, Ready
from gateway.services.tallies import Tallies

log = structlog.get_logger()


class Deliver:
    """Sends one claimed notification after the other, or many at once."""

    def __init__(
        self,
        *,
        prepare: Prepare,
        compose: Compose,
        health: AccountHealth,
        outcomes: Outcomes,
        learn: Learn,
        tallies: Tallies,
    ) -> None:
        self._prepare = prepare
        self._compose = compose
        self._health = health
        self._outcomes = outcomes
        self._learn = learn
        self._tallies = tallies

    async def deliver(self, claimed: Claimed, found: OpenAccount | None, lease: Lease) -> None:
        """From the claim to what is written of it. The room taken in `found` is given back; nothing
        is raised, because nobody waits for it."""
        # A task of its own: whatever is logged in it is about this notification.
        structlog.contextvars.bind_contextvars(notification_id=show(NOTIFICATION, claimed.id))
        try:
            change = await self._called(claimed, found, lease)
            moved = await self._outcomes.write(change)
            await self._learn.of_person(claimed, change)
        except LeaseLost:
            log.warning("lease_lost")
            return
        except LedgerUnavailable:
            # The attempt stays open; its lease runs out and the clock finds out what became of it.
            log.warning("outcome_not_written")
            return
        except Exception as error:
            log.exception("delivery_failed", error=type(error).__name__)
            return
        self._tallies.count(change, moved, claimed.steps, claimed.account)

    async def written(self) -> None:
        """Once every outcome is in the ledger."""
        await self._outcomes.written()

    async def _called(self, claimed: Claimed, found: OpenAccount | None, lease: Lease) -> Change:
        outcome: Outcome | None = None
        try:
            ready = await self._prepare.ready(claimed, found)
            if isinstance(ready, Change):
                return ready
            if not lease.leaves_time_to_call():
                return self._prepare.given_back(claimed, 0)
            outcome = await self._call(claimed, ready)
        finally:
            if found is not None:
                found.end(outcome)
        await self._health.heed(ready.found, outcome)
        self._learn.of_use(claimed, ready.language, outcome)
        decision = decide(outcome, self._prepare.situation(claimed, ready.found))
        return self._prepare.change(claimed, decision, self._result(claimed, ready, outcome))

    async def _call(self, claimed: Claimed, ready: Ready) -> Outcome:
        """One submission, timed and counted; whatever the wire did becomes an ending."""
        account, started, began_ns = ready.found.account, time.monotonic(), tracing.now_ns()
        try:
            outcome = await ready.found.provider.send(ready.message)
        except (NotSent, MaybeSent) as error:
            outcome = outcome_of(error)
        finally:
            took_s = time.monotonic() - started
            metrics.record_call(account.provider, account.code, took_s)
        self._health.called(ready.found, outcome, took_s)
        _count(claimed, account, outcome)
        tracing.record(
            "provider_call",
            claimed.id,
            began_ns,
            channel=claimed.current.channel,
            provider=account.provider,
            account=account.code,
            outcome=type(outcome).__name__.lower(),
            reason="" if isinstance(outcome, Accepted) else str(outcome.reason),
        )
        return outcome

    def _result(self, claimed: Claimed, ready: Ready, outcome: Outcome) -> AttemptResult:
        body, account = ready.body, ready.found.account
        sealed, seal_key = self._compose.sealed_text(claimed, body)
        accepted = outcome if isinstance(outcome, Accepted) else None
        told = accepted.segments if accepted else None
        counted = billed_parts(account, body) if isinstance(body, SmsBody) else None
        return AttemptResult(
            outcome=type(outcome).__name__.lower(),
            reason=None if isinstance(outcome, Accepted) else outcome.reason,
            code=outcome.code,
            provider_id=accepted.provider_id if accepted else None,
            segments=told or counted,
            cost_vnd=accepted.cost_vnd if accepted else None,
            estimate_vnd=(
                estimate_vnd(account, body) if isinstance(outcome, Accepted | Unknown) else None
            ),
            sealed=sealed,
            seal_key=seal_key,
        )


def _count(claimed: Claimed, account: Account, outcome: Outcome) -> None:
    reason = None if isinstance(outcome, Accepted) else outcome.reason
    channel = claimed.current.channel
    metrics.record_outcome(
        channel, account.provider, account.code, type(outcome).__name__.lower(), reason
    )
    if claimed.step == 0 and claimed.try_no == 1 and claimed.times_asked == 1:
        metrics.record_first_submission(
            channel, max(0.0, (claimed.now - claimed.accepted_at).total_seconds())
        )
    if isinstance(outcome, Rejected) and outcome.blame is Blame.ACCOUNT:
        log.error("account_refused", account=account.code, reason=outcome.reason)
