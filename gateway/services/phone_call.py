"""A call that is running: what the provider is told to say next.

Stateless between requests, so that a call goes on in another process: the reference in the address
finds the attempt, and the script is rendered anew from what was sealed.
"""

from typing import cast

from gateway.domain.channel import Channel
from gateway.domain.message import CallScript
from gateway.domain.outcome import Receipt, Verdict
from gateway.ledger import receipts
from gateway.ledger.database import Database
from gateway.ledger.receipts import Matched
from gateway.providers.contract import CallMoment, ReceiptRequest, VoiceAnswer, VoiceProvider
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.compose import Compose
from gateway.services.receive import Receive, Refused


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
        self, account: str, reference: str, request: ReceiptRequest
    ) -> VoiceAnswer:
        """What to say now. Raises Refused for a request that is not the provider's, or about a
        call that we did not make."""
        provider = self._provider(account)
        if not provider.verify_receipt(request):
            raise Refused
        moment = provider.read_call(request)
        if moment.machine:
            return provider.refuse_machine()
        script = await self._script(await self._attempt(account, reference))
        if moment.heard:
            await self._receive.take(account, request)
        return self._speak(provider, moment, script, self._addresses.voice(account, reference))

    @staticmethod
    def _speak(
        provider: VoiceProvider, moment: CallMoment, script: CallScript, action_url: str
    ) -> VoiceAnswer:
        if moment.heard:
            return provider.reply(script, moment.key, action_url)
        return provider.begin(script, action_url)

    def _provider(self, account: str) -> VoiceProvider:
        found = self._accounts.get(account)
        if found is None or found.provider.terms.channel is not Channel.VOICE:
            raise Refused
        return cast(VoiceProvider, found.provider)

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
        return await self._compose.call_script(payload, about.kind, about.unit, about.publication)
