"""What we ask Twilio, judged by somebody else: Prism, after Twilio's own OpenAPI description."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from kits.kit import E164, REFERENCE
from provider_accounts import account, submission_for
from twilio_openapi import Description, Kit, NotHere, fetched, serving

from gateway.domain.message import SentMessage
from gateway.domain.outcome import Accepted, Missing, Outcome, Receipt
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import Provider
from gateway.providers.outbound import Call, Door, Reply
from gateway.providers.registry import build

SIDS = {"twilio_sms": "SM" + "a1" * 16, "twilio_voice": "CA" + "b2" * 16}
SERVICE = "MG" + "1" * 32
NUMBER = "+842873000000"


Told = Outcome | Receipt | Missing | None
Ask = Callable[[str, Door], Awaitable[Told]]


def provider_at(url: str, name: str, door: Door, sender: str = "") -> Provider:
    # Not the short wait of the other contract tests: Prism's first answers come slowly.
    access = replace(account(name, url), timeout_s=30.0)
    return build(replace(access, sender=sender or access.sender), name, door)


def sending(name: str, sender: str = "") -> Ask:
    return lambda url, door: provider_at(url, name, door, sender).send(submission_for(name))


def querying(name: str, provider_id: str | None = None) -> Ask:
    phone = Phone(e164=E164, kind=PhoneKind.MOBILE)
    sent = SentMessage(reference=REFERENCE, phone=phone, provider_id=provider_id, sent_at_s=0.0)
    return lambda url, door: provider_at(url, name, door).query(sent)


ABOUT_ONE = {
    "an SMS from a name": sending("twilio_sms"),
    "an SMS from a number": sending("twilio_sms", NUMBER),
    "an SMS from a messaging service": sending("twilio_sms", SERVICE),
    "a call": sending("twilio_voice"),
    "a known SMS": querying("twilio_sms", SIDS["twilio_sms"]),
    "a known call": querying("twilio_voice", SIDS["twilio_voice"]),
}
ABOUT_MANY = {
    "a lost SMS": querying("twilio_sms"),
    "a lost call": querying("twilio_voice"),
}
ALL = ABOUT_ONE | ABOUT_MANY


class WatchedDoor(Door):
    """Remembers what went through it."""

    def __init__(self) -> None:
        super().__init__()
        self.passed: list[tuple[Call, Reply]] = []

    async def request(self, call: Call) -> Reply:
        reply = await super().request(call)
        self.passed.append((call, reply))
        return reply


@pytest.fixture(scope="module")
def kit(request: pytest.FixtureRequest) -> Kit:
    try:
        return fetched(request.config.cache.mkdir("prism"))
    except NotHere as reason:
        pytest.skip(f"{reason}, so requests were NOT checked against Twilio's description")


@pytest.fixture(scope="module")
def description(kit: Kit) -> Description:
    return Description(kit.description)


@pytest.fixture(scope="module")
def prism_url(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(kit, tmp_path_factory.mktemp("prism")) as url:
        yield url


@pytest.fixture
async def watched() -> AsyncIterator[WatchedDoor]:
    async with WatchedDoor() as door:
        yield door


def unknown_names(call: Call, description: Description) -> set[str]:
    known = description.names(call.method, urlsplit(call.url).path)
    return {*(call.params or {}), *(call.form or {})} - known


def violations_in_the_request(reply: Reply) -> list[dict[str, object]]:
    """Prism reports on its own answer too, and Twilio's examples violate the description."""
    reported = json.loads(reply.headers.get("sl-violations", "[]"))
    return [one for one in reported if one["location"][0] != "response"]


@pytest.mark.parametrize("ask", ALL.values(), ids=ALL.keys())
async def test_what_we_ask_is_what_twilio_describes(
    ask: Ask, watched: WatchedDoor, prism_url: str, description: Description
) -> None:
    await ask(prism_url, watched)
    # Any further request follows the example of a next page, with the example's own query.
    call, reply = watched.passed[0]
    assert reply.status in (200, 201), reply.body
    assert violations_in_the_request(reply) == []
    assert unknown_names(call, description) == set()


@pytest.mark.parametrize("ask", ABOUT_ONE.values(), ids=ABOUT_ONE.keys())
async def test_twilios_own_example_of_an_answer_is_understood(
    ask: Ask, watched: WatchedDoor, prism_url: str
) -> None:
    told = await ask(prism_url, watched)
    [(_, reply)] = watched.passed
    assert isinstance(told, Accepted | Receipt)
    assert told.provider_id == reply.json()["sid"]
    assert told.code.split(":")[0] == reply.json()["status"]


def with_form(**values: str | None) -> Callable[[Call], Call]:
    def change(call: Call) -> Call:
        form = {**(call.form or {}), **values}
        return replace(call, form={name: text for name, text in form.items() if text is not None})

    return change


def with_page(**values: str) -> Callable[[Call], Call]:
    return lambda call: replace(call, params={**(call.params or {}), **values})


def with_address(old: str, new: str) -> Callable[[Call], Call]:
    return lambda call: replace(call, url=call.url.replace(old, new))


MISTAKES: dict[str, tuple[str, Callable[[Call], Call], int, str]] = {
    "an SMS to nobody": (
        "an SMS from a number",
        with_form(To=None),
        422,
        "must have required property 'To'",
    ),
    "a report address that is none": (
        "an SMS from a number",
        with_form(StatusCallback="our gateway"),
        422,
        "StatusCallback must match format",
    ),
    "a messaging service that is none": (
        "an SMS from a messaging service",
        with_form(MessagingServiceSid="MG1"),
        422,
        "MessagingServiceSid must match pattern",
    ),
    "a call from nobody": (
        "a call",
        with_form(From=None),
        422,
        "must have required property 'From'",
    ),
    "an unheard-of method": (
        "a call",
        with_form(Method="PUT"),
        422,
        "Method must be equal to one of the allowed values",
    ),
    "a time in words": (
        "a call",
        with_form(Timeout="forty"),
        422,
        "Timeout must be integer",
    ),
    "a page that is too long": (
        "a lost SMS",
        with_page(PageSize="5000"),
        422,
        "pagesize must be <= 1000",
    ),
    "an SMS asked for as a call": (
        "a known call",
        with_address(SIDS["twilio_voice"], SIDS["twilio_sms"]),
        422,
        "sid must match pattern",
    ),
    "an address that Twilio has not": (
        "a call",
        with_address("/Calls.json", "/Call.json"),
        404,
        "hasn't been found in the specification",
    ),
    "no login": (
        "an SMS from a number",
        lambda call: replace(call, basic=None),
        401,
        "security requirements",
    ),
}


@pytest.mark.parametrize(
    ("asked", "mistaken", "status", "complaint"), MISTAKES.values(), ids=MISTAKES.keys()
)
async def test_a_mistake_in_what_we_ask_would_be_found(
    asked: str,
    mistaken: Callable[[Call], Call],
    status: int,
    complaint: str,
    watched: WatchedDoor,
    prism_url: str,
) -> None:
    await ALL[asked](prism_url, watched)
    refused = await watched.request(mistaken(watched.passed[0][0]))
    assert refused.status == status
    assert complaint in refused.body.decode()


async def test_a_misspelt_name_would_be_found(
    watched: WatchedDoor, prism_url: str, description: Description
) -> None:
    await ALL["a call"](prism_url, watched)
    await ALL["a lost call"](prism_url, watched)
    (call, _), (lookup, _) = watched.passed[:2]
    assert unknown_names(with_form(MachineDetect="Enable")(call), description) == {"MachineDetect"}
    assert unknown_names(with_page(Size="20")(lookup), description) == {"Size"}
