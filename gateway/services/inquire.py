"""Asking an account what became of one message: for reports nobody signed, and lost answers."""

import asyncio

from gateway.domain.message import SentMessage
from gateway.domain.outcome import Missing, Receipt
from gateway.ledger import receipts
from gateway.ledger.database import Database
from gateway.ledger.receipts import Matched
from gateway.sealing import Hasher
from gateway.services.accounts import OpenAccount
from gateway.services.compose import Compose

_MOST_AT_ONCE = 32


class Inquire:
    """Bounded, so that a wave of reports does not become a wave of questions."""

    def __init__(self, *, database: Database, compose: Compose, hasher: Hasher) -> None:
        self._database = database
        self._compose = compose
        self._hasher = hasher
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)

    async def ask(
        self, found: OpenAccount, about: Matched, provider_id: str | None = None
    ) -> Receipt | Missing | None:
        """None where the account cannot tell, or the person was erased.

        `provider_id` serves where the answer that held it was lost. Raises what the wire raises.
        """
        if about.sealed is None or about.seal_key is None:
            return None
        payload = self._compose.payload(about.notification_id, about.sealed, about.seal_key)
        phone = payload.phones[about.steps[about.step].phone]
        known_id = about.provider_id or provider_id
        sent = SentMessage(
            reference=about.reference,
            phone=phone,
            provider_id=known_id,
            sent_at_s=about.opened_at.timestamp(),
            extra={} if known_id else {"known_ids": await self._others(about, phone.e164)},
        )
        async with self._turns:
            return await found.provider.query(sent)

    async def _others(self, about: Matched, e164: str) -> str:
        """Ids of other messages to this number, which a list by number must not take for ours."""
        tokens = [self._hasher.token("phone", e164, version) for version in self._hasher.versions]
        async with self._database.connection() as connection:
            ids = await receipts.provider_ids(
                connection, about.account, tokens, about.notification_id
            )
        return " ".join(ids)
