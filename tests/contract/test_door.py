"""The outbound door itself: connections, limits, and what it says when the wire fails."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from told_peer import Answer, Peer, json_answer

from gateway.domain.outcome import Deferred, Reason, Unknown
from gateway.providers.outbound import (
    BadReply,
    Call,
    Door,
    Limits,
    MaybeSent,
    NotSent,
    outcome_of,
)

LIMIT = 64 * 1024


def call(url: str, timeout_s: float = 2.0) -> Call:
    return Call(method="POST", url=url, json={"a": "ấ"}, timeout_s=timeout_s)


def chunked(body: bytes) -> Answer:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return Answer(raw=head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))


async def test_a_body_within_the_limit_is_whole(peer: Peer, door: Door) -> None:
    peer.will(chunked(b"x" * LIMIT))
    assert (await door.request(call(peer.url))).body == b"x" * LIMIT


@pytest.mark.parametrize(
    "answer", [chunked(b"x" * (LIMIT + 1)), Answer(body=b"x" * (LIMIT + 1))], ids=["chunks", "long"]
)
async def test_a_body_beyond_the_limit_is_a_bad_reply(
    answer: Answer, peer: Peer, door: Door
) -> None:
    peer.will(answer)
    with pytest.raises(BadReply):
        await door.request(call(peer.url))


async def test_json_is_sent_as_it_is_written(peer: Peer, door: Door) -> None:
    peer.will(json_answer({}))
    await door.request(call(peer.url + "/p"))
    assert peer.asked[0].body == '{"a":"ấ"}'.encode()
    assert peer.asked[0].headers["content-type"] == "application/json"
    assert peer.asked[0].headers["accept-encoding"] == "identity"


async def test_a_form_query_and_login_are_encoded(peer: Peer, door: Door) -> None:
    peer.will(json_answer({}))
    await door.request(
        Call(
            method="POST",
            url=peer.url + "/p",
            form={"To": "+84 9", "Event": ["a", "b"]},
            params={"q": "a&b"},
            basic=("Aladdin", "open sesame"),
            timeout_s=2,
        )
    )
    [asked] = peer.asked
    assert asked.body == b"To=%2B84+9&Event=a&Event=b"
    assert asked.query == {"q": "a&b"}
    assert asked.headers["authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


async def test_a_text_is_sent_as_what_its_headers_say(peer: Peer, door: Door) -> None:
    peer.will(json_answer({}))
    headers = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"}
    await door.request(
        Call(method="POST", url=peer.url + "/p", text="<a>ấ</a>", headers=headers, timeout_s=2)
    )
    [asked] = peer.asked
    assert asked.body == "<a>ấ</a>".encode()
    assert asked.headers["content-type"] == "text/xml; charset=utf-8"
    assert asked.headers["accept"] == "text/xml"


async def test_a_connection_that_was_closed_while_idle_is_replaced(peer: Peer, door: Door) -> None:
    peer.will(Answer(body=b"{}", close_after=True))
    await door.request(call(peer.url))
    await asyncio.sleep(0.05)
    await door.request(call(peer.url))
    assert peer.connections == 2


async def test_many_calls_at_once_keep_to_the_limit_per_host(peer: Peer) -> None:
    peer.will(json_answer({}))
    async with Door(Limits(per_host=3)) as door:
        await asyncio.gather(*(door.request(call(peer.url)) for _ in range(30)))
    assert (len(peer.asked), peer.connections) == (30, 3)


async def test_cookies_are_not_kept(peer: Peer, door: Door) -> None:
    peer.will(json_answer({}, Set_Cookie="session=1"))
    await door.request(call(peer.url))
    await door.request(call(peer.url))
    assert "cookie" not in peer.asked[1].headers


async def test_an_address_that_is_none_sent_nothing(door: Door) -> None:
    for address in ("", "ftp://127.0.0.1/x", "http://", "http://[::1"):
        with pytest.raises(NotSent):
            await door.request(call(address))


@pytest.fixture
async def impostor(tmp_path: Path) -> AsyncIterator[str]:
    """A server whose certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "impostor")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    both = folder / "impostor.pem"
    both.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return both


async def test_a_certificate_nobody_vouches_for_sent_nothing(impostor: str, door: Door) -> None:
    with pytest.raises(NotSent) as told:
        await door.request(call(impostor))
    assert told.value.cause == "tls"


def test_what_was_not_sent_is_deferred_and_what_may_have_been_is_unknown() -> None:
    assert outcome_of(NotSent("dns")) == Deferred(reason=Reason.NOT_SENT, code="dns")
    assert outcome_of(MaybeSent(Reason.TIMEOUT)) == Unknown(reason=Reason.TIMEOUT)
    assert outcome_of(BadReply("http_200")) == Unknown(reason=Reason.BAD_REPLY, code="http_200")


async def test_giving_up_a_call_leaves_the_door_usable(peer: Peer, door: Door) -> None:
    peer.will(Answer(raw=b"", silent=True), json_answer({}))
    waiting = asyncio.ensure_future(door.request(call(peer.url)))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await door.request(call(peer.url))).status == 200
