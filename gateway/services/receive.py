"""What providers report: verified, stored raw, answered, and only then understood.

What cannot be understood yet is looked at again for hours, because a report may overtake the answer
it belongs to.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from gateway import metrics
from gateway.domain.call import Key
from gateway.domain.outcome import Reason, Receipt, Verdict
from gateway.errors import LedgerUnavailable
from gateway.ledger import horizon, receipts
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.receipts import RawReceipt
from gateway.providers.contract import (
    CallReport,
    NotAReceipt,
    ReceiptRequest,
)
from gateway.sealing import Sealer
from gateway.services import raw_receipt
from gateway.services.account_news import AccountNews
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.database_clock import DatabaseClock
from gateway.services.incoming_receipt import IncomingReceipt
from gateway.services.understand import Understand

log = structlog.get_logger()

# Left to the process that stored it; after that the clock reads it.
_RESCUE_AFTER_S = 15.0
# A provider waits for the storing, nobody for the reading.
_STORED_APART_S, _READ_APART_S = 0.01, 0.05


# A stored request with the receipts in it.
_Read = tuple[RawReceipt, list[IncomingReceipt]]


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


class Receive:
    """Takes reports in at the edge, and reads what was stored, here or in the clock."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        news: AccountNews,
        understand: Understand,
        sealer: Sealer,
        clock: DatabaseClock,
        patience: Patience,
        largest_group: int,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._news = news
        self._understand = understand
        self._sealer = sealer
        self._clock = clock
        self._patience = patience
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

    def _reader(self, largest: int) -> GroupCommit[_Read, None]:
        return GroupCommit(
            self._read_group,
            key=lambda item: item[0].id,
            largest=largest,
            on_group=lambda size: metrics.record_group("receipts", size),
            apart_s=_READ_APART_S,
        )

    async def _read_group(self, items: Sequence[_Read]) -> list[None]:
        again = await self._understand.take_effect([one for _, found in items for one in found])
        await self._put_away(
            [raw.id for raw, _ in items],
            {raw.id: self._patience.wait_s(raw.tries) for raw, _ in items if raw.id in again},
        )
        return [None] * len(items)

    async def _put_away(
        self, receipt_ids: Sequence[UUID], later: Mapping[UUID, float | None]
    ) -> None:
        """Done with most; the rest is read again, as is all of it after a crash right here."""
        async with self._database.connection() as connection:
            await receipts.finish(connection, [one for one in receipt_ids if one not in later])
            if later:
                await receipts.postpone(connection, list(later.items()))

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


def _parse(raw: RawReceipt, about: OpenAccount, request: ReceiptRequest) -> list[IncomingReceipt]:
    return [
        IncomingReceipt(raw=raw, part=part, receipt=receipt, account=about.account.code)
        for part, receipt in enumerate(_reports_of(about, request))
    ]


def _reports_of(found: OpenAccount, request: ReceiptRequest) -> Sequence[Receipt]:
    """Reports of a status callback, or what a moment of a running call proves."""
    place = urlsplit(request.url).path.partition("/voice/")[2]
    if not place or found.voice is None:
        return found.provider.parse_receipts(request)
    _, reference, *moment = place.split("/")
    report = found.voice.read_call(request)
    return [heard(reference, report)] if moment and not report.machine else []


def heard(reference: str, report: CallReport) -> Receipt:
    """A human heard the core to its end; a key may say that it was understood, or not wanted."""
    understood = report.keys == Key.UNDERSTOOD
    return Receipt(
        verdict=Verdict.ACKNOWLEDGED if understood else Verdict.DELIVERED,
        reference=reference,
        reason=Reason.OPTED_OUT if report.keys == Key.DECLINED else None,
        keys=report.keys or "",
    )
