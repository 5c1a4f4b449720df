"""A call that brings a notice, while it is running: what the provider is told to say next.

Stateless between requests, so that a call goes on in another process: the address tells which call
and where in it, and the script is rendered anew from what was sealed.
"""

from gateway.domain.call import CallScript, Moment, Say, Turn, next_turn
from gateway.domain.outcome import Receipt, Verdict
from gateway.ledger import receipts
from gateway.ledger.database import Database
from gateway.ledger.receipts import Matched
from gateway.providers.contract import ReceiptRequest, VoiceAnswer, VoiceProvider
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.compose import Compose
from gateway.services.desk.specimen_words import script_of
from gateway.services.receive import Receive, Refused

# What is asked for before anything was said has no mark in its address.
MOMENTS = {"": Moment.TAKEN, **{moment.value: moment for moment in (Moment.HEARD, Moment.ASKED)}}

_SORRY = "Xin lỗi Ông/Bà, cuộc gọi gặp sự cố và xin kết thúc tại đây. Kính chào Ông/Bà."


class PhoneCall:
    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        compose: Compose,
        addresses: Addresses,
        receive: Receive,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._compose = compose
        self._addresses = addresses
        self._receive = receive

    async def next_words(
        self, account: str, reference: str, moment: Moment, request: ReceiptRequest
    ) -> VoiceAnswer:
        """What to say now. Raises Refused for a request that is not the provider's, or about a
        call that we did not make; NotAReceipt for one that cannot be read."""
        provider = self.provider(account)
        if not provider.verify_receipt(request):
            raise Refused
        report = provider.read_call(request)
        turn = Turn()
        if not report.machine:
            tried = await self._tried(account, reference)
            about = None if tried else await self._attempt(account, reference)
            # What was heard or pressed is kept first, also where there is nothing left to say.
            if moment is not Moment.TAKEN:
                await self._receive.take(account, request)
            script = await self._script(about) if about else tried
            assert script is not None
            turn = next_turn(script, moment, report.keys)
        following = Moment.ASKED if turn.asks else Moment.HEARD
        next_url = self._addresses.call(account, reference, following)
        return provider.speak(turn, next_url, self._addresses.prompts)

    def sorry(self, account: str, request: ReceiptRequest) -> VoiceAnswer:
        """A word of apology, then the end; of what can be said without the ledger. Raises Refused
        for a request that is not the provider's."""
        provider = self.provider(account)
        if not provider.verify_receipt(request):
            raise Refused
        return provider.speak(Turn(said=(Say(text=_SORRY),)), "", self._addresses.prompts)

    def provider(self, account: str) -> VoiceProvider:
        """Raises Refused for an account that makes no calls."""
        found = self._accounts.get(account)
        if found is None or found.voice is None:
            raise Refused
        return found.voice

    async def _tried(self, account: str, reference: str) -> CallScript | None:
        """What a call says that staff try on themselves; None for a notification's."""
        async with self._database.connection() as connection:
            return await script_of(connection, account, reference)

    async def _attempt(self, account: str, reference: str) -> Matched:
        about = Receipt(verdict=Verdict.PROGRESS, reference=reference)
        async with self._database.connection() as connection:
            matched = await receipts.match(connection, [(account, about)])
        if 0 not in matched:
            raise Refused
        return matched[0]

    async def _script(self, about: Matched) -> CallScript:
        if about.sealed is None or about.seal_key is None:
            raise Refused
        payload = self._compose.payload(about.notification_id, about.sealed, about.seal_key)
        return await self._compose.call_script(payload, about)
