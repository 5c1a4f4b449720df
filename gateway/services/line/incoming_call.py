"""A call to the line. Where it stands is in the ledger, so that it goes on in another process; a
request that is repeated because its answer was lost is answered with the same words.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

import orjson

from gateway import metrics
from gateway.domain.call import Ask, Say, Turn
from gateway.domain.channel import Channel
from gateway.domain.line import Answer, Asked, Line, Place, Reply, Words, answered, begin, heard
from gateway.domain.recipient import read_phones
from gateway.ledger import line_calls
from gateway.ledger.database import Database
from gateway.ledger.line_calls import LineCall
from gateway.providers.contract import CallReport, ReceiptRequest, VoiceAnswer, VoiceProvider
from gateway.sealing import Sealer
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.line.enquiry import Enquiry
from gateway.services.line.guard import Guard
from gateway.services.line.speak import LineWords
from gateway.services.minting import mint
from gateway.services.receive import Refused

_PROMPTS = {
    Place.MENU: ("menu", 1, 8),
    Place.ENDING: ("ask_ending", 12, 15),
    Place.SECRET: ("ask_secret", 12, 15),
    Place.CHECK: ("ask_check", 10, 20),
    Place.AGAIN: ("again", 1, 8),
}
_MENUS = (Place.MENU, Place.AGAIN)


@dataclass(frozen=True, kw_only=True, repr=False)
class Memory:
    """What is remembered of a call while it lasts, sealed: who calls, where they are, what the last
    answer was, and what was said last."""

    caller: str
    line: Line
    answer: tuple[str, ...]
    said: tuple[str, ...]

    def written(self) -> bytes:
        return orjson.dumps({**asdict(self), "line": asdict(self.line)})

    @classmethod
    def read(cls, plain: bytes) -> "Memory":
        stored: dict[str, Any] = orjson.loads(plain)
        line = stored["line"]
        return cls(
            caller=stored["caller"],
            line=Line(**{**line, "place": Place(line["place"])}),
            answer=tuple(stored["answer"]),
            said=tuple(stored["said"]),
        )


class IncomingCall:
    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        enquiry: Enquiry,
        guard: Guard,
        words: LineWords,
        sealer: Sealer,
        addresses: Addresses,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._enquiry = enquiry
        self._guard = guard
        self._words = words
        self._sealer = sealer
        self._addresses = addresses

    async def begins(self, account: str, request: ReceiptRequest) -> VoiceAnswer:
        """The first words. Raises Refused for a request that is not the provider's, or to an
        account that is no line; NotAReceipt for one that cannot be read."""
        provider, unit = self._line(account, request)
        report = provider.read_call(request)
        if not report.call_id:  # Calls without ids would all be one.
            raise Refused
        reply = begin()
        memory = Memory(
            caller=_number(report.caller),
            line=reply.line,
            answer=(),
            said=self._said(reply, (), unit),
        )
        fresh = self._sealed(LineCall(id=mint(), turn=0, sealed=None, seal_key=None), memory)
        async with self._database.connection() as connection:
            call = await line_calls.begin(connection, fresh, account, report.call_id)
        return self._speak(provider, account, unit, call)

    async def goes_on(
        self, account: str, call_id: UUID, turn: int, request: ReceiptRequest
    ) -> VoiceAnswer:
        """The words after `turn`. Raises as `begins`."""
        provider, unit = self._line(account, request)
        report = provider.read_call(request)
        call = await self._find(account, call_id)
        if call.sealed is not None and turn == call.turn:
            call = await self._next(account, unit, call, report)
        elif call.sealed is not None and turn != call.turn - 1:
            raise Refused
        return self._speak(provider, account, unit, call)

    def sorry(self, account: str, request: ReceiptRequest) -> VoiceAnswer:
        """An apology with the number to ring, then the end; of what can be said without the
        ledger. Raises Refused for a request that is not the provider's."""
        provider, unit = self._line(account, request)
        turn = Turn(said=(Say(text=self._words.sorry(unit)),))
        return provider.speak(turn, "", self._addresses.prompts)

    def _line(self, account: str, request: ReceiptRequest) -> tuple[VoiceProvider, str]:
        found = self._accounts.get(account)
        if found is None or found.voice is None or found.account.line_unit is None:
            raise Refused
        if not found.voice.verify_receipt(request):
            raise Refused
        return found.voice, found.account.line_unit

    async def _find(self, account: str, call_id: UUID) -> LineCall:
        async with self._database.connection() as connection:
            call = await line_calls.find(connection, call_id, account)
        if call is None:
            raise Refused
        return call

    async def _next(self, account: str, unit: str, call: LineCall, report: CallReport) -> LineCall:
        memory = self._opened(call)
        reply = heard(memory.line, report.keys)
        answer, asked = memory.answer, []
        if reply.asked:
            verdict, found = await self._answer(account, memory.caller, reply, unit)
            asked = [f"{reply.asked}:{verdict}"]
            metrics.record_enquiry(Channel.VOICE, reply.asked, verdict)
            answer = found or answer
            reply = answered(reply, verdict)
        following = replace(
            memory, line=reply.line, answer=answer, said=self._said(reply, answer, unit)
        )
        after = self._sealed(replace(call, turn=call.turn + 1), following)
        key = (report.keys or "") if memory.line.place in _MENUS else ""
        async with self._database.connection() as connection:
            if await line_calls.go_on(connection, after, key[:1], asked, report.call_id):
                return after
        return await self._find(account, call.id)

    async def _answer(
        self, account: str, caller: str, reply: Reply, unit: str
    ) -> tuple[Answer, tuple[str, ...]]:
        """Whether there is one, and its words."""
        if reply.asked is Asked.OWN:
            own = await self._enquiry.own(caller) if caller else []
            return (Answer.YES, tuple(self._words.own(own, unit))) if own else (Answer.NO, ())
        about = reply.typed[0] if reply.asked is Asked.DOSSIER else ""
        tried = await self._guard.let_try(account, caller, about)
        if tried is None:
            return Answer.TOO_MANY, ()
        words = await self._found(reply, unit)
        if not words:
            return Answer.NO, ()
        await self._guard.was_right(tried)
        return Answer.YES, tuple(words)

    async def _found(self, reply: Reply, unit: str) -> list[str]:
        if reply.asked is Asked.DOSSIER:
            standing = await self._enquiry.dossier(*reply.typed)
            return [self._words.dossier(standing, unit)] if standing else []
        return self._words.genuine(await self._enquiry.genuine(*reply.typed), unit)

    def _said(self, reply: Reply, answer: Sequence[str], unit: str) -> tuple[str, ...]:
        said: list[str] = []
        for words in reply.said:
            said += answer if words is Words.ANSWER else [self._words.said(words, unit)]
        return tuple(said)

    def _speak(
        self, provider: VoiceProvider, account: str, unit: str, call: LineCall
    ) -> VoiceAnswer:
        turn = Turn()
        if call.sealed is not None:
            memory = self._opened(call)
            said = tuple(Say(text=text) for text in memory.said)
            turn = Turn(said=said, then=self._ask(memory.line.place, unit))
        next_url = self._addresses.line(account, call.id.hex, call.turn)
        return provider.speak(turn, next_url, self._addresses.prompts)

    def _ask(self, place: Place, unit: str) -> Ask | None:
        if place is Place.OVER:
            return None
        name, digits, timeout_s = _PROMPTS[place]
        prompt = (Say(text=self._words.said(name, unit)),)
        return Ask(prompt=prompt, digits=digits, timeout_s=timeout_s)

    def _sealed(self, call: LineCall, memory: Memory) -> LineCall:
        sealed, seal_key = self._sealer.seal(memory.written(), call.id.bytes)
        return replace(call, sealed=sealed, seal_key=seal_key)

    def _opened(self, call: LineCall) -> Memory:
        assert call.sealed is not None
        assert call.seal_key is not None
        return Memory.read(self._sealer.open(call.sealed, call.seal_key, call.id.bytes))


def _number(caller: str) -> str:
    """The caller's number; empty for one that is withheld, or is no number of ours."""
    phones = read_phones([caller]).phones
    return phones[0].e164 if len(phones) == 1 else ""
