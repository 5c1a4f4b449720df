"""What providers report: verified, stored raw, answered, and only then understood.

A report is matched to its attempt by our reference or by the provider's id. Unmatched ones are
looked at again for hours, because a report may overtake the answer it belongs to. One that nobody
signed is believed only after the account, asked for the message's status, says the same.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from gateway import metrics
from gateway.domain.hours import SendingHours
from gateway.domain.notification import AttemptResult, Change
from gateway.domain.outcome import Reason, Receipt, Verdict
from gateway.domain.retry import AwaitReceipt, after_receipt
from gateway.domain.status import State
from gateway.errors import LedgerUnavailable
from gateway.ledger import horizon, moves, receipts
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.moves import Moved
from gateway.ledger.receipts import Kept, Matched, RawReceipt
from gateway.providers.contract import (
    CallMoment,
    NotAReceipt,
    ReceiptRequest,
    VoiceProvider,
)
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.sealing import Sealer
from gateway.services import raw_receipt
from gateway.services.account_health import AccountHealth
from gateway.services.account_news import AccountNews
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.advance import Standing, change_of, situation, verdict_of
from gateway.services.database_clock import DatabaseClock
from gateway.services.inquire import Inquire
from gateway.services.suppress import Suppress
from gateway.services.tallies import Tallies

log = structlog.get_logger()

# Left to the process that stored it; after that the clock reads it.
_RESCUE_AFTER_S = 15.0
# A provider waits for the storing, nobody for the reading.
_STORED_APART_S, _READ_APART_S = 0.01, 0.05
_PROVEN = (Verdict.DELIVERED, Verdict.ACKNOWLEDGED)


class Refused(Exception):
    """The request does not prove that it comes from the provider."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """The waits before an unmatched report is looked at again, the last of which repeats; after
    `keep_s` altogether it is left to staff."""

    unmatched_retry_s: Sequence[float]
    keep_s: float

    def wait_s(self, tries: int) -> float | None:
        waits = self.unmatched_retry_s
        last = len(waits) - 1
        waited_s = sum(waits[:tries]) + waits[last] * max(0, tries - last - 1)
        return waits[min(tries, last)] if waited_s < self.keep_s else None


@dataclass(frozen=True, kw_only=True)
class _Report:
    """One report out of one stored request, and the account it is about."""

    raw: RawReceipt
    part: int
    receipt: Receipt
    account: str


class Receive:
    """Takes reports in at the edge, and reads what was stored, here or in the clock."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        inquire: Inquire,
        news: AccountNews,
        sealer: Sealer,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        patience: Patience,
        health: AccountHealth,
        suppress: Suppress,
        tallies: Tallies,
        largest_group: int,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._inquire = inquire
        self._news = news
        self._sealer = sealer
        self._hours = hours
        self._clock = clock
        self._patience = patience
        self._health = health
        self._suppress = suppress
        self._tallies = tallies
        self._store: GroupCommit[RawReceipt, None] = GroupCommit(
            self._store_group,
            key=lambda raw: raw.id,
            largest=largest_group,
            apart_s=_STORED_APART_S,
        )
        self._signed = self._reader(largest_group)
        self._unsigned = self._reader(largest_group)
        self._readings: set[asyncio.Task[None]] = set()
        self._horizon = horizon.of_times()

    async def take(self, account: str, request: ReceiptRequest) -> None:
        """Store an authentic request; it is understood later. Raises Refused, LedgerUnavailable."""
        found = self._accounts.get(account)
        if found is None or not found.provider.verify_receipt(request):
            metrics.record_receipt(account if found else "unknown", "refused")
            raise Refused
        raw = raw_receipt.sealed(account, request, self._sealer)
        await self._store.put(raw)
        metrics.record_receipt(account, "stored")
        reading = asyncio.get_running_loop().create_task(self._read_soon(raw, request))
        self._readings.add(reading)
        reading.add_done_callback(self._readings.discard)

    async def read_leftovers(self, limit: int = 200) -> int:
        """Read what nobody has read: unmatched ones, and those whose process died."""
        async with self._database.connection() as connection:
            raws = await receipts.take_unread(connection, limit, self._horizon, self._clock())
        await asyncio.gather(*(self._read_soon(raw) for raw in raws))
        return len(raws)

    async def drained(self) -> None:
        while self._readings:
            await asyncio.wait(self._readings)

    async def _read_soon(self, raw: RawReceipt, request: ReceiptRequest | None = None) -> None:
        try:
            request = request or raw_receipt.opened(raw, self._sealer)
            reported_to = self._accounts.get(raw.account)
            if reported_to is None:
                raise NotAReceipt
            about = self._news.account_meant(reported_to, request)
            await self._news.hear(about, request)
            reports = _parse(raw, about, request)
            if not reports:
                await self._discard(raw)
                return
            unsigned = any(report.receipt.needs_query for report in reports)
            await (self._unsigned if unsigned else self._signed).put((raw, reports))
        except NotAReceipt:
            metrics.record_receipt(raw.account, "unreadable")
            log.warning("receipt_unreadable", account=raw.account, receipt_id=str(raw.id))
            await self._leave_to_staff(raw)
        except LedgerUnavailable:
            log.warning("receipt_not_read", account=raw.account)
        except Exception as error:
            log.exception("receipt_failed", account=raw.account, error=type(error).__name__)

    def _reader(self, largest: int) -> "GroupCommit[tuple[RawReceipt, list[_Report]], None]":
        return GroupCommit(
            self._read_group,
            key=lambda item: item[0].id,
            largest=largest,
            on_group=lambda size: metrics.record_group("receipts", size),
            apart_s=_READ_APART_S,
        )

    async def _read_group(self, items: Sequence[tuple[RawReceipt, list[_Report]]]) -> list[None]:
        reports = [report for _, found in items for report in found]
        async with self._database.connection() as connection:
            matched = await receipts.match(
                connection, [(report.account, report.receipt) for report in reports]
            )
        pairs = [(report, matched.get(n)) for n, report in enumerate(reports)]
        confirmed = await asyncio.gather(*(self._confirmed(*pair) for pair in pairs))
        later: dict[UUID, float | None] = {}
        # Two reports about one notification take turns: the second finds what the first left.
        while confirmed:
            now, confirmed = _one_per_notification(confirmed)
            later |= self._not_yet(now) | await self._apply(now)
            confirmed = await self._matched_anew(confirmed)
        await self._put_away([raw.id for raw, _ in items], later)
        return [None] * len(items)

    def _not_yet(self, pairs: Sequence[tuple[_Report, Matched | None]]) -> dict[UUID, float | None]:
        return {
            report.raw.id: self._patience.wait_s(report.raw.tries)
            for report, about in pairs
            if about is None or _came_before_the_answer(report, about)
        }

    async def _put_away(
        self, receipt_ids: Sequence[UUID], later: Mapping[UUID, float | None]
    ) -> None:
        """Done with most; the rest is read again, as is all of it after a crash right here."""
        async with self._database.connection() as connection:
            await receipts.finish(connection, [one for one in receipt_ids if one not in later])
            if later:
                await receipts.postpone(connection, list(later.items()))

    async def _matched_anew(
        self, pairs: Sequence[tuple[_Report, Matched | None]]
    ) -> list[tuple[_Report, Matched | None]]:
        if not pairs:
            return []
        async with self._database.connection() as connection:
            matched = await receipts.match(
                connection, [(report.account, report.receipt) for report, _ in pairs]
            )
        return [(report, matched.get(n)) for n, (report, _) in enumerate(pairs)]

    async def _confirmed(
        self, report: _Report, about: Matched | None
    ) -> tuple[_Report, Matched | None]:
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

    async def _apply(
        self, pairs: Sequence[tuple[_Report, Matched | None]]
    ) -> dict[UUID, float | None]:
        """Let reports take effect. Those of a proof that had none are read again, like unmatched
        ones: whatever the cause, a proof is not put away before the notification shows it."""
        known = [(report, about) for report, about in pairs if about is not None]
        changes = [self._change(report, about) for report, about in known]
        moved = await self._write(known, changes)
        again: dict[UUID, float | None] = {}
        for (report, about), change in zip(known, changes, strict=True):
            metrics.record_receipt(report.account, report.receipt.verdict)
            effect = moved.get(about.notification_id)
            self._tallies.count(change, effect, about.steps, about.account)
            await self._learn(report.receipt, about)
            if effect is None and report.receipt.verdict in _PROVEN and not about.is_proven:
                again[report.raw.id] = self._patience.wait_s(report.raw.tries)
        for report, attempt in pairs:
            if attempt is None:
                metrics.record_receipt(report.account, "unmatched")
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
        self, known: Sequence[tuple[_Report, Matched]], changes: Sequence[Change]
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

    def _change(self, report: _Report, about: Matched) -> Change:
        receipt = report.receipt
        verdict = verdict_of(receipt)
        # A report with the provider's id also tells that it was taken, should the answer be lost.
        result = None
        proven = receipt.verdict in _PROVEN
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

    async def _store_group(self, raws: Sequence[RawReceipt]) -> list[None]:
        async with self._database.connection() as connection:
            await receipts.store_raw(connection, raws, _RESCUE_AFTER_S)
        return [None] * len(raws)

    async def _discard(self, raw: RawReceipt) -> None:
        """It is authentic and reports nothing. Nobody would find it again to erase it."""
        async with self._database.connection() as connection:
            await receipts.discard(connection, [raw.id])

    async def _leave_to_staff(self, raw: RawReceipt) -> None:
        try:
            await self._put_away([raw.id], {raw.id: None})
        except LedgerUnavailable:
            log.warning("receipt_not_read", account=raw.account)


def _came_before_the_answer(report: _Report, about: Matched) -> bool:
    """A bad report while the call is open, or asked again: it counts once the call has ended."""
    in_doubt = about.state is State.WAITING and about.reason == Reason.UNKNOWN_OUTCOME
    return (
        report.receipt.verdict in (Verdict.FAILED, Verdict.TRY_AGAIN)
        and about.is_current
        and (in_doubt or about.state is State.SENDING)
    )


def _one_per_notification(
    pairs: Sequence[tuple[_Report, Matched | None]],
) -> tuple[list[tuple[_Report, Matched | None]], list[tuple[_Report, Matched | None]]]:
    """The first report about each notification, and those that must wait for their turn."""
    first: dict[object, tuple[_Report, Matched | None]] = {}
    rest = []
    for report, about in pairs:
        key = about.notification_id if about else (report.raw.id, report.part)
        if key in first:
            rest.append((report, about))
        else:
            first[key] = (report, about)
    return list(first.values()), rest


def _kept(report: _Report, about: Matched) -> Kept:
    return Kept(
        notification_id=about.notification_id,
        receipt_id=report.raw.id,
        part=report.part,
        step=about.step,
        try_no=about.try_no,
        receipt=report.receipt,
    )


def _parse(raw: RawReceipt, about: OpenAccount, request: ReceiptRequest) -> list[_Report]:
    return [
        _Report(raw=raw, part=part, receipt=receipt, account=about.account.code)
        for part, receipt in enumerate(_reports_of(about, request))
    ]


def _reports_of(found: OpenAccount, request: ReceiptRequest) -> Sequence[Receipt]:
    """Reports of a status callback, or what a moment of a running call proves."""
    path = urlsplit(request.url).path
    if "/voice/" not in path:
        return found.provider.parse_receipts(request)
    moment = cast(VoiceProvider, found.provider).read_call(request)
    receipt = heard(moment, path.rsplit("/", 1)[-1])
    return [receipt] if receipt else []


def heard(moment: CallMoment, reference: str) -> Receipt | None:
    """A human heard the core sentence; key 2 says it was understood."""
    if moment.machine or not moment.heard:
        return None
    verdict = Verdict.ACKNOWLEDGED if moment.key == "2" else Verdict.DELIVERED
    return Receipt(verdict=verdict, reference=reference)
