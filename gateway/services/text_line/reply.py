"""Sends a reply as a message of its own, through the account that brought the text. Its outcome is
counted and nothing is tried again: whoever got no reply asks again."""

import time

import structlog

from gateway import metrics
from gateway.domain.message import SmsBody, Submission
from gateway.domain.outcome import Accepted, Outcome
from gateway.domain.text import segments
from gateway.errors import LedgerUnavailable
from gateway.ledger import inbound_texts
from gateway.ledger.database import Database
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of
from gateway.services.account_health import AccountHealth
from gateway.services.accounts import OpenAccount
from gateway.services.addresses import Addresses
from gateway.services.text_line.asked import Asked

log = structlog.get_logger()


class SendReply:
    def __init__(self, database: Database, health: AccountHealth, addresses: Addresses) -> None:
        self._database = database
        self._health = health
        self._addresses = addresses

    async def send(self, asked: Asked, reply: str) -> None:
        """`reply` is in plain letters. Its reference is the hash of the text that it answers."""
        account = asked.found.account.code
        if asked.found.stopped is not None:
            metrics.record_text(account, "reply_not_sent")
            return
        outcome = await self._called(asked.found, self._submission(asked, reply))
        metrics.record_text(account, f"reply_{type(outcome).__name__.lower()}")
        if isinstance(outcome, Accepted) and outcome.provider_id:
            await self._remember(asked.brought.message, outcome.provider_id)

    def _submission(self, asked: Asked, reply: str) -> Submission:
        return Submission(
            reference=asked.brought.message.hex(),
            phone=asked.phone,
            body=SmsBody(text=reply, accented=False, segments=segments(reply).segments),
            callback_url=self._addresses.receipts(asked.found.access),
        )

    async def _called(self, found: OpenAccount, submission: Submission) -> Outcome:
        outcome, started = None, time.monotonic()
        found.begin()
        try:
            outcome = await found.provider.send(submission)
        except (NotSent, MaybeSent) as error:
            outcome = outcome_of(error)
        finally:
            found.end(outcome)
        took_s = time.monotonic() - started
        metrics.record_call(found.account.provider, found.account.code, took_s)
        self._health.called(found, outcome, took_s)
        await self._health.heed(found, outcome)
        return outcome

    async def _remember(self, message: bytes, provider_id: str) -> None:
        """By which its report is told from those about notices; lost, that one stays unmatched."""
        try:
            async with self._database.connection() as connection:
                await inbound_texts.sent(connection, message, provider_id)
        except LedgerUnavailable:
            log.warning("reply_not_remembered")
