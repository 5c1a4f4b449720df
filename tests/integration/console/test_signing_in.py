"""Coming in, staying in and going out of the console."""

import asyncio
import json
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from console_site import PASSWORD, Answer, ConsoleSite

from gateway.domain.staff import Patience, Role
from gateway.ledger import sessions
from gateway.ledger.sessions import Lifetimes
from gateway.services.passwords import Passwords
from gateway.services.sign_in import SignIn, SignInRefused, hash_of
from gateway.services.turnstile import Turnstiles

WRONG = "không phải mật khẩu này"


def cookies_of(answer: Answer) -> SimpleCookie:
    found = SimpleCookie()
    for header in answer.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
        found.load(header)
    return found


async def test_the_root_leads_to_the_form_and_from_there_to_the_first_page(
    site: ConsoleSite,
) -> None:
    await site.add("thu", Role.ADMIN)
    browser = site.browser()
    assert (await browser.get("/")).location == "/console/"
    asked = await browser.get("/console/")
    assert (asked.status, asked.location) == (303, "/console/sign-in?next=/console/")
    entered = await browser.sign_in("thu", next="/console/")
    assert (entered.status, entered.location) == (303, "/console/")
    assert (await browser.get("/console/")).location == "/console/templates"
    assert (await browser.get("/console/users")).status == 200


async def test_a_wrong_password_is_answered_like_a_wrong_name(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    texts = []
    for name, password in (("thu", WRONG), ("nobody", PASSWORD), ("không tên", PASSWORD)):
        answer = await browser.sign_in(name, password)
        assert answer.status == 422
        assert f'value="{name}"' in answer.text
        assert PASSWORD not in answer.text
        texts.append(answer.text.replace(name, "…"))
    assert len(set(texts)) == 1


async def test_a_password_may_be_typed_composed_or_decomposed(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert (await site.browser().sign_in("THU", decomposed)).status == 303


async def test_signing_in_makes_a_new_session_of_which_the_ledger_knows_a_hash(
    site: ConsoleSite,
) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    await browser.get("/console/sign-in")
    planted = browser.cookie()
    assert planted
    await browser.sign_in("thu")
    token = browser.cookie()
    assert token
    assert token != planted
    [row] = await site.rows("SELECT token FROM console_session")
    assert row["token"] == hash_of(token)
    intruder = site.browser()
    intruder.session.cookie_jar.update_cookies({"baotin-session": planted}, intruder.base)
    assert (await intruder.get("/console/account")).location.startswith("/console/sign-in")


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    await browser.get("/console/sign-in")
    answer = await browser.post("/console/sign-in", name="thu", password=PASSWORD)
    session = cookies_of(answer)["baotin-session"]
    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Lax", "/")
    assert session["secure"] == ""


async def test_behind_tls_cookies_are_secure_and_bound_to_the_host(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    site = await ConsoleSite.open(
        tmp_path, database_url, redis_url, BAOTIN_WEB_EXTERNAL_URL="https://tin.example.gov.vn"
    )
    try:
        answer = await site.browser().get("/console/sign-in")
        session = cookies_of(answer)["__Host-baotin-session"]
        assert (session["secure"], session["path"], session["domain"]) == (True, "/", "")
        assert (session["httponly"], session["samesite"]) == (True, "Lax")
    finally:
        await site.close()


@pytest.mark.parametrize(
    ("column", "age"), [("seen_at", "31 minutes"), ("began_at", "601 minutes")]
)
async def test_a_session_ends_unused_and_in_any_case(
    site: ConsoleSite, column: str, age: str
) -> None:
    browser = await site.signed_in(Role.VIEWER)
    younger = (
        f"UPDATE console_session SET {column} = now() - interval '{age}' + interval '2 minutes'"
    )
    await site.rows(younger)
    assert (await browser.get("/console/account")).status == 200
    await site.rows(f"UPDATE console_session SET {column} = now() - interval '{age}'")
    assert (await browser.get("/console/account")).status == 303


async def test_using_a_session_keeps_it_alive(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.VIEWER)
    await site.rows("UPDATE console_session SET seen_at = now() - interval '29 minutes'")
    await browser.get("/console/account")
    [row] = await site.rows(
        "SELECT now() - seen_at < interval '1 minute' AS fresh FROM console_session"
    )
    assert row["fresh"]


async def test_what_has_ended_is_forgotten_in_time(site: ConsoleSite) -> None:
    await site.signed_in(Role.VIEWER)
    await site.signed_in(Role.EDITOR)
    await site.browser().sign_in("nobody", WRONG)
    await site.rows(
        "UPDATE console_session SET seen_at = now() - interval '31 minutes' WHERE user_id ="
        " (SELECT id FROM console_user WHERE name = 'a-viewer')"
    )
    lifetimes = Lifetimes(idle_s=1800, absolute_s=36_000)
    failures = "SELECT count(*) FROM sign_in_failure WHERE times > 0"
    for age, left in (("1 hour", 2), ("25 hours", 0)):
        await site.rows(f"UPDATE sign_in_failure SET times = 1, last_at = now() - interval '{age}'")
        async with site.api.core.database.connection() as connection:
            await sessions.forget_old(connection, lifetimes)
        assert (await site.rows(failures))[0][0] == left
    [row] = await site.rows(
        "SELECT u.name FROM console_session s JOIN console_user u ON u.id = s.user_id"
    )
    assert row["name"] == "a-editor"


async def test_a_message_for_the_next_page_that_nobody_knows_is_not_said(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.VIEWER)
    known, unknown = ["users.saved", {}], ["no.such", {}]
    for left in (known, unknown, ["users.saved", {"key": "a"}], "users", [1], "deep"):
        said = b"[" * 2500 if left == "deep" else json.dumps(left).encode()
        packed = urlsafe_b64encode(said).decode()
        browser.session.cookie_jar.update_cookies({"baotin-flash": packed}, browser.base)
        assert (await browser.get("/console/account")).status == 200


async def test_signing_out_ends_the_session_in_the_ledger(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.VIEWER)
    token = browser.cookie()
    assert token
    answer = await browser.post("/console/sign-out")
    assert answer.location == "/console/sign-in"
    assert await site.rows("SELECT FROM console_session") == []
    thief = site.browser()
    thief.session.cookie_jar.update_cookies({"baotin-session": token}, thief.base)
    assert (await thief.get("/console/account")).status == 303


async def test_failures_for_a_name_make_it_wait_longer_each_time(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    for _ in range(5):
        assert (await browser.sign_in("thu", WRONG)).status == 422
    waits = await browser.sign_in("thu")
    assert waits.status == 429
    assert 0 < int(waits.headers["Retry-After"]) <= 30
    assert "chờ 1 phút" in waits.text
    await site.rows("UPDATE sign_in_failure SET until = now()")
    assert (await browser.sign_in("thu", WRONG)).status == 422
    assert int((await browser.sign_in("thu")).headers["Retry-After"]) > 30
    await site.rows("UPDATE sign_in_failure SET until = now()")
    assert (await browser.sign_in("thu")).status == 303
    assert (await site.browser().sign_in("thu", WRONG)).status == 422


async def test_another_process_knows_of_the_failures(
    site: ConsoleSite, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    await site.add("thu", Role.VIEWER)
    for _ in range(5):
        await site.browser().sign_in("thu", WRONG)
    other = await ConsoleSite.open(tmp_path, database_url, redis_url)
    try:
        assert (await other.browser().sign_in("thu")).status == 429
    finally:
        await other.close()


async def test_many_tries_at_once_are_not_one(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    await browser.get("/console/sign-in")
    tries = [browser.post("/console/sign-in", name="thu", password=WRONG) for _ in range(12)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]
    assert statuses.count(422) == 5
    assert statuses.count(429) == 7


async def test_failures_from_an_address_make_it_wait_for_every_name(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    for number in range(20):
        assert (await browser.sign_in(f"nobody-{number}", WRONG)).status == 422
    assert (await browser.sign_in("thu")).status == 429
    found = await site.rows("SELECT whom::text FROM sign_in_failure")
    assert all("127.0.0.1" not in row["whom"] for row in found)


async def test_a_disabled_user_is_out_at_once_and_stays_out(site: ConsoleSite) -> None:
    await site.add("chief", Role.ADMIN)
    browser = await site.signed_in(Role.VIEWER)
    users = site.api.parts.console.users
    await users.set_disabled("a-viewer", "test", disabled=True)
    assert (await browser.get("/console/account")).status == 303
    assert (await browser.sign_in("a-viewer")).status == 422
    await users.set_disabled("a-viewer", "test", disabled=False)
    assert (await browser.sign_in("a-viewer")).status == 303


async def test_whoever_was_given_a_password_has_to_choose_one_first(site: ConsoleSite) -> None:
    await site.add("thu", Role.ADMIN, must_change=True)
    browser = site.browser()
    assert (await browser.sign_in("thu")).status == 303
    for path in ("/console/", "/console/users", "/console/audit"):
        assert (await browser.get(path)).location == "/console/account"
    assert (await browser.post("/console/users/new", name="binh")).location == "/console/account"
    new = "cầu Sài Gòn về đêm"
    done = await browser.post("/console/account", current=PASSWORD, password=new, again=new)
    assert done.location == "/console/templates"
    assert (await browser.get("/console/users")).status == 200


async def test_changing_the_password_signs_out_everywhere_else(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    here, there = site.browser(), site.browser()
    await here.sign_in("thu")
    await there.sign_in("thu")
    new = "cầu Sài Gòn về đêm"
    await here.post("/console/account", current=PASSWORD, password=new, again=new)
    assert (await here.get("/console/account")).status == 200
    assert (await there.get("/console/account")).status == 303
    assert (await there.sign_in("thu")).status == 422
    assert (await there.sign_in("thu", new)).status == 303


async def test_a_password_that_will_not_do_is_refused_with_the_reason(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.VIEWER)
    for current, password, again, sentence in (
        (WRONG, "cầu Sài Gòn", "cầu Sài Gòn", "Mật khẩu đang dùng không đúng"),
        (PASSWORD, "cầu Sài Gòn đêm", "cầu Sài Gòn", "không giống nhau"),
        (PASSWORD, "ngắn", "ngắn", "ít nhất 12 ký tự."),
        (PASSWORD, PASSWORD, PASSWORD, "phải khác mật khẩu đang dùng"),
        (PASSWORD, "tôi là a-viewer đây", "tôi là a-viewer đây", "không được chứa tên"),
    ):
        answer = await browser.post(
            "/console/account", current=current, password=password, again=again
        )
        assert answer.status == 422
        assert sentence in answer.text
    assert (await site.browser().sign_in("a-viewer")).status == 303


async def test_nobody_is_sent_elsewhere_after_signing_in(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    for wanted in (
        *("https://evil.example/", "//evil.example"),
        *("/console/\\evil", "javascript:alert(1)"),
    ):
        browser = site.browser()
        form = await browser.get(f"/console/sign-in?next={wanted}")
        assert wanted not in form.text
        assert (await browser.sign_in("thu", next=wanted)).location == "/console/"
        switched = await browser.post("/console/language", language="en", back=wanted)
        assert switched.location == "/console/"


async def test_the_language_stays_as_chosen(site: ConsoleSite) -> None:
    browser = site.browser()
    assert '<html lang="vi">' in (await browser.get("/console/sign-in")).text
    await browser.post("/console/language", language="en", back="/console/sign-in")
    english = await browser.get("/console/sign-in")
    assert '<html lang="en">' in english.text
    assert "User name" in english.text
    assert (await browser.post("/console/language", language="fr")).status == 400


class _Meanwhile(Passwords):
    """Something else happens once the password was found right."""

    def __init__(self, act: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._act = act

    async def is_right(self, password: str, stored: str | None) -> bool:
        found = await super().is_right(password, stored)
        await self._act()
        return found


def _sign_in(site: ConsoleSite, meanwhile: Callable[[], Awaitable[None]]) -> SignIn:
    core, patience = site.api.core, Patience(free=9, longest_s=60)
    return SignIn(
        database=core.database,
        passwords=_Meanwhile(meanwhile),
        turnstiles=Turnstiles(core.database, core.hasher, patience, patience),
        lifetimes=Lifetimes(idle_s=1800, absolute_s=36_000),
    )


@pytest.mark.parametrize("act", ["reset", "disable"])
async def test_who_is_shut_out_while_signing_in_is_not_let_in(site: ConsoleSite, act: str) -> None:
    await site.add("thu", Role.VIEWER)
    users = site.api.parts.console.users

    async def shut_out() -> None:
        if act == "reset":
            await users.reset_password("thu", "một mật khẩu khác hẳn", "admin")
        else:
            await users.set_disabled("thu", "admin", disabled=True)

    await site.add("admin", Role.ADMIN)
    with pytest.raises(SignInRefused):
        await _sign_in(site, shut_out).sign_in("thu", PASSWORD, "10.0.0.1")
    assert await site.rows("SELECT FROM console_session") == []
    assert await site.rows("SELECT FROM audit WHERE action = 'session.begin'") == []
    failures = await site.rows("SELECT times FROM sign_in_failure")
    assert {row["times"] for row in failures} == {1}


async def test_a_hash_that_another_sign_in_renews_at_the_same_time_keeps_nobody_out(
    site: ConsoleSite,
) -> None:
    await site.add("thu", Role.VIEWER)

    async def renew() -> None:
        again = await Passwords().hash(PASSWORD)
        await site.rows("UPDATE console_user SET password = $1", again)
        renewals.append(again)
        sign_in._passwords = Passwords()

    renewals: list[str] = []
    sign_in = _sign_in(site, renew)
    assert await sign_in.sign_in("thu", PASSWORD, "10.0.0.1")
    assert len(renewals) == 1
