"""Connecting official accounts and looking at them, by the commands an operator has."""

import asyncio
import json
import os
import sys
from urllib.parse import parse_qs, parse_qsl, urlsplit

import aiohttp
import pytest
from zalo_site import ZaloSite

BACK = "https://notify.example.gov.vn/zalo"
LOST, STOPPED = ("token_lost", "oa-a"), ("account_stopped", "oa-a")


async def run(site: ZaloSite, *words: str, typed: str = "") -> tuple[int, str, str]:
    """Exit code and what was printed to each of the two streams."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "zalo", *words),
        env={**os.environ, **site.env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(typed.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def done(site: ZaloSite, *words: str, typed: str = "") -> str:
    code, out, err = await run(site, *words, typed=typed)
    assert code == 0, err
    return out


async def consented(url: str) -> dict[str, str]:
    """What stands behind the address to which the browser is sent back."""
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(url.strip(), allow_redirects=False) as answer,
    ):
        assert answer.status == 302, await answer.text()
        location = answer.headers["Location"]
    assert location.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(location).query))


async def test_a_lost_account_is_connected_again_by_a_consent(zalo: ZaloSite) -> None:
    zalo.oa("oa-a").take_wishes({"revoke_consent": True})
    ids = await zalo.owed(1)
    await zalo.serve()
    await zalo.until_alerts(LOST, STOPPED)

    url = await done(zalo, "consent", "oa-a", "--redirect-uri", BACK)
    asked = parse_qs(urlsplit(url.strip()).query)
    assert (asked["app_id"], asked["redirect_uri"]) == (["4000"], [BACK])
    [sealed] = await zalo.rows("SELECT sealed FROM zalo_consent WHERE account = 'oa-a'")
    assert asked["state"][0].encode() not in sealed["sealed"]
    back = await consented(url)
    told = await done(
        *(zalo, "consent", "oa-a", "--code", back["code"]),
        *("--state", back["state"], "--oa-id", back["oa_id"]),
    )
    assert "oa-a sends with the new tokens" in told
    assert set(await zalo.alerts()) == {STOPPED}
    assert await zalo.rows("SELECT 1 FROM zalo_consent") == []
    await zalo.rows("UPDATE due SET due_at = now() RETURNING 1")
    async with asyncio.timeout(10):
        while set(await zalo.states(ids)) - {"sent", "delivered"}:
            await zalo.serve()
            await asyncio.sleep(0.1)
    assert await zalo.alerts() == {}


async def test_a_new_pair_that_is_pasted_ends_the_alert(zalo: ZaloSite) -> None:
    zalo.oa("oa-a").take_wishes({"revoke_consent": True})
    await zalo.owed(1)
    await zalo.serve()
    pair = zalo.oa("oa-a").tokens.consent()
    typed = f"{pair['access_token']}\n{pair['refresh_token']}\n"
    assert LOST in await zalo.alerts()
    assert "sends with the new tokens" in await done(zalo, "paste-tokens", "oa-a", typed=typed)
    assert LOST not in await zalo.alerts()


async def test_a_console_that_wants_a_fixed_challenge_gets_that_of_the_accounts_verifier(
    zalo: ZaloSite,
) -> None:
    await zalo.set_up("oa-a", {}, {"code_verifier": "v" * 43})
    urls = [await done(zalo, "consent", "oa-a", "--redirect-uri", BACK) for _ in range(2)]
    asked = [parse_qs(urlsplit(url.strip()).query) for url in urls]
    assert asked[0]["code_challenge"] == asked[1]["code_challenge"]
    assert asked[0]["state"] != asked[1]["state"]
    back = await consented(urls[1])
    await done(zalo, "consent", "oa-a", "--code", back["code"])


REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "wrong-code": ({"code": "x"}, "the code is wrong, used or too old"),
    "another-state": ({"state": "x"}, "the state is not the one"),
    "another-official-account": ({"oa_id": "2002"}, "the consent is for the official account 2002"),
}


@pytest.mark.parametrize(("changes", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_what_came_back_must_belong_to_what_was_asked(
    zalo: ZaloSite, changes: dict[str, str], sentence: str
) -> None:
    back = await consented(await done(zalo, "consent", "oa-a", "--redirect-uri", BACK)) | changes
    code, _, err = await run(
        *(zalo, "consent", "oa-a", "--code", back["code"]),
        *("--state", back["state"], "--oa-id", back["oa_id"]),
    )
    assert code == 1
    assert sentence in err
    assert back["code"] not in err or back["code"] == "x"
    [kept] = await zalo.rows("SELECT version FROM account_token WHERE account = 'oa-a'")
    assert kept["version"] == 1


async def test_the_code_of_an_earlier_address_does_not_fit_the_one_printed_last(
    zalo: ZaloSite,
) -> None:
    back = await consented(await done(zalo, "consent", "oa-a", "--redirect-uri", BACK))
    await done(zalo, "consent", "oa-a", "--redirect-uri", BACK)
    _, _, err = await run(zalo, "consent", "oa-a", "--code", back["code"])
    assert "(-14003): the code does not belong to the address that was printed last" in err


@pytest.mark.parametrize(
    ("settings", "secrets", "sentence"),
    [
        ({}, {"app_secret": "x"}, "app_secret of the account is not the secret key"),
        ({"app_id": "4999"}, {}, "the app 4999 is inactive or does not exist"),
        (
            {"oauth_base_url": "http://127.0.0.1:1"},
            {},
            "Zalo was not reached (connect); try the same code again",
        ),
    ],
    ids=["secret", "app", "address"],
)
async def test_a_wrong_setting_is_named(
    zalo: ZaloSite, settings: dict[str, str], secrets: dict[str, str], sentence: str
) -> None:
    back = await consented(await done(zalo, "consent", "oa-a", "--redirect-uri", BACK))
    await zalo.set_up("oa-a", settings, secrets)
    _, _, err = await run(zalo, "consent", "oa-a", "--code", back["code"])
    assert sentence in err


async def test_a_consent_stands_for_a_quarter_of_an_hour(zalo: ZaloSite) -> None:
    back = await consented(await done(zalo, "consent", "oa-a", "--redirect-uri", BACK))
    statement = "UPDATE zalo_consent SET ends_at = ends_at - interval '15 min' RETURNING 1"
    await zalo.rows(statement)
    _, _, err = await run(zalo, "consent", "oa-a", "--code", back["code"])
    assert "no consent of oa-a was asked for in the last quarter of an hour" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("consent", "oa-a"), "give either --redirect-uri or --code"),
        (("consent", "oa-x", "--code", "c"), "the directory has no account oa-x"),
        (("templates", "oa-x"), "the directory has no account oa-x"),
    ],
    ids=["neither", "unknown-account", "unknown-account-listed"],
)
async def test_a_command_that_cannot_be_done_says_why(
    zalo: ZaloSite, words: tuple[str, ...], sentence: str
) -> None:
    code, _, err = await run(zalo, *words)
    assert code != 0
    assert sentence in err


async def test_templates_are_listed_with_our_name_for_them(zalo: ZaloSite) -> None:
    before = json.loads(await done(zalo, "templates", "oa-a", "--json"))
    assert before == [{"id": "7001", "ours": "result-ready", "status": "not among the account's"}]
    listed = json.loads(await done(zalo, "templates", "oa-a", "--refresh", "--json"))
    assert [(one["id"], one["ours"]) for one in listed] == [("7001", "result-ready"), ("9", None)]
    ours = listed[0]
    assert (ours["status"], ours["quality"], ours["tag"]) == ("ENABLE", "HIGH", "IN_TRANSACTION")
    assert "name: 0 to 30 characters" in ours["parameters"]
    assert "name: 0 to 30 characters" in await done(zalo, "templates", "oa-a")


async def test_the_status_tells_tokens_quota_and_quality(zalo: ZaloSite) -> None:
    found = json.loads(await done(zalo, "status", "oa-a", "--json"))
    assert found["token"].startswith("valid until ")
    assert (found["daily_quota"], found["quality_7_days"]) == (10_000, "HIGH")
    zalo.oa("oa-a").take_wishes({"revoke_consent": True})
    found = json.loads(await done(zalo, "status", "oa-a", "--json"))
    assert found["token"].startswith("lost; give consent anew")
    assert found["problem"] == "oa-a: credentials, no_token"
    assert found["daily_quota"] == 10_000
