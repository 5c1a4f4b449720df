"""What reports mean: each is matched to its attempt, confirmed where nobody signed it, and takes
effect by the same rules as a call's own answer.

It is matched by our reference or by the provider's id. One that nobody signed is believed only
after the account, asked for the message's status, says the same. A proof of delivery is never put
away before the notification shows it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from gateway import metrics, tracing
from gateway.domain.hours import SendingHours
from gateway.domain.notification import AttemptResult, Change
from gateway.domain.outcome import PROOFS, Reason, Receipt, Verdict
from gateway.domain.retry import AwaitReceipt, after_receipt
from gateway.domain.status import State
from gateway.ledger import moves, receipts
from gateway.ledger.database import Database
from gateway.ledger.moves import Moved
from gateway.ledger.receipts import Kept, Matched
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services.account_health import AccountHealth
from gateway.services.accounts import Accounts
from gateway.services.advance import Standing, change_of, situation, verdict_of
from gateway.services.database_clock import DatabaseClock
from gateway.services.incoming_receipt import IncomingReceipt, Pair
from gateway.services.inquire import Inquire
from gateway.services.other_receipts import OtherReceipts
from gateway.services.suppress import Suppress
from gateway.services.tallies import Tallies


class Understand:
    """Lets reports take effect."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        inquire: Inquire,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        health: AccountHealth,
        suppress: Suppress,
        tallies: Tallies,
    ) -> None:
        self._database = database
        self._others = OtherReceipts(database)
        self._accounts = accounts
        self._inquire = inquire
        self._hours = hours
        self._clock = clock
        self._health = health
        self._suppress = suppress
        self._tallies = tallies

    async def take_effect(self, reports: Sequence[IncomingReceipt]) -> set[UUID]:
        """The stored requests whose reports must be looked at again later."""
        pairs = await self._others.without(await self._matched(reports))
        confirmed = await asyncio.gather(*(self._confirmed(*pair) for pair in pairs))
        later: set[UUID] = set()
        # Two reports about one notification take turns: the second finds what the first left.
        while confirmed:
            now, rest = _one_per_notification(confirmed)
            later |= {
                report.raw.id
                for report, about in now
                if about and _came_before_the_answer(report, about)
            }
            later |= _about_nothing_known([one for one, about in now if about is None])
            later |= await self._apply(now)
            confirmed = await self._matched([report for report, _ in rest])
        return later

    async def _matched(self, reports: Sequence[IncomingReceipt]) -> list[Pair]:
        if not reports:
            return []
        async with self._database.connection() as connection:
            matched = await receipts.match(
                connection, [(report.account, report.receipt) for report in reports]
            )
        return [(report, matched.get(n)) for n, report in enumerate(reports)]

    async def _confirmed(self, report: IncomingReceipt, about: Matched | None) -> Pair:
        """An unsigned report with the account's own word in place of the caller's."""
        if about is None or not report.receipt.needs_query:
            return report, about
        found = self._accounts.get(about.account)
        try:
            told = report.receipt.provider_id
            said = await self._inquire.ask(found, about, told) if found else None
        except (NotSent, MaybeSent):
            return report, None
        erased = about.sealed is None
        if not isinstance(said, Receipt) and not erased:
            return report, None
        # Nobody can be asked about a person who was erased: the report proves nothing.
        believed = replace(
            said if isinstance(said, Receipt) else Receipt(verdict=Verdict.PROGRESS),
            needs_query=False,
            reference=about.reference,
            provider_id=about.provider_id or report.receipt.provider_id,
        )
        return replace(report, receipt=believed), about

    async def _apply(self, pairs: Sequence[Pair]) -> set[UUID]:
        """Let reports take effect. Those of a proof that had none are read again, like unmatched
        ones: whatever the cause, a proof is not put away before the notification shows it."""
        began_ns = tracing.now_ns()
        known = [(report, about) for report, about in pairs if about is not None]
        changes = [self._change(report, about) for report, about in known]
        moved = await self._write(known, changes)
        again: set[UUID] = set()
        for (report, about), change in zip(known, changes, strict=True):
            metrics.record_receipt(report.account, report.receipt.verdict)
            told = {"account": report.account, "verdict": str(report.receipt.verdict)}
            tracing.record("receipt", about.notification_id, began_ns, **told)
            effect = moved.get(about.notification_id)
            self._tallies.count(change, effect, about.steps, about.account)
            await self._learn(report.receipt, about)
            if effect is None and report.receipt.verdict in PROOFS and not about.is_proven:
                again.add(report.raw.id)
        return again

    async def _learn(self, receipt: Receipt, about: Matched) -> None:
        """What a report says about the account's pace, and about a person who wants no more."""
        if receipt.verdict is not Verdict.PROGRESS and about.verdict in (None, Verdict.PROGRESS):
            self._health.reported(about.account, about.opened_at)
        if receipt.reason is Reason.OPTED_OUT and about.sealed and about.seal_key is not None:
            step = about.steps[about.step]
            await self._suppress.opted_out(
                about.notification_id, about.sealed, about.seal_key, step, about.account
            )

    async def _write(
        self, known: Sequence[tuple[IncomingReceipt, Matched]], changes: Sequence[Change]
    ) -> dict[UUID, Moved]:
        if not known:
            return {}
        async with self._database.transaction() as connection:
            moved = await moves.apply(connection, changes)
            await receipts.keep(connection, [_kept(*pair) for pair in known])
            # The person was erased: that it was delivered is kept, what was said is not.
            erased = [report.raw.id for report, about in known if about.sealed is None]
            await receipts.discard(connection, erased)
        return moved

    def _change(self, report: IncomingReceipt, about: Matched) -> Change:
        receipt = report.receipt
        verdict = verdict_of(receipt)
        # A report with the provider's id also tells that it was taken, should the answer be lost.
        result = None
        proven = receipt.verdict in PROOFS
        if about.outcome in (None, "unknown") and (proven or about.state is not State.SENDING):
            result = AttemptResult(outcome="accepted", provider_id=receipt.provider_id)
        only_learnt = Change(
            notification_id=about.notification_id,
            step=about.step,
            try_no=about.try_no,
            verdict=verdict,
            result=result,
            actor=f"receipt/{about.account}",
        )
        if not proven and not self._decides(about):
            return only_learnt
        found = self._accounts.get(about.account)
        if found is None:
            return only_learnt
        standing = replace(Standing.of_matched(about), accepted=True)
        now, hours = self._clock(), self._hours()
        decision = after_receipt(
            receipt, situation(standing, found.provider.terms, found.account, now, hours)
        )
        change = change_of(standing, decision, now=now, hours=hours, result=result, verdict=verdict)
        if isinstance(decision, AwaitReceipt) and about.state is State.SENT:
            change = replace(change, to=None)
        return replace(change, actor=only_learnt.actor)

    @staticmethod
    def _decides(about: Matched) -> bool:
        """A bad report moves a notification only while it stands at this very attempt."""
        return about.is_current and about.state is State.SENT


def _came_before_the_answer(report: IncomingReceipt, about: Matched) -> bool:
    """A bad report while the call is open, or asked again: it counts once the call has ended."""
    in_doubt = about.state is State.WAITING and about.reason == Reason.UNKNOWN_OUTCOME
    return (
        report.receipt.verdict in (Verdict.FAILED, Verdict.TRY_AGAIN)
        and about.is_current
        and (in_doubt or about.state is State.SENDING)
    )


def _about_nothing_known(reports: Sequence[IncomingReceipt]) -> set[UUID]:
    for report in reports:
        metrics.record_receipt(report.account, "unmatched")
    return {report.raw.id for report in reports}


def _one_per_notification(
    pairs: Sequence[Pair],
) -> tuple[list[Pair], list[Pair]]:
    """The first report about each notification, and those that must wait for their turn."""
    first: dict[object, Pair] = {}
    rest = []
    for report, about in pairs:
        key = about.notification_id if about else (report.raw.id, report.part)
        if key in first:
            rest.append((report, about))
        else:
            first[key] = (report, about)
    return list(first.values()), rest


def _kept(report: IncomingReceipt, about: Matched) -> Kept:
    return Kept(
        notification_id=about.notification_id,
        receipt_id=report.raw.id,
        part=report.part,
        step=about.step,
        try_no=about.try_no,
        receipt=report.receipt,
    )
