"""What a change of the directory could break: what is under way, somebody else's change, a secret,
an amount read otherwise than it was meant."""

import json

import pytest
from console_site import Answer, Browser, ConsoleSite
from forms import hidden

from gateway.domain.staff import Role

BU_DOP = "H10.12"
POINT = "/console/directory/pickup_point/bu-dop"
SAVE_POINT = "/console/places/pickup_point/bu-dop"
ESMS, SAVE_ESMS = "/console/directory/account/esms-main", "/console/connections/account/esms-main"


@pytest.fixture(autouse=True)
async def _directory(site: ConsoleSite) -> None:
    await site.with_directory()


async def remove(browser: Browser, kind: str, code: str) -> Answer:
    page = await browser.get(f"/console/directory/{kind}/{code}")
    group = "connections" if kind in ("account", "source") else "places"
    return await browser.post(
        f"/console/{group}/{kind}/{code}/remove", revision=hidden(page, "revision")
    )


async def test_a_unit_stays_while_its_messages_are_under_way(site: ConsoleSite) -> None:
    owed = await site.owed(1)
    await site.rows(
        "UPDATE directory_entry SET body = jsonb_set(body, '{units}', '[\"H10.13\"]')"
        " WHERE kind = 'source'"
    )
    await site.rows("UPDATE directory_entry SET body = body - 'line_unit' WHERE kind = 'account'")
    browser = await site.signed_in(Role.OPERATOR)
    kept = await remove(browser, "unit", BU_DOP)
    assert kept.status == 422
    assert "1 tin của đơn vị này chưa xong" in kept.text
    await site.rows("DELETE FROM due WHERE notification_id = $1", owed)
    assert (await remove(browser, "unit", BU_DOP)).status == 303
    assert await site.audited() == [("directory.remove", f"unit:{BU_DOP}", "")]


@pytest.mark.parametrize("pool", ["zalo", "sms"], ids=["now", "at-a-later-step"])
async def test_a_pool_stays_while_messages_are_still_to_go_through_it(
    site: ConsoleSite, pool: str
) -> None:
    owed = await site.owed(1)
    [row] = await site.rows("SELECT steps FROM notification")
    assert [step["pool"] for step in json.loads(row["steps"])][:2] == ["zalo", "sms"]
    await site.rows(
        "UPDATE directory_entry SET body = jsonb_set(body, '{route}',"
        ' \'[{"channel": "voice", "pool": "voice"}]\') WHERE kind = \'unit\''
    )
    browser = await site.signed_in(Role.OPERATOR)
    kept = await remove(browser, "pool", pool)
    assert kept.status == 422
    assert "1 tin còn phải gửi qua nhóm này" in kept.text
    await site.rows("DELETE FROM due WHERE notification_id = $1", owed)
    assert (await remove(browser, "pool", pool)).status == 303


async def test_an_account_stays_while_its_reports_are_awaited(site: ConsoleSite) -> None:
    owed = await site.owed(1)
    await site.rows(
        "INSERT INTO attempt (notification_id, step, try, id, channel, account, reference,"
        " publication) VALUES ($1, 0, 1, $1, 'sms', 'esms-main', 'r', 1)",
        owed,
    )
    await site.rows(
        "INSERT INTO watch (notification_id, step, try, kind, until)"
        " VALUES ($1, 0, 1, 'receipt', now())",
        owed,
    )
    await site.rows(
        "UPDATE directory_entry SET body = jsonb_set(body, '{accounts}', '[\"twilio-sms\"]')"
        " || '{\"weights\": {}}' WHERE kind = 'pool' AND code = 'sms'"
    )
    browser = await site.signed_in(Role.ADMIN)
    kept = await remove(browser, "account", "esms-main")
    assert "còn chờ báo cáo về 1 tin" in kept.text
    await site.rows("DELETE FROM watch")
    assert (await remove(browser, "account", "esms-main")).status == 303


async def test_a_source_goes_only_after_its_keys(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await browser.post("/console/keys/igate-bu-dop", scopes=["read"])
    kept = await remove(browser, "source", "igate-bu-dop")
    assert (kept.status, "1 khóa của hệ thống nguồn này còn dùng được" in kept.text) == (422, True)
    [key] = site.api.core.directory.now.keys
    await browser.post("/console/keys/igate-bu-dop/revoke", key=key)
    assert (await remove(browser, "source", "igate-bu-dop")).status == 303


async def test_a_key_that_may_do_nothing_is_not_made(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    answer = await browser.post("/console/keys/igate-bu-dop", mode="live")
    assert "hãy chọn khóa được làm gì" in (await browser.get(answer.location)).text
    assert await site.audited() == []


async def test_no_key_is_made_without_its_audit(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.rows("ALTER TABLE audit ADD CONSTRAINT away CHECK (action <> 'keys.create')")
    assert (await browser.post("/console/keys/igate-bu-dop", scopes=["post"])).status >= 500
    assert await site.rows("SELECT FROM directory_entry WHERE kind = 'key'") == []


async def test_who_was_overtaken_keeps_what_was_typed_and_sees_how_it_differs(
    site: ConsoleSite,
) -> None:
    first, second = await site.signed_in(Role.OPERATOR), await site.limited(Role.OPERATOR, BU_DOP)
    revision = hidden(await second.get(POINT), "revision")
    theirs = {"name": "Quầy A", "address": "số 1"}
    shown = await first.post(SAVE_POINT, revision=revision, go="look", **theirs)
    saved = {"revision": revision, "go": "save", "shown": hidden(shown, "shown")}
    assert (await first.post(SAVE_POINT, **saved, **theirs)).status == 303

    typed = {"name": "Quầy B", "address": "số 1", "phone": "0271 1022"}
    late = await second.post(SAVE_POINT, revision=revision, go="look", **typed)
    assert late.status == 409
    for words in ("a-operator đã sửa mục này lúc", 'value="0271 1022"', "Quầy A", "Quầy B"):
        assert words in late.text, words
    again = {"revision": hidden(late, "revision"), "shown": hidden(late, "shown")}
    assert (await second.post(SAVE_POINT, go="save", **again, **typed)).status == 303
    assert site.api.core.directory.now.pickup_points["bu-dop"].name == "Quầy B"


async def test_an_empty_value_does_not_take_a_secret_away(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    revision = hidden(await browser.get(ESMS), "revision")
    names = {"revision": revision, "secret": "api_key"}
    empty = await browser.post(f"{SAVE_ESMS}/secret", go="replace", value="", **names)
    assert (empty.status, "Hãy nhập giá trị mới" in empty.text) == (422, True)
    directory = site.api.core.directory
    assert "api_key" in directory.now.secrets_of("account", "esms-main")
    taken = await browser.post(f"{SAVE_ESMS}/secret", go="take", value="", **names)
    assert "Đã bỏ." in (await browser.get(taken.location)).text
    assert "api_key" not in directory.now.secrets_of("account", "esms-main")
    operator = await site.signed_in(Role.OPERATOR)
    assert "Chưa dùng được" in (await operator.get("/console/accounts")).text
    assert "thiếu api_key" in (await operator.get("/console/accounts/esms-main")).text


async def test_the_day_of_an_entry_is_its_code(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    add, day = "/console/places/calendar_day/_new", {"day": "2027-02-05", "name": "Nghỉ bù"}
    shown = await browser.post(add, revision="0", go="look", **day)
    await browser.post(add, revision="0", go="save", shown=hidden(shown, "shown"), **day)
    form = await browser.get("/console/directory/calendar_day/2027-02-05")
    assert 'name="day"' not in form.text
    other = {"day": "2027-02-06", "name": "Nghỉ bù Tết"}
    shown = await browser.post(
        "/console/places/calendar_day/2027-02-05",
        revision=hidden(form, "revision"),
        go="look",
        **other,
    )
    await browser.post(
        "/console/places/calendar_day/2027-02-05",
        revision=hidden(form, "revision"),
        go="save",
        shown=hidden(shown, "shown"),
        **other,
    )
    kept = site.api.core.directory.now.calendar_days["2027-02-05"]
    assert (kept.day.isoformat(), kept.name) == ("2027-02-05", "Nghỉ bù Tết")


async def test_a_fault_of_another_entry_is_named_with_it(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    page = await browser.get("/console/directory/pool/sms")
    answer = await browser.post(
        "/console/places/pool/sms",
        revision=hidden(page, "revision"),
        go="look",
        channel="voice",
        accounts=["esms-main"],
    )
    assert answer.status == 422
    assert f"Không khớp với Đơn vị {BU_DOP}: Nhóm sms thuộc kênh khác" in answer.text


async def test_a_weight_does_not_undo_what_another_process_just_saved(site: ConsoleSite) -> None:
    """This process has not heard of it yet."""
    browser = await site.signed_in(Role.OPERATOR)
    await browser.get("/console/accounts/esms-main")
    await site.rows(
        "WITH head AS (UPDATE directory_head SET revision = revision + 1 RETURNING revision)"
        " INSERT INTO directory_entry (kind, code, revision, body, changed_by)"
        " SELECT kind, code, head.revision,"
        " jsonb_set(body, '{accounts}', '[\"esms-main\", \"twilio-sms\"]'), 'user:khac'"
        " FROM directory_entry, head WHERE kind = 'pool' AND code = 'sms'"
    )
    [head] = await site.rows("SELECT revision FROM directory_head")
    done = await browser.post(
        "/console/accounts/esms-main/weight", pool="sms", weight="30", revision=str(head[0])
    )
    assert done.status == 303
    pool = site.api.core.directory.now.pools["sms"]
    assert (pool.accounts, pool.weight("esms-main")) == (("esms-main", "twilio-sms"), 30)
