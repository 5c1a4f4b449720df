"""What the other side of the wire can do to a submission, and how each ends, for every provider."""

import asyncio
import logging
import socket
import traceback

import pytest
from kits import NAMES, kit_of
from kits.kit import E164, TEXT, word
from provider_accounts import Maker, Tokens, account, submission_for, submit
from told_peer import Answer, Peer, json_answer

from gateway.domain.outcome import Accepted, Deferred, Outcome, Reason, Unknown
from gateway.providers.outbound import Call, Door, Limits, MaybeSent, NotSent
from gateway.providers.registry import build

pytestmark = pytest.mark.parametrize("name", NAMES)

HTML = b"<html><body>Bad gateway</body></html>"


async def test_a_taken_message_is_accepted(name: str, peer: Peer, provider_at: Maker) -> None:
    peer.will(*kit_of(name).first, kit_of(name).taken)
    assert isinstance(await submit(provider_at(name), name), Accepted)


async def test_many_messages_share_one_connection(
    name: str, peer: Peer, provider_at: Maker
) -> None:
    peer.will(*kit_of(name).first, kit_of(name).taken)
    provider = provider_at(name)
    for _ in range(5):
        await submit(provider, name)
    assert (len(peer.asked), peer.connections) == (5 + len(kit_of(name).first), 1)


LOST = {
    "silence": (Answer(raw=b"", silent=True), Reason.TIMEOUT),
    "slow drip": (Answer(drip_s=0.05, body=b"{}"), Reason.TIMEOUT),
    "head, then silence": (
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", silent=True),
        Reason.TIMEOUT,
    ),
    "reset": (Answer(raw=b"", reset=True), Reason.CONNECTION_LOST),
    "reset within the body": (
        Answer(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"a"', reset=True),
        Reason.CONNECTION_LOST,
    ),
    "not HTTP": (Answer(raw=b"220 smtp.example ESMTP\r\n\r\n"), Reason.BAD_REPLY),
    "empty body": (Answer(), Reason.BAD_REPLY),
    "HTML": (Answer(body=HTML), Reason.BAD_REPLY),
    "a list": (json_answer([1, 2]), Reason.BAD_REPLY),
    "not UTF-8": (Answer(body=b'{"a": "\xff"}'), Reason.BAD_REPLY),
    "deeply nested": (Answer(body=b"[" * 50_000), Reason.BAD_REPLY),
    "too large": (Answer(body=b" " * 70_000 + b"{}"), Reason.BAD_REPLY),
    "no fields": (json_answer({}), Reason.BAD_REPLY),
    "fields without a value": (
        json_answer({"CodeResult": None, "sid": None, "error": None}),
        Reason.BAD_REPLY,
    ),
    "fields of another type": (
        json_answer({"CodeResult": [100], "sid": 7, "error": "0"}),
        Reason.BAD_REPLY,
    ),
    "truth instead of numbers": (
        json_answer({"CodeResult": True, "sid": True, "error": False}),
        Reason.BAD_REPLY,
    ),
    "error 500": (Answer(status=500, body=HTML), Reason.BAD_REPLY),
    "error 502": (Answer(status=502, body=HTML), Reason.BAD_REPLY),
    "error 503": (Answer(status=503, body=HTML), Reason.BAD_REPLY),
    "request timeout": (Answer(status=408), Reason.BAD_REPLY),
}


@pytest.mark.parametrize(("answer", "reason"), LOST.values(), ids=LOST.keys())
async def test_a_lost_answer_is_unknown_because_the_message_may_have_been_sent(
    name: str, answer: Answer, reason: Reason, peer: Peer, provider_at: Maker
) -> None:
    peer.will(*kit_of(name).first, answer)
    ended = await submit(provider_at(name), name)
    assert isinstance(ended, Unknown)
    assert ended.reason is reason
    assert len(peer.asked) == 1 + len(kit_of(name).first)


def throttled(wait_s: float | None) -> Deferred:
    return Deferred(
        reason=Reason.RATE_LIMITED, code="http_429", retry_after_s=wait_s, spends_try=False
    )


REFUSED = {
    "429": (Answer(status=429, body=HTML), throttled(None)),
    "429 with seconds": (Answer(status=429, headers={"Retry-After": "7"}), throttled(7.0)),
    "429 with a date": (
        Answer(
            status=429,
            headers={
                "Date": "Fri, 24 May 2024 17:00:00 GMT",
                "Retry-After": "Fri, 24 May 2024 17:01:30 GMT",
            },
        ),
        throttled(90.0),
    ),
    "429 with nonsense": (Answer(status=429, headers={"Retry-After": "soon"}), throttled(None)),
    "503 with seconds": (
        Answer(status=503, headers={"Retry-After": "30"}),
        Deferred(reason=Reason.PROVIDER_UNAVAILABLE, code="http_503", retry_after_s=30.0),
    ),
    "403": (
        Answer(status=403),
        Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="http_403"),
    ),
    "404": (
        Answer(status=404, body=HTML),
        Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="http_404"),
    ),
    "redirect": (
        Answer(status=302, headers={"Location": "http://127.0.0.1:1/login"}),
        Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="http_302"),
    ),
}


@pytest.mark.parametrize(("answer", "ending"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_plain_refusal_is_deferred(
    name: str, answer: Answer, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(*kit_of(name).first, answer)
    assert await submit(provider_at(name), name) == ending
    assert len(peer.asked) == 1 + len(kit_of(name).first)


async def test_a_refused_login_stops_the_account_unless_a_token_had_run_out(
    name: str, peer: Peer, provider_at: Maker
) -> None:
    peer.will(*kit_of(name).first, Answer(status=401))
    assert word(await submit(provider_at(name), name)) == kit_of(name).status_401


def not_sent(cause: str) -> Deferred:
    return Deferred(reason=Reason.NOT_SENT, code=cause)


async def test_a_refused_connection_sent_nothing(name: str, provider_at: Maker) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert await submit(provider_at(name, url), name) == not_sent("connect")


async def test_an_unknown_host_sent_nothing(name: str, provider_at: Maker) -> None:
    assert await submit(provider_at(name, "http://nowhere.invalid"), name) == not_sent("dns")


async def test_a_failed_tls_handshake_sent_nothing(
    name: str, peer: Peer, provider_at: Maker
) -> None:
    peer.will(Answer(raw=b"plain\r\n\r\n"))
    url = peer.url.replace("http:", "https:")
    ended = await submit(provider_at(name, url), name)
    assert isinstance(ended, Deferred)
    assert ended.reason is Reason.NOT_SENT
    assert peer.asked == []


async def test_waiting_in_vain_for_a_free_connection_sent_nothing(name: str, peer: Peer) -> None:
    peer.will(Answer(raw=b"", silent=True))
    async with Door(Limits(per_host=1, connect_timeout_s=0.05)) as door:
        hog = door.request(Call(method="GET", url=peer.url, timeout_s=0.5))

        waiting = asyncio.ensure_future(hog)
        await asyncio.sleep(0.02)

        provider = build(account(name, peer.url), name, door, Tokens("t"))
        assert await submit(provider, name) == not_sent("connect_timeout")
        with pytest.raises(MaybeSent):
            await waiting
    assert len(peer.asked) == 1


TOLD = {
    "reset": Answer(raw=b"", reset=True),
    "silence": Answer(raw=b"", silent=True),
    "echoing page": Answer(body=f"<html>{E164} {TEXT}".encode()),
    "echoing error": json_answer({"code": 21211, "message": f"{E164} is not valid"}, status=400),
    "echoing list": json_answer([E164, TEXT]),
}


@pytest.mark.parametrize("answer", TOLD.values(), ids=TOLD.keys())
async def test_nothing_about_the_person_or_the_account_is_told_to_logs_or_errors(
    name: str, answer: Answer, peer: Peer, provider_at: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    peer.will(*kit_of(name).first, answer)
    told = ""
    try:
        told = repr(await provider_at(name).send(submission_for(name)))
    except (NotSent, MaybeSent) as error:
        told = "".join(traceback.format_exception(error)) + repr(error)
    told += caplog.text
    secrets = kit_of(name).account["secrets"].values()
    private = [E164, E164[1:], E164[3:], "%2B84", TEXT, "Thu", *secrets, "t-1"]
    assert [word for word in private if word in told] == []
