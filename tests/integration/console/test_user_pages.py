"""Administrators make, change and shut out users, and read what everybody did."""

import re

from console_site import PASSWORD, Browser, ConsoleSite

from gateway.domain import identity
from gateway.domain.staff import Role
from gateway.ledger import audit
from gateway.ledger.database import Database
from gateway.services.minting import mint

_SECRET = re.compile(r'id="start-password">([^<]+)<')


async def path_of(site: ConsoleSite, name: str) -> str:
    [row] = await site.rows("SELECT id FROM console_user WHERE name = $1", name)
    return f"/console/users/{identity.show('usr', row['id'])}"


async def acts(site: ConsoleSite, actor: str) -> list[tuple[str, str, str]]:
    rows = await site.rows(
        "SELECT action, subject, detail FROM audit WHERE actor = $1 ORDER BY id", actor
    )
    return [tuple(row) for row in rows]


async def rows_shown(browser: Browser, path: str) -> list[str]:
    text = (await browser.get(path)).text
    return re.findall(r"<tr>\s*<td[^>]*>.*?</tr>", text, re.DOTALL)


async def test_a_new_user_gets_a_password_that_is_shown_once_and_has_to_be_changed(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.ADMIN)
    made = await browser.post(
        "/console/users/new", name="Binh", roles=["editor", "viewer"], scope="all"
    )
    assert made.status == 201
    found = _SECRET.search(made.text)
    assert found
    assert found[1] not in (await browser.get(await path_of(site, "binh"))).text
    new = site.browser()
    assert (await new.sign_in("binh", found[1])).status == 303
    assert (await new.get("/console/")).location == "/console/account"
    assert await acts(site, "user:a-admin") == [
        ("session.begin", "", ""),
        ("user.add", "user:binh", "roles=editor,viewer units=all"),
    ]


async def test_a_form_with_mistakes_keeps_what_was_typed_and_says_what_to_do(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.ADMIN)
    taken = await browser.post("/console/users/new", name="a-admin", roles="editor", scope="some")
    assert taken.status == 422
    assert "đã có người dùng" in taken.text
    assert 'value="a-admin"' in taken.text
    assert 'value="editor" checked' in taken.text
    assert 'value="some" checked' in taken.text
    bad = await browser.post("/console/users/new", name="thư", roles="editor", scope="all")
    assert "chữ thường không dấu" in bad.text
    bare = await browser.post("/console/users/new", name="binh", scope="all")
    assert "ít nhất một vai trò" in bare.text
    limited = await browser.post("/console/users/new", name="binh", roles="admin", scope="some")
    assert "phải được xem tất cả đơn vị" in limited.text
    assert await site.rows("SELECT FROM console_user WHERE name <> 'a-admin'") == []


async def test_rights_are_changed_and_roles_that_do_not_exist_are_not_given(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.add("binh", Role.VIEWER)
    path = await path_of(site, "binh")
    saved = await browser.post(
        path, roles=["approver", "chief"], scope="some", units="nowhere", revision="1"
    )
    assert saved.location == "/console/users"
    assert "Đã lưu quyền của binh" in (await browser.get("/console/users")).text
    assert "Đã lưu quyền" not in (await browser.get("/console/users")).text
    [row] = await site.rows("SELECT roles, units FROM console_user WHERE name = 'binh'")
    assert (row["roles"], row["units"]) == (["approver"], [])
    assert (await acts(site, "user:a-admin"))[-1][2] == "roles=approver units="
    await browser.post(path, roles=["approver"], revision="2")
    [row] = await site.rows("SELECT units FROM console_user WHERE name = 'binh'")
    assert row["units"] == []


async def test_of_two_who_change_a_user_at_once_the_second_is_told(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.add("binh", Role.VIEWER)
    path = await path_of(site, "binh")
    await browser.post(path, roles="editor", scope="all", revision="1")
    late = await browser.post(path, roles="operator", scope="all", revision="1")
    assert late.status == 409
    assert "Người khác vừa thay đổi" in late.text
    [row] = await site.rows("SELECT roles FROM console_user WHERE name = 'binh'")
    assert row["roles"] == ["editor"]


async def test_the_last_administrator_cannot_be_lost(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    path = await path_of(site, "a-admin")
    for answer in (
        await browser.post(path, roles="viewer", scope="all", revision="1"),
        await browser.post(f"{path}/disable"),
    ):
        assert answer.status == 422
        assert "người quản trị cuối cùng" in answer.text
    assert (await browser.get("/console/users")).status == 200


async def test_disabling_and_enabling_are_two_clicks_with_an_answer(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.add("binh", Role.VIEWER)
    path = await path_of(site, "binh")
    await browser.post(f"{path}/disable")
    assert "Đã khóa người dùng binh" in (await browser.get("/console/users")).text
    assert (await site.browser().sign_in("binh")).status == 422
    await browser.post(f"{path}/enable")
    assert (await site.browser().sign_in("binh")).status == 303
    assert [act[:2] for act in (await acts(site, "user:a-admin"))[1:]] == [
        ("user.disable", "user:binh"),
        ("user.enable", "user:binh"),
    ]


async def test_a_reset_password_signs_out_and_replaces_the_old_one(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    theirs = await site.signed_in(Role.VIEWER)
    answer = await browser.post(f"{await path_of(site, 'a-viewer')}/password")
    found = _SECRET.search(answer.text)
    assert found
    assert (await theirs.get("/console/account")).status == 303
    assert (await theirs.sign_in("a-viewer", PASSWORD)).status == 422
    assert (await theirs.sign_in("a-viewer", found[1])).status == 303


async def test_users_that_do_not_exist_have_no_page(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    for wanted in ("usr_" + "0" * 32, "usr_1", "a-admin"):
        assert (await browser.get(f"/console/users/{wanted}")).status == 404
        assert (await browser.post(f"/console/users/{wanted}/disable")).status == 404


async def test_the_audit_is_filtered_and_goes_on_page_by_page(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.add("binh", Role.VIEWER)
    database: Database = site.api.core.database
    async with database.transaction() as connection:
        for number in range(60):
            entry = audit.Entry(
                id=mint(), actor="user:binh", action="read", detail=f"look {number}"
            )
            await audit.write(connection, entry)
        await audit.write(
            connection, audit.Entry(id=mint(), actor="igate/bt_1", action="search", found=7)
        )
    first = await rows_shown(browser, "/console/audit")
    assert len(first) == 50
    assert "igate" not in "".join(first)
    page = (await browser.get("/console/audit")).text
    older = re.search(r'href="(/console/audit\?before=aud_\w+)"', page)
    assert older
    second = await rows_shown(browser, older[1])
    assert "Đăng nhập" in second[-1]
    looks = re.findall(r"look (\d+)<", "".join(first + second))
    assert sorted(map(int, looks)) == list(range(60))
    binh = (await path_of(site, "binh")).rpartition("/")[2]
    assert len(await rows_shown(browser, f"/console/audit?who={binh}&action=search")) == 0
    [everybody] = await rows_shown(browser, "/console/audit?who=everybody&action=search")
    assert "igate/bt_1" in everybody
    assert "7 thông báo" in everybody
    assert await rows_shown(browser, "/console/audit?to=2026-01-01") == []
    assert len(await rows_shown(browser, "/console/audit?from=2026-01-01&to=never")) == 50


async def test_opening_the_audit_is_no_way_around_a_wrong_filter(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    for query in ("before=aud_1", "from=9999-12-31", "to=0001-01-01", "who=%00", "action=%00x"):
        assert (await browser.get(f"/console/audit?{query}")).status == 200, query
