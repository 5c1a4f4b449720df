"""The simulated official account: what it tells of itself, its events, several under one app."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from sandbox_site import APP_ID, APP_SECRET, OA_SECRET, ZALO, Listener, Site, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from


@pytest.fixture
async def two() -> AsyncIterator[Site]:
    """A sandbox with two official accounts of one app."""
    listener = Listener()
    listening, listener.url = await started(listener.app())
    other = {"code": "other", "oa_id": "2002", "refresh_token": "other-0", "access_token": "o-0"}
    accounts = [
        {
            **one,
            "webhook_url": f"{listener.url}/receipts/{one['code']}",
            "redirect_uris": ["https://ours.example/back"],
        }
        for one in (ZALO, ZALO | other)
    ]
    sandbox, url = await started(build_app(config_from({"account": accounts})))
    async with ClientSession() as client:
        yield Site(url=url, listener=listener, client=client)
    await sandbox.close()
    await listening.close()


async def _wish(site: Site, **wishes: Any) -> None:
    await site.post("/control", json={"account": "zalo", **wishes})


async def test_quality_and_content_types_are_told(site: Site) -> None:
    await _wish(site, quality="LOW")
    quality = (await site.zalo_get("/quality"))["data"]
    assert quality == {"oaCurrentQuality": "LOW", "oa7dayQuality": "HIGH"}
    tags = (await site.zalo_get("/message/template-tag"))["data"]
    assert tags == ["OTP", "IN_TRANSACTION", "POST_TRANSACTION"]
    refused = await site.get("/zalo/quality", headers={"access_token": "x"})
    assert refused["error"] == -124


@pytest.mark.parametrize(
    ("wish", "name", "told"),
    [
        (
            {"daily_quota": 500},
            "change_oa_daily_quota",
            {"oaId": "2001", "quota": {"prev_value": 500_000, "new_value": 500}},
        ),
        (
            {"template_status": {"100": "DISABLE"}},
            "change_template_status",
            {
                "oa_id": "2001",
                "template_id": "100",
                "status": {"prev_status": "ENABLE", "new_status": "DISABLE"},
            },
        ),
        (
            {"template_quality": {"100": "LOW"}},
            "change_template_quality",
            {"oa_id": "2001", "template_id": "100", "quality": "LOW"},
        ),
        ({"tags": ["OTP"]}, "change_oa_template_tags", {"oa_id": "2001"}),
    ],
    ids=["quota", "status", "quality", "tags"],
)
async def test_a_change_is_told_by_a_signed_event(
    site: Site, wish: dict[str, Any], name: str, told: dict[str, Any]
) -> None:
    await _wish(site, **wish)
    heard = await site.listener.next()
    event = json.loads(heard.body)
    assert event["event_name"] == name
    assert told.items() <= event.items()
    signed = APP_ID.encode() + heard.body + event["timestamp"].encode() + OA_SECRET.encode()
    assert heard.headers["X-ZEvent-Signature"] == f"mac={sha256(signed).hexdigest()}"


async def test_what_was_changed_is_true_from_then_on(site: Site) -> None:
    await _wish(
        site,
        daily_quota=500,
        template_lengths={"100": {"name": 3}},
        template_quality={"100": "LOW"},
        drop_templates={"101": True},
    )
    assert (await site.zalo_get("/message/quota"))["data"]["dailyQuota"] == "500"
    info = (await site.zalo_get("/template/info/v2", template_id="100"))["data"]
    assert (info["templateQuality"], info["listParams"][0]["maxLength"]) == ("LOW", 3)
    assert (await site.zalo())["error"] == -1121
    listed = (await site.zalo_get("/template/all", offset="0", limit="9"))["data"]
    assert [(one["templateId"], one["templateQuality"]) for one in listed] == [("100", "LOW")]
    await _wish(site, template_status={"100": "DISABLE"})
    assert (await site.zalo(template_data={"name": "Ông"}))["error"] == -131


async def test_a_wish_for_a_template_that_is_not_there_is_refused(site: Site) -> None:
    wish = {"account": "zalo", "template_status": {"1": "DISABLE"}}
    async with site.client.post(f"{site.url}/control", json=wish) as answer:
        assert answer.status == 422


async def test_the_answer_of_a_refresh_can_be_lost_with_the_token(site: Site) -> None:
    await _wish(site, lose_refresh_answer=True)
    with pytest.raises(ClientError):
        await site.refresh("refresh-0")
    await _wish(site, lose_refresh_answer=False)
    assert (await site.refresh("refresh-0"))["error"] == -14014


class TestTwoAccountsOfOneApp:
    async def test_each_has_tokens_of_its_own(self, two: Site) -> None:
        pair = await two.refresh("other-0")
        assert (await two.refresh("other-0"))["error"] == -14014
        assert (await two.refresh("refresh-0"))["expires_in"] == "90000"
        await two.zalo(token=pair["access_token"])
        event = json.loads((await two.listener.next()).body)
        assert event["sender"]["id"] == "2002"
        again = await two.refresh(pair["refresh_token"])
        assert (await two.zalo(token=again["access_token"]))["error"] == 0

    @pytest.mark.parametrize("consents", ["zalo", "other"])
    async def test_the_administrator_who_consents_says_for_which(
        self, two: Site, consents: str
    ) -> None:
        await two.post("/control", json={"account": consents, "consents": True})
        status, back = await _permission(two, "https://ours.example/back")
        oa_id = {"zalo": "2001", "other": "2002"}[consents]
        assert (status, back["oa_id"]) == (302, oa_id)
        pair = await _exchange(two, back["code"])
        await two.zalo(token=pair["access_token"])
        assert json.loads((await two.listener.next()).body)["sender"]["id"] == oa_id

    async def test_a_return_that_is_not_registered_is_refused(self, two: Site) -> None:
        status, _ = await _permission(two, "https://other.example/back")
        assert status == 200

    async def test_a_code_works_once(self, two: Site) -> None:
        _, back = await _permission(two, "https://ours.example/back")
        assert "access_token" in await _exchange(two, back["code"])
        assert (await _exchange(two, back["code"]))["error"] == -14001


VERIFIER = "v" * 43


async def _permission(site: Site, back: str) -> tuple[int, dict[str, str]]:
    challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    query = {"app_id": APP_ID, "redirect_uri": back, "code_challenge": challenge}
    where = f"{site.url}/zalo-oauth/v4/oa/permission"
    async with site.client.get(where, params=query, allow_redirects=False) as answer:
        location = answer.headers.get("Location", "")
    return answer.status, dict(
        part.split("=") for part in location.partition("?")[2].split("&") if part
    )


async def _exchange(site: Site, code: str) -> dict[str, Any]:
    form = {
        "app_id": APP_ID,
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": VERIFIER,
    }
    headers = {"secret_key": APP_SECRET}
    return await site.post("/zalo-oauth/v4/oa/access_token", data=form, headers=headers)
