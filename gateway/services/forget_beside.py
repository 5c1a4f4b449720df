"""What leads to an erased person beside notifications: a phone that is remembered, calls and texts
to the line, reports that belong to no notice, and whom staff looked for.

Not all of it tells whom it is about without being opened. What is kept for a short time only goes
whoever it is about; what others still need is opened.
"""

import json
from collections.abc import Collection
from urllib.parse import unquote_plus
from uuid import UUID

from gateway.domain.recipient import Phone
from gateway.errors import BaotinError
from gateway.ledger import console_searches, erasing, guesses, inbound_texts, line_calls
from gateway.ledger.database import Connection, Database
from gateway.ledger.receipts import RawReceipt, discard
from gateway.sealing import Hasher, Sealer
from gateway.services import raw_receipt
from gateway.services.line.guard import caller_token
from gateway.services.text_line.asked import sender_key

_LOOSE_AT_ONCE = 500


class ForgetBeside:
    def __init__(self, database: Database, hasher: Hasher, sealer: Sealer) -> None:
        self._database = database
        self._hasher = hasher
        self._sealer = sealer

    async def forget(self, phones: Collection[Phone]) -> int:
        """How many of these numbers were remembered."""
        hasher, numbers = self._hasher, [phone.e164 for phone in phones]
        hashes = [hasher.phone(one, v) for one in numbers for v in hasher.versions]
        callers = [caller_token(hasher, one, v) for one in numbers for v in hasher.versions]
        senders = [sender_key(hasher, one) for one in numbers]
        async with self._database.connection() as connection:
            # What somebody was told by text, and whom staff looked for, whoever it is.
            await inbound_texts.forget_replies(connection)
            await console_searches.forget_all(connection)
            await inbound_texts.forget_senders(connection, senders)
            await guesses.forget(connection, callers)
            await self._forget_calls(connection, phones)
            return await erasing.forget_phones(connection, hashes)

    async def drop_loose_reports(self, phones: Collection[Phone]) -> int:
        """Reports that were never matched are found only by opening them; they are few."""
        dropped, after = 0, UUID(int=0)
        while phones:
            async with self._database.connection() as connection:
                raws = await erasing.loose_reports(connection, after, _LOOSE_AT_ONCE)
                theirs = [raw.id for raw in raws if self._reports_on(raw, phones)]
                await discard(connection, theirs)
            dropped += len(theirs)
            if len(raws) < _LOOSE_AT_ONCE:
                break
            after = raws[-1].id
        return dropped

    async def _forget_calls(self, connection: Connection, phones: Collection[Phone]) -> None:
        """A call that is forgotten while it lasts is over; those of others go on."""
        calls = await line_calls.remembered(connection)
        theirs = [call.id for call in calls if self._was_told_in(call, phones)]
        await line_calls.forget(connection, theirs)

    def _was_told_in(self, call: line_calls.LineCall, phones: Collection[Phone]) -> bool:
        """What cannot be opened any more is of no use to its call either."""
        assert call.sealed is not None
        assert call.seal_key is not None
        try:
            plain = self._sealer.open(call.sealed, call.seal_key, call.id.bytes)
        except BaotinError:
            return True
        return _names(plain.decode(), phones)

    def _reports_on(self, raw: RawReceipt, phones: Collection[Phone]) -> bool:
        try:
            request = raw_receipt.opened(raw, self._sealer)
        except BaotinError:
            return False
        said = [request.url, json.dumps(dict(request.query)), request.body.decode("latin-1")]
        return _names(unquote_plus(" ".join(said)), phones)


def _names(text: str, phones: Collection[Phone]) -> bool:
    return any(phone.e164.removeprefix("+84") in text for phone in phones)
