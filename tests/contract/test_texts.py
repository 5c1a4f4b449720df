"""Texts that people send, from the simulators to the providers, and how replies go back."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from kits import kit_of
from kits.kit import E164
from provider_accounts import Maker

from gateway.providers.contract import (
    AccountAccess,
    IncomingText,
    NotAReceipt,
    Provider,
    ReceiptRequest,
    TakesMessages,
)
from gateway.providers.outbound import Door
from gateway.providers.registry import PROVIDERS, build
from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

BRINGING = ("infobip", "speedsms", "twilio_sms")
LOGIN = {"infobip": {"callback_basic": "reports:pass-51"}}
PHONE = E164.removeprefix("+")
TEXT = "Tra cứu <000.00.12.H10-240521-0001> & 1234"


@dataclass(kw_only=True)
class OurAddress:
    """Stands where the gateway would, and answers everybody alike."""

    provider: Provider
    reply: str | None = "Ho so dang xu ly."
    url: str = ""
    brought: list[IncomingText] = field(default_factory=list)
    refused: int = 0

    async def take(self, request: web.Request) -> web.Response:
        asked = ReceiptRequest(
            method=request.method,
            url=f"{self.url}{request.raw_path}",
            path_token=request.match_info["token"],
            headers=request.headers,
            query=request.query,
            body=await request.read(),
        )
        assert isinstance(self.provider, TakesMessages)
        if not self.provider.verify_receipt(asked):
            self.refused += 1
            return web.Response(status=403)
        self.brought += self.provider.read_messages(asked)
        answer = self.provider.reply_in_place(self.reply)
        if answer is None:
            return web.Response()
        return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})


@dataclass(kw_only=True)
class Texting:
    name: str
    ours: OurAddress
    sandbox: str
    client: ClientSession

    async def text(self, **wish: Any) -> dict[str, Any]:
        wish = {"account": self.name, "phone": PHONE, "text": TEXT} | wish
        async with self.client.post(f"{self.sandbox}/control/text", json=wish) as answer:
            assert answer.status == 200, await answer.text()
            told: dict[str, Any] = await answer.json()
            return told

    async def page(self) -> str:
        async with self.client.get(f"{self.sandbox}/phones/{PHONE}") as answer:
            return await answer.text()


def access_of(name: str) -> AccountAccess:
    secrets = dict(kit_of(name).account["secrets"]) | LOGIN.get(name, {})
    return kit_of(name).access("http://127.0.0.1:1", secrets=secrets)


@pytest.fixture(params=BRINGING)
async def texting(request: pytest.FixtureRequest, door: Door) -> AsyncIterator[Texting]:
    name = request.param
    access = access_of(name)
    ours = OurAddress(provider=build(access, name, door))
    app = web.Application()
    app.router.add_route("*", "/inbound/{token}", ours.take)
    address = TestServer(app)
    await address.start_server(access_log=None)
    ours.url = str(address.make_url("")).rstrip("/")
    sandbox = TestServer(build_app(config_from({"account": [_simulator(name, access, ours.url)]})))
    await sandbox.start_server()
    async with ClientSession() as client:
        url = str(sandbox.make_url("")).rstrip("/")
        yield Texting(name=name, ours=ours, sandbox=url, client=client)
    await sandbox.close()
    await address.close()


def _simulator(name: str, access: AccountAccess, our_url: str) -> dict[str, Any]:
    """The kit's account in the sandbox, with a number that texts may go to."""
    door = access.secrets.get("callback_token", "twilio")
    more = {"code": name, "inbound_url": f"{our_url}/inbound/{door}"}
    if name != "twilio_sms":
        more["number"] = "84287300"
    if name == "infobip":
        more["subscription_basic"] = access.secrets["callback_basic"]
    return {**kit_of(name).simulator(our_url), **more}


async def test_a_text_is_brought_as_it_was_typed(texting: Texting) -> None:
    told = await texting.text(id="m-1")
    assert told["status"] == 200
    [brought] = texting.ours.brought
    assert brought.text == TEXT
    assert brought.sender.removeprefix("+") == PHONE
    assert TEXT not in repr(brought)


async def test_a_message_keeps_its_id_where_it_has_one(texting: Texting) -> None:
    for _ in range(2):
        await texting.text(id="m-1")
    await texting.text(id="m-2")
    first, again, other = (one.id for one in texting.ours.brought)
    assert first == again
    assert (other == first) is (texting.name == "speedsms")
    assert bool(first) is (texting.name != "speedsms")


async def test_a_reply_in_place_is_read_by_twilio_alone(texting: Texting) -> None:
    told = await texting.text()
    assert told["reply"] == ("Ho so dang xu ly." if texting.name == "twilio_sms" else None)
    assert ("Ho so dang xu ly." in await texting.page()) is (texting.name == "twilio_sms")


async def test_no_reply_is_understood_as_none(texting: Texting) -> None:
    texting.ours.reply = None
    told = await texting.text()
    assert (told["status"], told["reply"]) == (200, None)


async def test_somebody_else_s_text_is_refused(texting: Texting) -> None:
    told = await texting.text(forged=True)
    assert (told["status"], told["reply"]) == (403, None)
    assert texting.ours.refused > 0
    assert texting.ours.brought == []


async def test_the_phone_shows_what_was_written_and_where_to_write(texting: Texting) -> None:
    await texting.text()
    page = await texting.page()
    assert "Tra cứu &lt;000.00.12.H10-240521-0001&gt; &amp; 1234" in page
    assert f'<option value="{texting.name}">' in page


async def test_the_phone_writes_from_its_page(texting: Texting) -> None:
    where = f"{texting.sandbox}/phones/0984765321/texts"
    form = {"account": texting.name, "text": TEXT}
    async with texting.client.post(where, data=form, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/phones/0984765321")
    [brought] = texting.ours.brought
    assert brought.text == TEXT


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"account": "nobody"}, id="no such account"),
        pytest.param({"colour": "blue"}, id="an unknown wish"),
    ],
)
async def test_a_wrong_wish_is_refused(wrong: dict[str, str], texting: Texting) -> None:
    wish = {"account": texting.name, "phone": PHONE, "text": TEXT} | wrong
    async with texting.client.post(f"{texting.sandbox}/control/text", json=wish) as answer:
        assert answer.status == 422
    form = {"account": "nobody", "text": TEXT}
    where = f"{texting.sandbox}/phones/{PHONE}/texts"
    async with texting.client.post(where, data=form) as answer:
        assert answer.status == 422
    assert texting.ours.brought == []


def request_with(body: object, method: str = "POST", **query: str) -> ReceiptRequest:
    return ReceiptRequest(
        method=method,
        url="https://gateway.example/inbound/acc",
        path_token="acc",
        headers={},
        query=query,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


UNREADABLE: list[Any] = [
    pytest.param("twilio_sms", b"", id="twilio: nothing"),
    pytest.param("twilio_sms", b"MessageSid=SM1&MessageStatus=sent", id="twilio: a report"),
    pytest.param("twilio_sms", b"MessageSid=SM1&Body=TC", id="twilio: no sender"),
    pytest.param("twilio_sms", b"From=%2B84984765321&Body=TC", id="twilio: no id"),
    pytest.param("twilio_sms", b"\xff", id="twilio: no form"),
    pytest.param("speedsms", b"{", id="speedsms: no JSON"),
    pytest.param("speedsms", [], id="speedsms: a list"),
    pytest.param("speedsms", {"type": "report", "tranId": 1, "phone": PHONE, "status": 0}, id="r"),
    pytest.param("speedsms", {"type": "sms", "content": "TC"}, id="speedsms: no phone"),
    pytest.param("speedsms", {"type": "sms", "phone": PHONE, "content": 1}, id="speedsms: number"),
    pytest.param("infobip", b"<xml/>", id="infobip: no JSON"),
    pytest.param("infobip", {"results": []}, id="infobip: nothing"),
    pytest.param("infobip", {"results": [{"messageId": "1", "status": {}}]}, id="infobip: report"),
    pytest.param("infobip", {"results": [{"messageId": "1", "text": "TC"}]}, id="infobip: nobody"),
    pytest.param("infobip", {"results": [{"from": PHONE, "text": "TC"}]}, id="infobip: no id"),
]


@pytest.mark.parametrize(("name", "body"), UNREADABLE)
async def test_what_is_no_text_is_not_taken_for_one(
    name: str, body: object, provider_at: Maker
) -> None:
    provider = provider_at(name)
    assert isinstance(provider, TakesMessages)
    with pytest.raises(NotAReceipt):
        provider.read_messages(request_with(body))


async def test_several_texts_of_one_request_are_read(provider_at: Maker) -> None:
    pushed = [{"messageId": n, "from": PHONE, "text": f"TC {n}"} for n in ("1", "2")]
    provider = provider_at("infobip")
    assert isinstance(provider, TakesMessages)
    found = provider.read_messages(request_with({"results": [*pushed, {"messageId": "3"}]}))
    assert [(one.id, one.text) for one in found] == [("1", "TC 1"), ("2", "TC 2")]


async def test_twilio_may_ask_by_get(provider_at: Maker) -> None:
    provider = provider_at("twilio_sms")
    assert isinstance(provider, TakesMessages)
    asked = request_with(b"", "GET", MessageSid="SM1", From=E164, Body="TC 1 2")
    [found] = provider.read_messages(asked)
    assert (found.id, found.sender, found.text) == ("SM1", E164, "TC 1 2")


async def test_what_twilio_has_answered_itself_is_left_to_it(provider_at: Maker) -> None:
    provider = provider_at("twilio_sms")
    assert isinstance(provider, TakesMessages)
    stop = b"MessageSid=SM1&From=%2B84984765321&Body=STOP&OptOutType=STOP"
    assert provider.read_messages(request_with(stop)) == ()


async def test_a_reply_is_escaped_in_twiml(provider_at: Maker) -> None:
    provider = provider_at("twilio_sms")
    assert isinstance(provider, TakesMessages)
    answer = provider.reply_in_place("A < B & C")
    assert answer is not None
    assert b"<Response><Message>A &lt; B &amp; C</Message></Response>" in answer.body
    assert "A < B" not in repr(answer)


async def test_only_the_documented_providers_take_messages(provider_at: Maker) -> None:
    taking = {name for name in PROVIDERS if isinstance(provider_at(name), TakesMessages)}
    assert taking == set(BRINGING)
