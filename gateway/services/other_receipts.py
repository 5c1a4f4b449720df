"""Reports about something else than an attempt: replies to texts, messages that staff sent to
themselves, calls that came in. Nobody waits for them: each is noted where it belongs, and that is
its end. What tells who wrote, called or was written to is discarded, for nobody would find it again
to erase it.
"""

from collections.abc import Sequence

from gateway import metrics
from gateway.domain.outcome import Verdict
from gateway.ledger import inbound_texts, line_calls, receipts, specimens
from gateway.ledger.database import Database
from gateway.ledger.inbound_texts import Reported
from gateway.services.incoming_receipt import IncomingReceipt, Pair


class OtherReceipts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def without(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs that are about an attempt, or about nothing that is known."""
        left = await self._without_specimens(await self._without_replies(pairs))
        return [one for one in left if one[1] or not await self._is_of_line(one[0])]

    async def _without_replies(self, pairs: Sequence[Pair]) -> list[Pair]:
        unmatched = [report for report, about in pairs if about is None]
        if not unmatched:
            return list(pairs)
        async with self._database.connection() as connection:
            found = await inbound_texts.replies_among(
                connection, [_asked(one) for one in unmatched]
            )
        of_replies = {(unmatched[n].raw.id, unmatched[n].part) for n in found}
        others = [one for one in pairs if (one[0].raw.id, one[0].part) not in of_replies]
        await self._discard([unmatched[n] for n in found], others)
        for n in found:
            metrics.record_text(unmatched[n].account, f"reply_{unmatched[n].receipt.verdict}")
        return others

    async def _without_specimens(self, pairs: Sequence[Pair]) -> list[Pair]:
        others, theirs = list[Pair](), list[IncomingReceipt]()
        for report, about in pairs:
            if about is None and await self._is_of_specimen(report):
                theirs.append(report)
            else:
                others.append((report, about))
        await self._discard(theirs, others)
        return others

    async def _discard(self, noted: Sequence[IncomingReceipt], others: Sequence[Pair]) -> None:
        """A request may also bring reports about something else, and is then kept for them."""
        kept = {report.raw.id for report, _ in others}
        if gone := {report.raw.id for report in noted} - kept:
            async with self._database.connection() as connection:
                await receipts.discard(connection, list(gone))

    async def _is_of_specimen(self, report: IncomingReceipt) -> bool:
        told = report.receipt
        verdict = Verdict.PROGRESS if told.needs_query else told.verdict
        async with self._database.connection() as connection:
            return await specimens.report(
                connection, report.account, told.reference, told.provider_id, verdict
            )

    async def _is_of_line(self, report: IncomingReceipt) -> bool:
        call_id = report.receipt.provider_id
        if not call_id:
            return False
        async with self._database.connection() as connection:
            found = await line_calls.reported(
                connection, report.account, call_id, report.receipt.talked_s
            )
            if found:
                await receipts.discard(connection, [report.raw.id])
        if found:
            metrics.record_receipt(report.account, "line")
        return found


def _asked(report: IncomingReceipt) -> Reported:
    told = report.receipt
    return Reported(account=report.account, reference=told.reference, provider_id=told.provider_id)
