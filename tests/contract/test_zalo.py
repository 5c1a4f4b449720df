"""Zalo ZNS: what is sent, what each code means, and how its tokens are renewed once."""

import pytest
from kits.kit import E164, REFERENCE
from kits.zalo_zns import KIT, SECRETS
from provider_accounts import Maker, Tokens, account, submit
from told_peer import Answer, Peer, json_answer

from gateway.domain.message import SentMessage
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Verdict,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import TokenPair
from gateway.providers.outbound import BadReply, Door, MaybeSent, NotSent
from gateway.providers.registry import build
from gateway.providers.zalo_oauth import ConsentLost, refresh_pair
from gateway.providers.zalo_zns import ZaloZns

TAKEN_BY_ZALO = KIT.taken


def error(code: int) -> Answer:
    return json_answer({"error": code, "message": f"no {E164}"})


def sent(provider_id: str | None = "z-1") -> SentMessage:
    phone = Phone(e164=E164, kind=PhoneKind.MOBILE)
    return SentMessage(
        reference=REFERENCE, phone=phone, provider_id=provider_id, sent_at_s=1_700_000_000.0
    )


async def test_the_request_names_the_registered_template(peer: Peer, provider_at: Maker) -> None:
    peer.will(TAKEN_BY_ZALO)
    ended = await submit(provider_at("zalo_zns"), "zalo_zns")
    assert ended == Accepted(provider_id="z-1", code="0")
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/message/template")
    assert asked.headers["access_token"] == "t-1"
    assert asked.json == {
        "phone": "84984765321",
        "template_id": "7788",
        "template_data": {"name": "Nguyễn Văn Thu", "code": "H10-1"},
        "tracking_id": REFERENCE,
    }


INFO = json_answer(
    {
        "error": 0,
        "data": {
            "status": "ENABLE",
            "timeout": 7_200_000,
            "listParams": [
                {"name": "name", "require": True, "maxLength": 14, "minLength": 1},
                {"name": "code", "require": True, "maxLength": 30, "minLength": 1},
            ],
        },
    }
)


async def test_parameters_are_checked_against_the_templates_own_limits_asked_for_once(
    peer: Peer, door: Door
) -> None:
    provider = build(
        account("zalo_zns", peer.url, check_template="1"), "zalo_zns", door, Tokens("t")
    )
    peer.will(INFO, TAKEN_BY_ZALO, TAKEN_BY_ZALO)
    assert isinstance(await submit(provider, "zalo_zns"), Accepted)
    assert isinstance(await submit(provider, "zalo_zns"), Accepted)
    paths = [asked.path.partition("?")[0] for asked in peer.asked]
    assert paths == ["/template/info/v2", "/message/template", "/message/template"]


async def test_a_parameter_too_long_for_the_template_is_refused_before_sending(
    peer: Peer, door: Door
) -> None:
    short = json_answer(
        {"error": 0, "data": {"status": "ENABLE", "listParams": [{"name": "name", "maxLength": 5}]}}
    )
    provider = build(
        account("zalo_zns", peer.url, check_template="1"), "zalo_zns", door, Tokens("t")
    )
    peer.will(short)
    assert await submit(provider, "zalo_zns") == Rejected(
        reason=Reason.PARAMETER_INVALID, blame=Blame.MESSAGE, code="misfit_name"
    )
    assert [asked.path.partition("?")[0] for asked in peer.asked] == ["/template/info/v2"]


async def test_limits_that_cannot_be_had_hold_no_message_up(peer: Peer, door: Door) -> None:
    provider = build(
        account("zalo_zns", peer.url, check_template="1"), "zalo_zns", door, Tokens("t")
    )
    peer.will(Answer(status=500), TAKEN_BY_ZALO)
    assert isinstance(await submit(provider, "zalo_zns"), Accepted)


async def test_a_template_zalo_has_no_id_for_waits_for_a_human(peer: Peer, door: Door) -> None:
    access = account("zalo_zns", peer.url)
    without = type(access)(**(vars(access) | {"templates": {}}))
    ended = await submit(build(without, "zalo_zns", door, Tokens("t")), "zalo_zns")
    assert ended == Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="no_template_id")
    assert peer.asked == []


def recipient(reason: Reason, code: int) -> Rejected:
    return Rejected(reason=reason, blame=Blame.RECIPIENT, code=str(code))


def message(reason: Reason, code: int) -> Rejected:
    return Rejected(reason=reason, blame=Blame.MESSAGE, code=str(code))


def deferred(reason: Reason, code: int, *, spends_try: bool = True) -> Deferred:
    return Deferred(reason=reason, code=str(code), spends_try=spends_try)


ENDINGS: list[Outcome] = [
    recipient(Reason.PHONE_INVALID, -108),
    recipient(Reason.RECIPIENT_UNAVAILABLE, -110),
    recipient(Reason.RECIPIENT_UNAVAILABLE, -114),
    recipient(Reason.NO_ZALO_ACCOUNT, -118),
    recipient(Reason.RECIPIENT_UNAVAILABLE, -119),
    recipient(Reason.RECIPIENT_REFUSED, -139),
    recipient(Reason.RECIPIENT_REFUSED, -141),
    message(Reason.PARAMETER_INVALID, -132),
    message(Reason.PARAMETER_INVALID, -1121),
    message(Reason.TEMPLATE_REFUSED, -131),
    message(Reason.TEMPLATE_REFUSED, -146),
    message(Reason.CONTENT_REFUSED, -145),
    deferred(Reason.PROVIDER_UNAVAILABLE, -100),
    deferred(Reason.WALLET_EMPTY, -115, spends_try=False),
    deferred(Reason.WALLET_EMPTY, -137, spends_try=False),
    deferred(Reason.ACCOUNT_MISCONFIGURED, -135),
    deferred(Reason.ACCOUNT_MISCONFIGURED, -101),
    deferred(Reason.CREDENTIALS, -104, spends_try=False),
    deferred(Reason.RATE_LIMITED, -32, spends_try=False),
    deferred(Reason.NIGHT, -133, spends_try=False),
    deferred(Reason.NIGHT, -234, spends_try=False),
    deferred(Reason.QUOTA, -144, spends_try=False),
    deferred(Reason.QUOTA, -147, spends_try=False),
    deferred(Reason.UNKNOWN_CODE, -9999),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.code)
async def test_each_code_has_its_ending_though_the_status_is_200(
    ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(error(int(ending.code)))
    assert await submit(provider_at("zalo_zns"), "zalo_zns") == ending
    assert len(peer.asked) == 1


@pytest.mark.parametrize("code", [-124, -216, -220])
async def test_a_refused_token_is_renewed_and_the_message_sent(
    code: int, peer: Peer, provider_at: Maker
) -> None:
    tokens = Tokens("old", "new")
    peer.will(error(code), TAKEN_BY_ZALO)
    ended = await submit(provider_at("zalo_zns", tokens=tokens), "zalo_zns")
    assert ended == Accepted(provider_id="z-1", code="0")
    assert [asked.headers["access_token"] for asked in peer.asked] == ["old", "new"]
    assert tokens.refused == ["old"]


async def test_a_token_refused_again_is_not_renewed_again(peer: Peer, provider_at: Maker) -> None:
    tokens = Tokens("old", "new", "newer")
    peer.will(error(-124))
    ended = await submit(provider_at("zalo_zns", tokens=tokens), "zalo_zns")
    assert ended == deferred(Reason.CREDENTIALS, -124, spends_try=False)
    assert tokens.refused == ["old"]
    assert len(peer.asked) == 2


@pytest.mark.parametrize("tokens", [Tokens(), Tokens("old")], ids=["at first", "after a refusal"])
async def test_without_consent_the_message_waits_for_a_human(
    tokens: Tokens, peer: Peer, provider_at: Maker
) -> None:
    peer.will(error(-124))
    ended = await submit(provider_at("zalo_zns", tokens=tokens), "zalo_zns")
    assert ended == Deferred(reason=Reason.CREDENTIALS, code="no_token", spends_try=False)


@pytest.mark.parametrize("lost", [NotSent("dns"), MaybeSent(Reason.TIMEOUT)], ids=repr)
async def test_a_renewal_lost_on_the_wire_is_not_a_lost_message(
    lost: NotSent | MaybeSent, peer: Peer, provider_at: Maker
) -> None:
    class Lost(Tokens):
        async def renewed(self, refused: str) -> str:
            raise lost

    peer.will(error(-124))
    ended = await submit(provider_at("zalo_zns", tokens=Lost("old")), "zalo_zns")
    assert ended == Deferred(reason=Reason.NOT_SENT, code="no_token")


@pytest.mark.parametrize("data", [None, {}, {"msg_id": 7}, []], ids=str)
async def test_a_success_without_an_id_is_still_a_success(
    data: object, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer({"error": 0, "data": data}))
    assert await submit(provider_at("zalo_zns"), "zalo_zns") == Accepted(code="0")


def status_answer(status: object) -> Answer:
    return json_answer({"error": 0, "data": {"status": status, "delivery_time": "1700000000000"}})


@pytest.mark.parametrize(
    ("status", "verdict"), [(0, Verdict.PROGRESS), (1, Verdict.DELIVERED)], ids=str
)
async def test_a_query_tells_whether_it_arrived(
    status: int, verdict: Verdict, peer: Peer, provider_at: Maker
) -> None:
    peer.will(status_answer(status))
    told = await provider_at("zalo_zns").query(sent())
    assert isinstance(told, Receipt)
    assert (told.verdict, told.reference, told.provider_id) == (verdict, REFERENCE, "z-1")
    assert peer.asked[0].path == "/message/status?message_id=z-1"


async def test_a_message_zalo_does_not_know_is_missing(peer: Peer, provider_at: Maker) -> None:
    peer.will(status_answer(-1))
    assert await provider_at("zalo_zns").query(sent()) == Missing()


@pytest.mark.parametrize(
    "answer",
    [
        status_answer("?"),
        status_answer(8),
        status_answer(True),
        error(-100),
        Answer(status=500),
        json_answer({"error": 0}),
    ],
    ids=["text", "unlisted", "truth", "refused", "down", "no data"],
)
async def test_an_unclear_status_tells_nothing(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    assert await provider_at("zalo_zns").query(sent()) is None


async def test_a_query_renews_a_refused_token_too(peer: Peer, provider_at: Maker) -> None:
    peer.will(error(-124), status_answer(1))
    told = await provider_at("zalo_zns").query(sent())
    assert isinstance(told, Receipt)
    assert told.verdict is Verdict.DELIVERED


async def test_without_the_provider_id_nothing_is_asked(peer: Peer, provider_at: Maker) -> None:
    assert await provider_at("zalo_zns").query(sent(provider_id=None)) is None
    assert peer.asked == []


async def test_the_limits_of_a_template_are_read(peer: Peer, provider_at: Maker) -> None:
    peer.will(
        json_answer(
            {
                "error": 0,
                "data": {
                    "status": "ENABLE",
                    "timeout": 7200000,
                    "listParams": [{"name": "name", "require": True, "maxLength": 30}],
                },
            }
        )
    )
    provider = provider_at("zalo_zns")
    assert isinstance(provider, ZaloZns)
    limits = await provider.template_info("7788")
    assert limits is not None
    assert limits.refused({"name": "x" * 31}) == ("name",)
    assert peer.asked[0].path == "/template/info/v2?template_id=7788"


async def test_an_unknown_template_has_no_limits(peer: Peer, provider_at: Maker) -> None:
    peer.will(error(-109))
    provider = provider_at("zalo_zns")
    assert isinstance(provider, ZaloZns)
    assert await provider.template_info("1") is None


PAIR = {"access_token": "a-2", "refresh_token": "r-2", "expires_in": "90000"}


async def test_a_refresh_answers_the_next_pair(peer: Peer, door: Door) -> None:
    peer.will(json_answer(PAIR))
    pair = await refresh_pair(account("zalo_zns", peer.url, oauth_base_url=peer.url), door, "r-1")
    assert pair == TokenPair(access="a-2", refresh="r-2", expires_in_s=90_000)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/v4/oa/access_token")
    assert asked.headers["secret_key"] == SECRETS["app_secret"]
    assert asked.form == {
        "refresh_token": "r-1",
        "app_id": "4000",
        "grant_type": "refresh_token",
    }


async def test_tokens_are_never_shown(peer: Peer, door: Door) -> None:
    peer.will(json_answer(PAIR))
    pair = await refresh_pair(account("zalo_zns", peer.url, oauth_base_url=peer.url), door, "r-1")
    assert "a-2" not in repr(pair)
    assert "r-2" not in repr(pair)


REFRESHES: dict[str, tuple[Answer, type[Exception]]] = {
    "dead grant": (json_answer({"error": -14014, "error_name": "Invalid refresh"}), ConsentLost),
    "wrong secret": (json_answer({"error": -14004}), NotSent),
    "throttled": (json_answer({"error": -32}), NotSent),
    "throttled by status": (Answer(status=429), NotSent),
    "internal error": (json_answer({"error": -100}), BadReply),
    "down": (Answer(status=502, body=b"<html>"), BadReply),
    "redirect": (Answer(status=302), BadReply),
    "half a pair": (json_answer({"access_token": "a"}), BadReply),
    "empty": (Answer(), BadReply),
    "cut off": (Answer(raw=b"", reset=True), MaybeSent),
}


@pytest.mark.parametrize(("answer", "raised"), REFRESHES.values(), ids=REFRESHES.keys())
async def test_a_failed_refresh_says_whether_the_old_token_may_be_used_up(
    answer: Answer, raised: type[Exception], peer: Peer, door: Door
) -> None:
    peer.will(answer)
    with pytest.raises(raised) as told:
        await refresh_pair(account("zalo_zns", peer.url, oauth_base_url=peer.url), door, "r-1")
    assert "r-1" not in repr(told.value)
