"""A text that somebody sent to one of our numbers: answered once, by one short reply.

The reply is the answer to the provider's request, or is sent as a message. A text counts as
answered before its reply leaves, so that no crash doubles it. What may be a machine is not
answered, nor more than so many texts of a person within an hour. No transaction is open while
anybody is asked.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway import metrics
from gateway.ledger import inbound_texts
from gateway.ledger.database import Database
from gateway.ledger.inbound_texts import Fate, Taken
from gateway.providers.contract import (
    IncomingText,
    NotAReceipt,
    ReceiptRequest,
    TakesMessages,
    TextAnswer,
)
from gateway.sealing import Hasher, Sealer
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.receive import Receive, Refused
from gateway.services.text_line.asked import Asked, asked, said
from gateway.services.text_line.line import TextLine
from gateway.services.text_line.reply import SendReply

log = structlog.get_logger()

# As long as one text is in somebody's hands, it is nobody else's.
_IN_HAND_S = 15.0


class StillAnswering(Exception):
    """The reply is not known yet; the text may be brought again."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long a provider is kept waiting: for the reply, which Twilio allows 15 seconds; or where
    it does not wait for the reply, to hear that the text need not be brought again."""

    in_place_s: float = 10.0
    elsewhere_s: float = 4.0


class AnswerText:
    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        receive: Receive,
        line: TextLine,
        send_reply: SendReply,
        hasher: Hasher,
        sealer: Sealer,
        replies_per_hour: int,
        waits: Waits = Waits(),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._receive = receive
        self._line = line
        self._send_reply = send_reply
        self._hasher = hasher
        self._sealer = sealer
        self._replies_per_hour = replies_per_hour
        self._waits = waits
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, account: str, request: ReceiptRequest) -> TextAnswer | None:
        """What to answer the provider; None for nothing in particular. A report that comes to this
        address is received like any other. Raises Refused, StillAnswering, LedgerUnavailable."""
        found = self._accounts.get(account)
        provider = found.provider if found else None
        if not found or not isinstance(provider, TakesMessages) or not _is_proven(found, request):
            metrics.record_text(account if found else "unknown", "refused")
            raise Refused
        try:
            texts = provider.read_messages(request)
        except NotAReceipt:
            await self._receive.take(account, request)
            return None
        if provider.reply_in_place(None) is None:
            await self._answer_elsewhere(found, texts)
            return None
        return provider.reply_in_place(await self._reply_in_place(found, texts))

    async def drained(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _reply_in_place(
        self, found: OpenAccount, texts: Sequence[IncomingText]
    ) -> str | None:
        """Such a request brings one text, or none that is to be answered. Nor does a paused or
        stopped account reply in this way."""
        if found.stopped is not None:
            metrics.record_text(found.account.code, "reply_not_sent")
            return None
        try:
            async with asyncio.timeout(self._waits.in_place_s):
                for text in texts:
                    if one := self._asked(found, text):
                        return await self._reply(one, keep=True)
        except TimeoutError:
            raise StillAnswering from None
        return None

    async def _answer_elsewhere(self, found: OpenAccount, texts: Sequence[IncomingText]) -> None:
        """What takes longer goes on while the provider has its answer."""
        people = [one for text in texts if (one := self._asked(found, text))]
        tasks = [asyncio.create_task(self._answer_by_message(one)) for one in people]
        for task in tasks:
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        if tasks:
            done, _ = await asyncio.wait(tasks, timeout=self._waits.elsewhere_s)
            for task in done:
                task.result()

    async def _answer_by_message(self, one: Asked) -> None:
        reply = await self._reply(one, keep=False)
        if reply is not None:
            await self._send_reply.send(one, reply)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("text_not_answered", error=type(error).__name__)

    def _asked(self, found: OpenAccount, text: IncomingText) -> Asked | None:
        our_senders = [one.account.sender for one in self._accounts.all()]
        one = asked(found, text, self._hasher, our_senders)
        if one is None:
            metrics.record_text(found.account.code, "not_a_person")
        return one

    async def _reply(self, one: Asked, *, keep: bool) -> str | None:
        """The reply that is to be given now; None for none, or none again."""
        account = one.found.account.code
        taken = await self._taken(one)
        if taken.fate is Fate.IN_OTHER_HANDS:
            raise StillAnswering
        if taken.fate is not Fate.TO_ANSWER:
            metrics.record_text(account, taken.fate)
            return self._given_before(one, taken)
        reply = await self._line.reply(account, one.phone.e164, one.text)
        await self._note(one, reply, keep=keep)
        metrics.record_text(account, "unanswered" if reply is None else "answered")
        return reply

    async def _taken(self, one: Asked) -> Taken:
        async with self._database.transaction() as connection:
            if await inbound_texts.was_said(connection, one.said):
                return Taken(fate=Fate.OUR_OWN_WORDS)
            return await inbound_texts.take(
                connection, one.brought, self._replies_per_hour, _IN_HAND_S
            )

    async def _note(self, one: Asked, reply: str | None, *, keep: bool) -> None:
        message, sealed, seal_key = one.brought.message, None, None
        if reply is not None and keep:
            sealed, seal_key = self._sealer.seal(reply.encode(), message)
        words = None if reply is None else said(self._hasher, reply)
        async with self._database.connection() as connection:
            await inbound_texts.answered(connection, message, words, sealed, seal_key)

    def _given_before(self, one: Asked, taken: Taken) -> str | None:
        if taken.sealed is None or taken.seal_key is None:
            return None
        return self._sealer.open(taken.sealed, taken.seal_key, one.brought.message).decode()


def _is_proven(found: OpenAccount, request: ReceiptRequest) -> bool:
    return found.provider.verify_receipt(request)
