"""The directory in the console: forms, what would change, who may, history, keys, trials."""

import json
import re
from pathlib import Path

import pytest
from console_site import Answer, Browser, ConsoleSite
from forms import hidden

from gateway.domain.staff import Role

BU_DOP, LOC_NINH = "H10.12", "H10.13"
DATA = Path(__file__).parents[2] / "data"
POINT = "/console/directory/pickup_point/bu-dop"
SAVE = "/console/places/pickup_point/bu-dop"
HOURS = {
    f"hours-{day}-{span}-{which}": time
    for day in range(1, 6)
    for span, times in enumerate((("07:00", "11:30"), ("13:30", "17:00")))
    for which, time in zip(("opens", "closes"), times, strict=True)
}
AS_IT_IS = {
    "name": "Quầy trả kết quả Bù Đốp",
    "address": "số 1 đường Lê Hồng Phong, Bù Đốp",
    "phone": "0271 3568 000",
    **HOURS,
}


@pytest.fixture(autouse=True)
async def _directory(site: ConsoleSite) -> None:
    await site.with_directory()


async def looked(browser: Browser, form: str, save: str, **typed: str) -> tuple[Answer, str]:
    """The page that shows what would change, and the revision that was seen."""
    revision = hidden(await browser.get(form), "revision")
    return await browser.post(save, revision=revision, go="look", **typed), revision


async def test_what_would_change_is_shown_before_it_is_saved(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    typed = {**AS_IT_IS, "address": "số 2 đường Mới", "hours-5-1-opens": "", "hours-5-1-closes": ""}
    shown, revision = await looked(browser, POINT, SAVE, **typed)
    assert shown.status == 200
    assert "số 1 đường Lê Hồng Phong" in shown.text
    assert "Thứ hai, Thứ ba, Thứ tư, Thứ năm: 13:30–17:00" in shown.text
    head = await site.rows("SELECT revision FROM directory_head")
    other = {**typed, "address": "số 3"}
    unseen = await browser.post(
        SAVE, revision=revision, go="save", shown=hidden(shown, "shown"), **other
    )
    assert (unseen.status, "số 3" in unseen.text) == (200, True)
    assert await site.rows("SELECT revision FROM directory_head") == head

    saved = await browser.post(
        SAVE, revision=revision, go="save", shown=hidden(shown, "shown"), **typed
    )
    assert (saved.status, saved.location) == (303, POINT)
    now = site.api.core.directory.now.pickup_points["bu-dop"]
    assert now.address == "số 2 đường Mới"
    assert [hours.days for hours in now.hours] == [(1, 2, 3, 4, 5), (1, 2, 3, 4)]
    assert await site.audited() == [
        ("directory.change", "pickup_point:bu-dop", "address, hours"),
    ]


async def test_nothing_is_changed_by_saving_a_form_as_it_is(site: ConsoleSite) -> None:
    """Every entry of the example comes back from its form as it was."""
    await site.add("thu", Role.OPERATOR, Role.ADMIN)
    browser = site.browser()
    await browser.sign_in("thu")
    shown, _ = await looked(browser, POINT, SAVE, **AS_IT_IS)
    assert "Không có gì khác" in shown.text


async def test_of_two_who_change_at_once_the_second_is_told(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    one, revision = await looked(browser, POINT, SAVE, **{**AS_IT_IS, "phone": "0271 1"})
    typed = {"revision": revision, "go": "save", "shown": hidden(one, "shown")}
    assert (await browser.post(SAVE, **typed, **{**AS_IT_IS, "phone": "0271 1"})).status == 303
    late = await browser.post(SAVE, **typed, **{**AS_IT_IS, "phone": "0271 1"})
    assert late.status == 409
    assert "a-operator đã sửa mục này" in late.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "Hãy điền ô này"),
        ({"hours-1-0-opens": "12:00"}, "mở trước đóng"),
        ({"hours-6-0-opens": "07:00"}, "mở trước đóng"),
    ],
    ids=["blank", "closes-before-it-opens", "half-a-span"],
)
async def test_a_fault_stands_at_its_field_and_what_was_typed_stays(
    site: ConsoleSite, typed: dict[str, str], sentence: str
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    answer, _ = await looked(browser, POINT, SAVE, **{**AS_IT_IS, "phone": "0271 9", **typed})
    assert answer.status == 422
    assert sentence in answer.text
    assert "0271 9" in answer.text
    assert await site.audited() == []


async def test_an_entry_that_does_not_fit_the_others_is_refused_in_words(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    answer, _ = await looked(
        browser,
        f"/console/directory/unit/{LOC_NINH}",
        f"/console/places/unit/{LOC_NINH}",
        **{
            "name": "Lộc Ninh",
            "verify_phone": "0271 1022",
            "pickup_point": "nowhere",
            "route-0-channel": "zalo",
            "route-0-pool": "sms",
        },
    )
    assert answer.status == 422
    assert "Không có nơi nhận nowhere" in answer.text
    wrong, _ = await looked(
        browser,
        f"/console/directory/unit/{LOC_NINH}",
        f"/console/places/unit/{LOC_NINH}",
        **{
            "name": "Lộc Ninh",
            "verify_phone": "0271 1022",
            "pickup_point": "loc-ninh",
            "route-0-channel": "zalo",
            "route-0-pool": "sms",
            "route-0-tries": "0, 30",
        },
    )
    assert "Nhóm sms thuộc kênh khác" in wrong.text


async def test_an_entry_is_added_removed_and_cannot_go_while_it_is_named(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    new, add = "/console/directory/calendar_day/_new", "/console/places/calendar_day/_new"
    shown, revision = await looked(browser, new, add, day="2027-02-05", name="Nghỉ bù Tết")
    saved = await browser.post(
        add,
        revision=revision,
        go="save",
        shown=hidden(shown, "shown"),
        day="2027-02-05",
        name="Nghỉ bù Tết",
    )
    assert saved.location == "/console/directory/calendar_day/2027-02-05"
    again, _ = await looked(browser, new, add, day="2027-02-05", name="Nghỉ bù Tết")
    assert "Mã này đã có" in again.text
    page = await browser.get(saved.location)
    gone = await browser.post(
        "/console/places/calendar_day/2027-02-05/remove", revision=hidden(page, "revision")
    )
    assert gone.status == 303
    assert (await browser.get(saved.location)).status == 404
    kept = await browser.post(
        f"{SAVE}/remove", revision=hidden(await browser.get(POINT), "revision")
    )
    assert kept.status == 422
    assert f"Đơn vị {BU_DOP} còn dùng mục này" in kept.text
    acts = [act for act, _, _ in await site.audited()]
    assert acts == ["directory.add", "directory.remove"]


async def test_history_tells_who_changed_what_and_a_version_comes_back(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    typed = {**AS_IT_IS, "phone": "0271 9"}
    shown, revision = await looked(browser, POINT, SAVE, **typed)
    await browser.post(SAVE, revision=revision, go="save", shown=hidden(shown, "shown"), **typed)
    history = await browser.get(f"{POINT}/history")
    assert "a-operator" in history.text
    assert "0271 3568 000 →" in history.text
    back = await browser.post(f"{SAVE}/back", to=revision, revision=hidden(history, "revision"))
    assert back.location == POINT
    assert site.api.core.directory.now.pickup_points["bu-dop"].phone == "0271 3568 000"
    assert (await browser.post(f"{SAVE}/back", to=revision, revision=revision)).status == 409


async def test_somebody_limited_to_units_changes_what_is_theirs_alone(site: ConsoleSite) -> None:
    browser = await site.limited(Role.OPERATOR, BU_DOP)
    places = (await browser.get("/console/directory/pickup_point")).text
    assert "bu-dop" in places
    assert "loc-ninh" not in places
    assert (await browser.get("/console/directory/pickup_point/loc-ninh")).status == 404
    assert (await browser.get(f"/console/directory/unit/{LOC_NINH}")).status == 404
    assert (await browser.get("/console/directory/account/twilio-sms")).status == 404
    assert (await browser.get("/console/directory/unit/_new")).status == 403
    assert (await browser.post("/console/places/pool/sms", go="look")).status == 403
    assert (await browser.post("/console/places/unit/_new", go="look")).status == 403
    assert (await browser.post(f"{SAVE}/remove", revision="1")).status == 403
    shown, _ = await looked(browser, POINT, SAVE, **{**AS_IT_IS, "phone": "0271 9"})
    assert (shown.status, "0271 9" in shown.text) == (200, True)
    await site.rows(
        "UPDATE directory_entry SET body = jsonb_set(body, '{pickup_point}', '\"bu-dop\"')"
        " WHERE kind = 'unit'"
    )
    await site.rows("UPDATE directory_head SET revision = revision + 1")
    await site.api.core.directory.refresh()
    assert (await browser.post(SAVE, go="look", **AS_IT_IS)).status == 403
    assert await site.audited() == []


async def test_a_secret_is_replaced_and_shown_to_nobody(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    path = "/console/directory/account/esms-main"
    page = await browser.get(path)
    assert "api_key, callback_token, secret_key" in page.text
    assert "DEMO_ESMS" not in page.text
    revision = hidden(page, "revision")
    secret = "/console/connections/account/esms-main/secret"
    done = await browser.post(secret, revision=revision, secret="api_key", value="s3cr3t-value")
    assert done.status == 303
    after = await browser.get(path)
    history = await browser.get(f"{path}/history")
    for page in (after, history, await browser.get("/console/audit")):
        assert "s3cr3t-value" not in page.text
    assert (
        site.api.core.directory.now.secrets_of("account", "esms-main")["api_key"] == "s3cr3t-value"
    )
    assert len(site.api.core.directory.now.secrets_of("account", "esms-main")) == 3
    late = await browser.post(secret, revision=revision, secret="api_key", value="x")
    assert late.status == 409
    bad = await browser.post(secret, revision=revision, secret="", new_secret="a b", value="x")
    assert bad.status == 422
    operator = await site.signed_in(Role.OPERATOR)
    assert (await operator.post(secret, revision=revision, secret="api_key")).status == 403
    assert "Anh/chị chỉ xem được" in (await operator.get(path)).text
    assert await site.audited() == [("directory.change", "account:esms-main", "secrets")]


async def test_an_account_comes_back_from_its_form_with_what_the_form_does_not_show(
    site: ConsoleSite,
) -> None:
    before = site.api.core.directory.now.accounts["zalo-oa"]
    browser = await site.signed_in(Role.ADMIN)
    path, save = "/console/directory/account/zalo-oa", "/console/connections/account/zalo-oa"
    typed = {
        "provider": "zalo_zns",
        "base_url": before.base_url,
        "settings": "\n".join(f"{name} = {value}" for name, value in before.settings.items()),
        "templates": "\n".join(f"{name}={value}" for name, value in before.templates.items()),
        "rate_per_s": "12,5",
        "price_vnd": "300",
        "unknown_policy": "stop",
    }
    shown, revision = await looked(browser, path, save, **typed)
    saved = await browser.post(
        save, revision=revision, go="save", shown=hidden(shown, "shown"), **typed
    )
    assert saved.status == 303
    now = site.api.core.directory.now.accounts["zalo-oa"]
    assert now == before.model_copy(update={"rate_per_s": 12.5})
    assert site.api.core.directory.now.secrets_of("account", "zalo-oa").keys() == {
        "app_secret",
        "oa_secret_key",
    }
    wrong, _ = await looked(
        browser, path, save, **{**typed, "rate_per_s": "nhanh", "settings": "app_id"}
    )
    assert "Mỗi dòng phải có dạng" in wrong.text


async def test_a_key_is_shown_once_and_revoked(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    made = await browser.post("/console/keys/igate-bu-dop", scopes=["post", "act"], mode="test")
    found = re.search(r"bt_(\w{8})_\w+", made.text)
    assert found
    page = "/console/directory/source/igate-bu-dop"
    assert found[0] not in (await browser.get(page)).text
    assert f"bt_{found[1]}_…" in (await browser.get(page)).text
    key = site.api.core.directory.now.keys[found[1]]
    assert (key.scopes, key.mode) == (("post", "act"), "test")
    await browser.post("/console/keys/igate-bu-dop/revoke", key=found[1])
    assert site.api.core.directory.now.keys[found[1]].revoked
    assert (await browser.post("/console/keys/igate-bu-dop/revoke", key="none")).status == 404
    assert [(act, subject) for act, subject, _ in await site.audited()] == [
        ("keys.create", "source:igate-bu-dop"),
        ("keys.revoke", "source:igate-bu-dop"),
    ]


async def test_a_payload_is_tried_and_nothing_of_it_kept(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    payload = (DATA / "dong_bo_ho_so.json").read_text()
    page = "/console/mapping-trial"
    assert "dong-bo-ho-so-mc" in (await browser.get(page)).text
    tried = await browser.post(page, mapping="dong-bo-ho-so-mc", payload=payload)
    assert tried.status == 200
    assert "Có kết quả" in tried.text
    assert await site.rows("SELECT FROM notification") == []
    assert "+842713568123 (máy bàn)" in tried.text
    for wrong, why in (
        ("{", "không phải JSON đúng chuẩn"),
        (json.dumps({"khac": 1}), "không đúng dạng mà cách đọc này chờ"),
    ):
        answer = await browser.post(page, mapping="dong-bo-ho-so-mc", payload=wrong)
        assert answer.status == 422
        assert wrong in answer.text
        assert why in answer.text
    assert (await browser.post(page, mapping="none", payload="{}")).status == 404
