"""The simulated Zalo, from its documentation; every answer is HTTP 200."""

import asyncio
import hashlib
import json
from base64 import urlsafe_b64encode

import pytest
from aiohttp import ClientSession
from sandbox_site import APP_ID, OA_SECRET, PERSON, Listener, Site, started_sandbox


async def test_a_right_message_is_accepted_with_an_id_and_the_quota(site: Site) -> None:
    answer = await site.zalo()
    assert (answer["error"], answer["message"]) == (0, "Success")
    assert answer["data"]["msg_id"]
    assert answer["data"]["quota"] == {"dailyQuota": "500000", "remainingQuota": "499999"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"token": ""}, -124, id="no token"),
        pytest.param({"token": "other"}, -124, id="unknown token"),
        pytest.param({"phone": "842713568123"}, -108, id="landline"),
        pytest.param({"phone": None}, -108, id="no phone"),
        pytest.param({"phone": 84984765321}, -108, id="phone as a number"),
        pytest.param({"template_id": "999"}, -109, id="unknown template"),
        pytest.param({"template_id": 100}, -109, id="template id as a number"),
        pytest.param({"template_id": "101"}, -131, id="template not in force"),
        pytest.param({"template_data": None}, -111, id="no data"),
        pytest.param({"template_data": {}}, -111, id="empty data"),
        pytest.param({"template_data": "name"}, -112, id="data is not an object"),
        pytest.param({"template_data": {"name": 7}}, -112, id="value is not text"),
        pytest.param({"template_data": {"note": "x"}}, -1122, id="parameter missing"),
        pytest.param({"template_data": {"name": "Nguyễn Văn An"}}, -1121, id="parameter too long"),
        pytest.param({"template_data": {"name": "A"}}, -1124, id="parameter too short"),
        pytest.param({"template_data": {"name": "An", "x": "y"}}, -132, id="unknown parameter"),
        pytest.param({"tracking_id": "a b"}, -132, id="tracking id with a blank"),
        pytest.param({"tracking_id": "x" * 49}, -132, id="tracking id too long"),
        pytest.param({"sending_mode": "3"}, -161, id="mode above the quota"),
        pytest.param({"mode": "development"}, -127, id="development mode"),
        pytest.param({"phone_number": "84"}, -132, id="unknown field"),
    ],
)
async def test_a_wrong_message_is_refused_with_its_code(
    site: Site, changes: dict[str, object], error: int
) -> None:
    answer = await site.zalo(**changes)
    assert answer["error"] == error
    assert answer["message"]
    assert await site.rows() == []


async def test_lengths_are_counted_in_composed_letters(site: Site) -> None:
    decomposed = "Nguyê\u0303n Ánh"  # ten letters once composed, eleven as written
    assert (await site.zalo(template_data={"name": decomposed}))["error"] == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [pytest.param(b"", -121, id="empty"), pytest.param(b"{", -122, id="broken")],
)
async def test_a_body_that_is_not_json_is_refused(site: Site, body: bytes, error: int) -> None:
    headers = {"access_token": "access-0"}
    answer = await site.post("/zalo/message/template", data=body, headers=headers)
    assert answer["error"] == error


async def test_another_method_is_refused(site: Site) -> None:
    assert (await site.zalo_get("/message/template"))["error"] == -106


async def test_a_message_beyond_the_quota_is_refused(site: Site) -> None:
    await site.post("/control", json={"account": "zalo", "quota_left": 1})
    assert (await site.zalo())["error"] == 0
    assert (await site.zalo(tracking_id="tracking-2"))["error"] == -144
    quota = (await site.zalo_get("/message/quota"))["data"]
    assert (quota["dailyQuota"], quota["remainingQuota"]) == ("500000", "0")


async def test_the_same_tracking_id_is_sent_twice(site: Site) -> None:
    await site.zalo()
    await site.zalo()
    row = await site.row()
    assert (row["submissions"], row["delivered"]) == (2, 2)


async def test_the_arrival_is_told_with_the_documented_signature(site: Site) -> None:
    sent = await site.zalo()
    event = await site.listener.next()
    told = json.loads(event.body)
    assert told["event_name"] == "user_received_message"
    assert told["message"]["tracking_id"] == "tracking-1"
    assert told["message"]["msg_id"] == sent["data"]["msg_id"]
    assert (told["sender"]["id"], told["recipient"]["id"]) == ("2001", PERSON)
    signed = APP_ID.encode() + event.body + told["timestamp"].encode() + OA_SECRET.encode()
    expected = f"mac={hashlib.sha256(signed).hexdigest()}"
    assert event.headers["X-ZEvent-Signature"] == expected
    assert event.headers["X-ZEvent-Server"] == "ZNS"


async def test_a_repeated_event_says_which_repetition_it_is(site: Site) -> None:
    site.listener.statuses = [500]
    await site.zalo()
    assert "num_retry" not in (await site.listener.next()).headers
    assert (await site.listener.next()).headers["num_retry"] == "1"


async def test_the_status_follows_the_arrival(site: Site) -> None:
    await site.post("/control", json={"account": "zalo", "receipt_delay_ms": 200})
    message_id = (await site.zalo())["data"]["msg_id"]
    assert (await site.zalo_get("/message/status", message_id=message_id))["data"]["status"] == 0
    await site.listener.next()
    arrived = (await site.zalo_get("/message/status", message_id=message_id))["data"]
    assert arrived["status"] == 1
    assert int(arrived["delivery_time"]) > 0


async def test_the_status_of_an_unknown_message_is_minus_one(site: Site) -> None:
    assert (await site.zalo_get("/message/status", message_id="x"))["data"]["status"] == -1
    assert (await site.zalo_get("/message/status"))["error"] == -107


async def test_a_template_tells_its_limits(site: Site) -> None:
    info = (await site.zalo_get("/template/info/v2", template_id="100"))["data"]
    assert (info["templateId"], info["status"], info["timeout"]) == ("100", "ENABLE", 7_200_000)
    assert info["listParams"][0] == {
        "name": "name",
        "require": True,
        "type": "STRING",
        "maxLength": 10,
        "minLength": 2,
        "acceptNull": False,
    }
    assert (await site.zalo_get("/template/info/v2", template_id="x"))["error"] == -109


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, ["100", "101"], id="all"),
        pytest.param({"status": "1"}, ["100"], id="in force"),
        pytest.param({"offset": "1"}, ["101"], id="second page"),
    ],
)
async def test_templates_are_listed_in_pages(
    site: Site, query: dict[str, str], found: list[str]
) -> None:
    listed = await site.zalo_get("/template/all", **({"offset": "0", "limit": "100"} | query))
    assert [one["templateId"] for one in listed["data"]] == found


@pytest.mark.parametrize("query", [{"status": "ENABLE"}, {"limit": "101"}, {"offset": "-1"}])
async def test_a_wrong_filter_of_templates_is_refused(site: Site, query: dict[str, str]) -> None:
    listed = await site.zalo_get("/template/all", **({"offset": "0", "limit": "9"} | query))
    assert listed["error"] == -132


async def test_a_refresh_token_works_once_and_gives_the_next_pair(site: Site) -> None:
    pair = await site.refresh("refresh-0")
    assert pair["expires_in"] == "90000"
    assert (await site.zalo(token=pair["access_token"]))["error"] == 0
    assert (await site.refresh("refresh-0"))["error"] == -14014
    assert "access_token" in await site.refresh(pair["refresh_token"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"app_id": "1"}, -14002, id="unknown app"),
        pytest.param({"grant_type": "password"}, -14005, id="unknown grant"),
    ],
)
async def test_a_wrong_refresh_is_refused(site: Site, changes: dict[str, str], error: int) -> None:
    assert (await site.refresh("refresh-0", **changes))["error"] == error


async def test_a_refresh_under_another_secret_is_refused_and_spends_nothing(site: Site) -> None:
    form = {"refresh_token": "refresh-0", "app_id": APP_ID, "grant_type": "refresh_token"}
    headers = {"secret_key": "other"}
    answer = await site.post("/zalo-oauth/v4/oa/access_token", data=form, headers=headers)
    assert answer["error"] == -14004
    assert "access_token" in await site.refresh("refresh-0")


async def test_expired_access_tokens_are_renewed_by_the_refresh_token(site: Site) -> None:
    await site.post("/control", json={"account": "zalo", "expire_tokens": True})
    assert (await site.zalo())["error"] == -124
    pair = await site.refresh("refresh-0")
    assert (await site.zalo(token=pair["access_token"]))["error"] == 0


async def test_after_the_consent_is_revoked_only_a_new_consent_helps(site: Site) -> None:
    await site.post("/control", json={"account": "zalo", "revoke_consent": True})
    assert (await site.refresh("refresh-0"))["error"] == -14014
    pair = await _consent(site, verifier="v" * 43)
    assert (await site.zalo(token=pair["access_token"]))["error"] == 0


async def test_a_code_without_its_verifier_is_refused(site: Site) -> None:
    assert (await _consent(site, verifier="v" * 43, shown="w" * 43))["error"] == -14003


async def test_a_grant_outlives_a_restart_of_the_sandbox(site: Site) -> None:
    pair = await site.refresh("refresh-0")
    restarted, url = await started_sandbox(Listener(url=site.listener.url))
    async with ClientSession() as client:
        after = Site(url=url, listener=site.listener, client=client)
        assert (await after.zalo(token=pair["access_token"]))["error"] == 0
        assert "access_token" in await after.refresh(pair["refresh_token"])
        assert (await after.refresh(pair["refresh_token"]))["error"] == -14014
    await restarted.close()


async def test_of_two_refreshes_at_once_one_succeeds(site: Site) -> None:
    answers = await asyncio.gather(site.refresh("refresh-0"), site.refresh("refresh-0"))
    assert sorted("access_token" in one for one in answers) == [False, True]


async def _consent(site: Site, *, verifier: str, shown: str = "") -> dict[str, str]:
    """The pair for a code that was asked for with one verifier and redeemed with another."""
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "app_id": APP_ID,
        "redirect_uri": "http://127.0.0.1/back",
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "state": "s-1",
    }
    where = f"{site.url}/zalo-oauth/v4/oa/permission"
    async with site.client.get(where, params=query, allow_redirects=False) as answer:
        assert answer.status == 302
        location = answer.headers["Location"]
    back = dict(part.split("=") for part in location.partition("?")[2].split("&"))
    assert (back["oa_id"], back["state"]) == ("2001", "s-1")
    return await site.refresh(
        "", grant_type="authorization_code", code=back["code"], code_verifier=shown or verifier
    )
