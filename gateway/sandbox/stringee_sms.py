"""The simulated Stringee SMS: one text per request, under a brandname.

Stringee documents neither the codes of its refusals nor how a wrong token is answered. But for
code 1, which clients have seen, the codes below are ours.
Source: developer.stringee.com/docs/stringee-sms-rest-api.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any

from aiohttp import web

from gateway.sandbox import stringee_jwt
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account, Setting
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.phone import is_mobile
from gateway.sandbox.segments import segments
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now

FIELDS = frozenset({"from", "to", "text"})
BRANDNAME = 2
WRONG_SENDER, WRONG_PHONE, WRONG_BODY, NO_MONEY, BLOCKED = 1, 101, 102, 103, 104
MESSAGES: Mapping[int, str] = {
    0: "Success",
    WRONG_SENDER: "From number invalid",
    WRONG_PHONE: "To number invalid",
    WRONG_BODY: "Post data invalid",
    NO_MONEY: "Not enough money",
    BLOCKED: "To number blocked",
}
REFUSALS: Mapping[Fault, int] = {Fault.WALLET_EMPTY: NO_MONEY, Fault.BLOCKED: BLOCKED}


@dataclass(frozen=True, kw_only=True, slots=True)
class StringeeSmsSetting(Setting):
    key_sid: str
    key_secret: str = field(repr=False)
    brandnames: tuple[str, ...]
    price_vnd: int = 830


class Invalid(Exception):
    """The request is refused; the argument is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


StringeeSmsAccount = Account[StringeeSmsSetting]


class StringeeSms:
    """All Stringee SMS accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[StringeeSmsSetting]) -> None:
        self._world = world
        self._accounts: dict[str, StringeeSmsAccount] = {}
        for setting in settings:
            account = StringeeSmsAccount(setting)
            self._accounts[setting.key_sid] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/stringee/v1/sms", self.send)]

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            account = self._account(request.headers.get("X-STRINGEE-AUTH", ""))
            sms = _checked(await request.read(), account.setting)
        except Invalid as invalid:
            return invalid.answer.response()
        submission = StringeeSmsSubmission(self._world, account, sms)
        return await self._world.serve(request, account, submission)

    def _account(self, token: str) -> StringeeSmsAccount:
        account = self._accounts.get(stringee_jwt.issuer(token))
        if account is None or not stringee_jwt.is_right(
            token, account.setting.key_sid, account.setting.key_secret, time()
        ):
            raise Invalid(_unauthorized())
        return account


class StringeeSmsSubmission:
    def __init__(self, world: World, account: StringeeSmsAccount, sms: Mapping[str, str]) -> None:
        self._world = world
        self._account = account
        self._sms = sms
        # No reference travels with a message, and none is answered: each is filed by itself.
        self.entry = Entry(
            provider="stringee_sms",
            account=account.code,
            reference=secrets.token_hex(16),
            phone=sms["to"],
            content=sms["text"],
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if fault is Fault.CREDENTIALS:
            return _unauthorized()
        if fault is Fault.ERROR_IN_200:
            return json_answer({"r": WRONG_BODY, "msg": MESSAGES[WRONG_BODY]})
        return _refusal(REFUSALS[fault]) if fault in REFUSALS else None

    def refuse_with(self, code: str) -> Answer:
        return _refusal(int(code))

    async def take(self, fault: Fault, row: Row) -> Answer:
        text, parts = self._sms["text"], segments(self._sms["text"])
        bubble = SmsBubble(at=now(), sender=self._sms["from"], text=text, segments=parts)
        course = self._world.course(self._account, fault)
        self._world.hand_over(row, self.entry.phone, course, bubble)
        return _answer(1, 0, price=str(self._account.setting.price_vnd * parts))


def _checked(body: bytes, setting: StringeeSmsSetting) -> dict[str, str]:
    """The one message in a request. Raises Invalid."""
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    listed = asked.get("sms") if isinstance(asked, dict) and len(asked) == 1 else None
    sms = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
    if not isinstance(sms, dict) or sms.keys() != FIELDS:
        raise Invalid(json_answer({"r": WRONG_BODY, "msg": MESSAGES[WRONG_BODY]}))
    if not all(isinstance(one, str) and one for one in sms.values()):
        raise Invalid(_refusal(WRONG_BODY))
    if sms["from"] not in setting.brandnames:
        raise Invalid(_refusal(WRONG_SENDER))
    if not is_mobile(sms["to"]):
        raise Invalid(_refusal(WRONG_PHONE))
    return sms


def _refusal(code: int) -> Answer:
    return _answer(0, code)


def _answer(taken: int, code: int, **more: Any) -> Answer:
    result = {**more, "smsType": BRANDNAME, "r": code, "msg": MESSAGES.get(code, "")}
    return json_answer({"smsSent": taken, "result": [result]})


def _unauthorized() -> Answer:
    return json_answer({"r": WRONG_BODY, "msg": "Unauthorized"}, status=401)
