"""What an official account tells of itself: pages, spellings of numbers, and what it will not tell;
and the consent by which it is connected."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

import pytest
from kits.zalo_zns import SECRETS
from provider_accounts import Tokens, account
from told_peer import Answer, Peer, json_answer

from gateway.providers.contract import TokenPair
from gateway.providers.outbound import BadReply, Door, MaybeSent, NotSent
from gateway.providers.registry import build
from gateway.providers.zalo_account import PAGE, Quality, Quota, ZaloAccount
from gateway.providers.zalo_client import Refused, Withheld
from gateway.providers.zalo_oauth import CodeRefused, challenge_of, exchange_code, permission_url
from gateway.providers.zalo_zns import ZaloZns


def told(data: object) -> Answer:
    return json_answer({"error": 0, "message": "Success", "data": data})


def error(code: int) -> Answer:
    return json_answer({"error": code, "message": "no"})


def row(number: int) -> dict[str, object]:
    return {
        "templateId": number,
        "templateName": f"Mẫu {number}",
        "createdTime": 1700000000000,
        "status": "ENABLE",
        "templateQuality": "HIGH",
    }


INFO = {
    "templateId": "7",
    "templateName": "Mẫu 7",
    "status": "DISABLE",
    "listParams": [
        {
            "name": "name",
            "require": True,
            "type": "STRING",
            "maxLength": 30,
            "minLength": 2,
            "acceptNull": False,
        }
    ],
    "timeout": 7_200_000,
    "previewUrl": "https://account.zalo.cloud/znspreview/x",
    "templateQuality": "LOW",
    "templateTag": "IN_TRANSACTION",
    "price_sdt": "300.0",
    "price_uid": "200",
}


@pytest.fixture
def zalo(peer: Peer, door: Door) -> ZaloAccount:
    provider = build(account("zalo_zns", peer.url), "zalo_zns", door, Tokens("t-1", "t-2"))
    assert isinstance(provider, ZaloZns)
    return provider.account


async def test_a_template_is_listed_and_described(peer: Peer, zalo: ZaloAccount) -> None:
    peer.will(told([row(7)]), told(INFO))
    [found] = await zalo.templates()
    assert (found.id, found.name, found.status, found.quality) == ("7", "Mẫu 7", "DISABLE", "LOW")
    assert (found.tag, found.price_vnd) == ("IN_TRANSACTION", 300)
    assert found.preview_url == "https://account.zalo.cloud/znspreview/x"
    assert found.limits is not None
    assert found.limits.timeout_s == 7200
    [param] = found.limits.parameters
    assert (param.name, param.type, param.required) == ("name", "STRING", True)
    assert (param.min_length, param.max_length) == (2, 30)
    assert [asked.path for asked in peer.asked] == [
        f"/template/all?offset=0&limit={PAGE}",
        "/template/info/v2?template_id=7",
    ]
    assert {asked.headers["access_token"] for asked in peer.asked} == {"t-1"}


async def test_pages_are_asked_for_until_one_is_not_full(peer: Peer, zalo: ZaloAccount) -> None:
    peer.will(
        told([row(number) for number in range(PAGE)]),
        # One that slid to the next page meanwhile is still one.
        told([row(number) for number in range(PAGE - 1, PAGE + 3)]),
        *[error(-109)] * (PAGE + 3),
    )
    found = await zalo.templates()
    assert [one.id for one in found] == [str(number) for number in range(PAGE + 3)]
    assert peer.asked[1].query == {"offset": str(PAGE), "limit": str(PAGE)}


async def test_one_that_it_will_not_describe_is_known_by_its_row(
    peer: Peer, zalo: ZaloAccount
) -> None:
    peer.will(told([row(7)]), error(-117))
    [found] = await zalo.templates()
    assert (found.id, found.status, found.limits) == ("7", "ENABLE", None)


@pytest.mark.parametrize(
    ("answers", "raised"),
    [
        pytest.param([error(-138)], Refused, id="refused"),
        pytest.param([Answer(status=403)], Refused, id="refused-by-status"),
        pytest.param([Answer(status=500)], Refused, id="down"),
        pytest.param([told({})], BadReply, id="no-list"),
        pytest.param([told([{"name": "x"}])], BadReply, id="row-without-id"),
        pytest.param([told(["x"])], BadReply, id="row-is-text"),
        pytest.param([told([row(7)]), Answer(raw=b"", reset=True)], MaybeSent, id="cut-off"),
        pytest.param([told([row(7)]), error(-32)], Refused, id="throttled"),
        pytest.param([told([row(7)]), told([])], BadReply, id="described-by-a-list"),
        pytest.param([error(-124), error(-124)], Refused, id="token-refused-twice"),
    ],
)
async def test_half_a_list_is_no_list(
    answers: Sequence[Answer], raised: type[Exception], peer: Peer, zalo: ZaloAccount
) -> None:
    peer.will(*answers)
    with pytest.raises(raised):
        await zalo.templates()


async def test_without_a_token_nothing_is_asked(peer: Peer, door: Door) -> None:
    provider = build(account("zalo_zns", peer.url), "zalo_zns", door, Tokens())
    assert isinstance(provider, ZaloZns)
    with pytest.raises(Withheld):
        await provider.account.quota()
    assert peer.asked == []


@pytest.mark.parametrize(
    ("data", "quota"),
    [
        ({"dailyQuota": 500, "remainingQuota": 499}, Quota(daily=500, remaining=499)),
        ({"dailyQuota": "500", "remainingQuota": "499"}, Quota(daily=500, remaining=499)),
        ({"dailyQuota": None, "remainingQuota": ""}, Quota(daily=None, remaining=None)),
    ],
    ids=["numbers", "text", "nothing"],
)
async def test_the_quota_is_read_however_it_is_spelled(
    data: object, quota: Quota, peer: Peer, zalo: ZaloAccount
) -> None:
    peer.will(told(data))
    assert await zalo.quota() == quota
    assert peer.asked[0].path == "/message/quota"


async def test_quality_and_content_types_are_read(peer: Peer, zalo: ZaloAccount) -> None:
    peer.will(
        told({"oaCurrentQuality": "MEDIUM", "oa7dayQuality": "HIGH"}),
        told(["OTP", "IN_TRANSACTION"]),
        told(None),
    )
    assert await zalo.quality() == Quality(now="MEDIUM", week="HIGH")
    assert await zalo.tags() == ("OTP", "IN_TRANSACTION")
    assert await zalo.tags() == ()
    paths = [asked.path for asked in peer.asked]
    assert paths == ["/quality", "/message/template-tag", "/message/template-tag"]


# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "https://notify.example.gov.vn/zalo?unit=1"


def test_the_challenge_is_that_of_the_standard() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE


def test_the_address_of_a_consent_carries_app_return_challenge_and_state() -> None:
    access = account("zalo_zns", "https://business.example")
    url = urlsplit(permission_url(access, BACK, VERIFIER, "s-1"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == (
        "https://business.example-oauth/v4/oa/permission"
    )
    assert dict(parse_qsl(url.query)) == {
        "app_id": "4000",
        "redirect_uri": BACK,
        "code_challenge": CHALLENGE,
        "state": "s-1",
    }


async def test_a_code_is_exchanged_with_its_verifier(peer: Peer, door: Door) -> None:
    pair = {"access_token": "a-1", "refresh_token": "r-1", "expires_in": "90000"}
    peer.will(json_answer(pair))
    access = account("zalo_zns", peer.url, oauth_base_url=peer.url)
    assert await exchange_code(access, door, "c-1", VERIFIER) == TokenPair(
        access="a-1", refresh="r-1", expires_in_s=90_000
    )
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/v4/oa/access_token")
    assert asked.headers["secret_key"] == SECRETS["app_secret"]
    assert asked.form == {
        "code": "c-1",
        "app_id": "4000",
        "grant_type": "authorization_code",
        "code_verifier": VERIFIER,
    }


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        pytest.param(error(-14003), CodeRefused, id="mismatch"),
        pytest.param(error(-14002), CodeRefused, id="app-inactive"),
        pytest.param(Answer(status=429), NotSent, id="throttled"),
        pytest.param(error(-100), BadReply, id="internal-error"),
        pytest.param(Answer(status=502), BadReply, id="down"),
        pytest.param(Answer(raw=b"", reset=True), MaybeSent, id="cut-off"),
    ],
)
async def test_a_code_that_brings_nothing_says_why(
    answer: Answer, raised: type[Exception], peer: Peer, door: Door
) -> None:
    peer.will(answer)
    access = account("zalo_zns", peer.url, oauth_base_url=peer.url)
    with pytest.raises(raised) as refused:
        await exchange_code(access, door, "c-1", VERIFIER)
    assert "c-1" not in repr(refused.value)
