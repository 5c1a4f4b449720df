"""What guards the console's pages against other sites, injected markup and curious caches."""

import asyncpg
import pytest
from console_site import ConsoleSite

from gateway.domain.staff import Role
from gateway.web.console.routes import PAGES

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; media-src 'self' blob:; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
NOBODY = "usr_" + "0" * 32
TEMPLATE = "result-ready.sms.vi"


async def test_a_change_without_the_sessions_token_is_refused(site: ConsoleSite) -> None:
    await site.add("all", *Role)
    browser = site.browser()
    await browser.sign_in("all")
    other = site.browser()
    await other.get("/console/sign-in")
    for page in PAGES:
        if page.method != "POST":
            continue
        path = (
            page.path.replace("{id}", NOBODY)
            .replace("{template}", TEMPLATE)
            .replace("{code}", "none")
            .replace("{kind}", "unit")
        )
        for token in ("", "0" * 64, other.token, "tốt"):
            answer = await browser.post(path, token=token)
            assert answer.status == 403, (path, token)
            assert "Biểu mẫu đã hết hiệu lực" in answer.text
    assert (await browser.get("/console/account")).status == 200


async def test_a_token_is_worth_nothing_after_signing_in_anew(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    old = browser.token
    await browser.post("/console/sign-out")
    await browser.sign_in("a-admin")
    assert browser.token != old
    answer = await browser.post("/console/sign-out", token=old)
    assert answer.status == 403


async def test_the_token_may_come_in_a_header(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    right = {"X-CSRF-Token": browser.token}
    wrong = {"X-CSRF-Token": "0" * 64}
    path = "/console/users/new"
    assert (await browser.post(path, token="", headers=wrong)).status == 403
    assert (await browser.post(path, headers=wrong)).status == 403
    assert (await browser.post(path, token="", headers=right)).status == 422


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({}, 422),
    ],
    ids=["elsewhere", "hidden", "cross-site", "same-site", "same-origin", "no-browser"],
)
async def test_a_change_comes_from_our_own_pages(
    site: ConsoleSite, headers: dict[str, str], status: int
) -> None:
    browser = await site.signed_in(Role.ADMIN)
    assert (await browser.post("/console/users/new", headers=headers)).status == status


async def test_our_own_origin_is_believed(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    own = str(browser.base).rstrip("/")
    answer = await browser.post("/console/users/new", headers={"Origin": own})
    assert answer.status == 422


async def test_every_answer_carries_what_protects_it(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    for page in PAGES:
        path = (
            page.path.replace("{id}", NOBODY)
            .replace("{template}", TEMPLATE)
            .replace("{code}", "none")
            .replace("{kind}", "unit")
            .replace("{name}", "console.css")
        )
        answer = await (browser.get(path) if page.method == "GET" else browser.post(path, token=""))
        assert answer.headers["Content-Security-Policy"] == POLICY, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        kept = answer.headers["Cache-Control"]
        assert kept == "no-store" or path.startswith("/console/static/")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/feed", 401), ("/v1/notifications/none", 401), ("/healthz", 200), ("/none", 404)],
    ids=["feed", "notification", "health", "no-such-address"],
)
async def test_answers_beside_the_console_are_kept_nowhere_either(
    site: ConsoleSite, path: str, status: int
) -> None:
    answer = await site.browser().get(path)
    assert answer.status == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/nothing", 404),
        ("/console/static/nothing.css", 404),
        ("/console/static/..%2fapp.py", 404),
        ("/console/sign-out", 405),
    ],
)
async def test_a_wrong_address_is_answered_by_a_page_that_helps(
    site: ConsoleSite, path: str, status: int
) -> None:
    answer = await site.browser().get(path)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'href="/console/"' in answer.text
    assert answer.headers["Content-Security-Policy"] == POLICY


async def test_names_and_details_are_never_markup(site: ConsoleSite) -> None:
    """Not even where somebody wrote them into the ledger past all rules."""
    browser = await site.signed_in(Role.ADMIN)
    evil = "<img src=x onerror=alert(1)>"
    await site.rows("UPDATE console_user SET name = $1", evil)
    await site.rows("UPDATE audit SET actor = 'user:' || $1, subject = $1, detail = $1", evil)
    for path in ("/console/users", "/console/audit", "/console/account"):
        async with browser.session.get(browser.base.join(type(browser.base)(path))) as answer:
            text = await answer.text()
        assert answer.status == 200
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


async def test_what_was_typed_comes_back_escaped(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    typed = '"><script>alert(1)</script>'
    url = browser.base.join(type(browser.base)("/console/users/new"))
    fields = {"csrf": browser.token, "name": typed, "roles": "viewer", "scope": "all"}
    async with browser.session.post(url, data=fields) as answer:
        text = await answer.text()
    assert answer.status == 422
    assert "<script>alert" not in text
    assert 'value="&#34;&gt;&lt;script&gt;' in text


async def test_a_part_of_a_page_is_told_of_a_fault_without_losing_what_was_typed(
    site: ConsoleSite,
) -> None:
    answer = await site.browser().get("/console/users", **{"HX-Request": "true"})
    assert answer.status == 401
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "<html" not in answer.text
    assert "Phiên làm việc đã kết thúc" in answer.text


async def test_a_page_that_fails_says_so_and_betrays_nothing(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    connection = await asyncpg.connect(site.database_url)
    await connection.execute("ALTER TABLE audit RENAME TO audit_elsewhere")
    await connection.close()
    answer = await browser.get("/console/audit")
    assert answer.status == 500
    assert "Hệ thống gặp lỗi" in answer.text
    assert "audit_elsewhere" not in answer.text
    assert "Traceback" not in answer.text


async def test_without_the_ledger_a_page_says_so_and_keeps_its_style(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.api.core.database.close()
    answer = await browser.get("/console/users")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Cơ sở dữ liệu đang tạm ngừng" in answer.text
    assert (await browser.get("/console/static/console.css")).status == 200
