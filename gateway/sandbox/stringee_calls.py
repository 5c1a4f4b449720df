"""The simulated Stringee: calls that its REST interface is asked to make.

Source: developer.stringee.com (make outbound call, call error codes).
"""

import json
from collections.abc import Iterable, Mapping
from time import time
from typing import Any

from aiohttp import web

from gateway.sandbox.books import Entry, Row
from gateway.sandbox.call import Call, persona_of
from gateway.sandbox.conversation import Conversation
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import CallScreen
from gateway.sandbox.phone import is_landline, is_mobile
from gateway.sandbox.scco import is_address
from gateway.sandbox.stringee_account import StringeeAccount, StringeeSetting
from gateway.sandbox.stringee_events import call_id
from gateway.sandbox.stringee_run import StringeeRun
from gateway.sandbox.stringee_switchboard import StringeeSwitchboard
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now

MESSAGES: Mapping[int, str] = {
    1: "ANSWER_URL_EMPTY",
    3: "TO_TYPE_IS_NOT_INTERNAL_OR_EXTERNAL",
    5: "FROM_NUMBER_NOT_BELONG_YOUR_ACCOUNT",
    8: "NOT_ENOUGH_MONEY",
    10: "FROM_NUMBER_OR_TO_NUMBER_INVALID_FORMAT",
    14: "TO_NUMBER_INVALID",
    18: "REQUEST_ANSWER_URL_ERROR",
}
FIELDS = frozenset({"from", "to", "answer_url"})
PARTY = frozenset({"type", "number", "alias"})


class Invalid(Exception):
    """The request is refused; the argument is `r`, or nothing where no code is documented."""

    def answer(self) -> Answer:
        return refused(*self.args) if self.args else json_answer({"message": "Bad request"}, 400)


class StringeeCalls:
    """All Stringee accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[StringeeSetting]) -> None:
        self._world = world
        self._accounts = [StringeeAccount(one) for one in settings]
        world.accounts.update({one.code: one for one in self._accounts})
        lines = [one for one in self._accounts if one.setting.line_url]
        world.switchboards.update({one.code: StringeeSwitchboard(world, one) for one in lines})

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/stringee-voice/v1/call2/callout", self.call_out)]

    async def call_out(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("X-STRINGEE-AUTH", "")
        account = next((one for one in self._accounts if one.takes(token, time())), None)
        if account is None:
            return unauthorized().response()
        try:
            submission = CallOut(self._world, account, checked(await request.read(), account))
        except Invalid as invalid:
            return invalid.answer().response()
        return await self._world.serve(request, account, submission)


class CallOut:
    def __init__(self, world: World, account: StringeeAccount, fields: Mapping[str, Any]) -> None:
        self._world = world
        self._account = account
        self._id = call_id()
        self._answer_url = fields["answer_url"]
        self._sender = fields["from"]["number"]
        self._alias = fields["to"][0]["alias"]
        phone = fields["to"][0]["number"]
        self.entry = Entry(
            provider="stringee_voice",
            account=account.code,
            reference=self._id if self._alias == phone else self._alias,
            phone=phone,
        )

    def refuse(self, fault: Fault) -> Answer | None:
        match fault:
            case Fault.ERROR_IN_200:
                return json_answer({"message": "Internal error"})
            case Fault.CREDENTIALS:
                return unauthorized()
            case Fault.WALLET_EMPTY:
                return refused(8)
        return None

    def refuse_with(self, code: str) -> Answer:
        return refused(int(code))

    async def take(self, fault: Fault, row: Row) -> Answer:
        call = Call(
            id=self._id,
            reference=self.entry.reference,
            phone=self.entry.phone,
            caller=self._sender,
            called=self.entry.phone,
            fields={"answer_url": self._answer_url, "alias": self._alias},
            events=frozenset(),
            created_at=time(),
            screen=CallScreen(id=self._id, at=now(), sender=self._sender),
        )
        handset = self._world.rings_at(call)
        person = Conversation(self._world, call, persona_of(fault), handset, row)
        run = StringeeRun(self._world, self._account, call, person, fault)
        call.task = self._world.postman.run(run.ordered())
        return json_answer({"r": 0, "message": "Success", "call_id": self._id})


def unauthorized() -> Answer:
    return json_answer({"message": "Unauthorized"}, 401)


def refused(code: int) -> Answer:
    return json_answer({"r": code, "message": MESSAGES.get(code, "")})


def checked(body: bytes, account: StringeeAccount) -> Mapping[str, Any]:
    """The fields of a request that is in order. Raises Invalid."""
    fields = _object(body)
    called = fields.get("to")
    if not isinstance(called, list) or len(called) != 1:
        raise Invalid
    sender, phone = _number(fields.get("from")), _number(called[0])
    if not fields.get("answer_url"):
        raise Invalid(1)
    if not is_address(fields["answer_url"]):
        raise Invalid(18)
    if not (sender.isdigit() and phone.isdigit()):
        raise Invalid(10)
    if sender not in account.setting.numbers:
        raise Invalid(5)
    if not (is_mobile(phone) or is_landline(phone)):
        raise Invalid(14)
    return fields


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        raise Invalid from None
    if not isinstance(fields, dict) or fields.keys() - FIELDS:
        raise Invalid
    return fields


def _number(party: Any) -> str:
    texts = isinstance(party, dict) and all(isinstance(value, str) for value in party.values())
    if not texts or party.keys() != PARTY:
        raise Invalid
    if party["type"] != "external":
        raise Invalid(3)
    return str(party["number"])
