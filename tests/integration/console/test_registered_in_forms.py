"""Registered texts of an account, changed in its form."""

from typing import Any

import pytest
from console_site import Answer, Browser, ConsoleSite
from forms import hidden

from gateway.domain.staff import Role
from gateway.services.apply_directory import as_wanted
from gateway.services.edit_directory import NEW, Edit

FORM, SAVE = "/console/directory/account/vnpt", "/console/connections/account/vnpt"
READY = {
    "kind": "result-ready",
    "id": "123",
    "text": "Ho so {code} da co ket qua. Moi den {place} ",
    "params": ["place", "code"],
    "longest": {"code": 30},
}
PLAIN = {
    "provider": "vnpt",
    "base_url": "http://127.0.0.1:1",
    "settings": "agent_id = 1",
    "rate_per_s": "50.0",
    "max_in_flight": "128",
    "timeout_s": "10.0",
    "unknown_policy": "stop",
}
FIRST = {
    "text-0-kind": "result-ready",
    "text-0-id": "123",
    "text-0-text": READY["text"],
    "text-0-params": "place, code",
    "text-0-longest": "code = 30",
}


@pytest.fixture
async def browser(site: ConsoleSite) -> Browser:
    """An administrator, and an account that takes registered texts only."""
    await site.with_directory()
    table: dict[str, Any] = {
        "code": "vnpt",
        "provider": "vnpt",
        "base_url": "http://127.0.0.1:1",
        "settings": {"agent_id": "1"},
        "registered": [READY],
    }
    model = as_wanted("account", table).model
    await site.api.parts.console.editor.save(Edit(model=model, seen=NEW, secrets={}), "test")
    return await site.signed_in(Role.ADMIN)


async def saved(browser: Browser, **typed: str) -> Answer:
    """What the page answers after it has shown the difference, or at once where it finds fault."""
    revision = hidden(await browser.get(FORM), "revision")
    shown = await browser.post(SAVE, revision=revision, go="look", **{**PLAIN, **typed})
    if 'name="shown"' not in shown.text:
        return shown
    fields = {"revision": revision, "shown": hidden(shown, "shown"), "go": "save"}
    return await browser.post(SAVE, **fields, **{**PLAIN, **typed})


async def test_the_form_shows_every_text_and_changes_none_by_itself(
    site: ConsoleSite, browser: Browser
) -> None:
    page = (await browser.get(FORM)).text
    for shown in ("Ho so {code} da co ket qua", 'value="place, code"', "code = 30", "Nội dung 3"):
        assert shown in page, shown
    assert "Không có gì khác" in (await saved(browser, **FIRST)).text


async def test_a_text_is_added_and_another_removed(site: ConsoleSite, browser: Browser) -> None:
    second = {
        "text-1-kind": "fee-due",
        "text-1-id": "7",
        "text-1-text": "Ho so {code}\r\ncan nop le phi",
    }
    assert (await saved(browser, **FIRST, **second)).status == 303
    first, other = site.api.core.directory.now.accounts["vnpt"].registered
    assert (first.text, first.params, dict(first.longest)) == (
        READY["text"],
        ("place", "code"),
        {"code": 30},
    )
    assert (other.kind, other.text) == ("fee-due", "Ho so {code}\ncan nop le phi")
    assert (await saved(browser, **second)).status == 303
    [left] = site.api.core.directory.now.accounts["vnpt"].registered
    assert left.kind == "fee-due"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text-0-kind": ""}, "Mục 1: Hãy chọn loại thông báo"),
        ({"text-0-text": "{code} va {code}", "text-0-params": ""}, "Mục 1: Một chỗ thay đổi"),
        ({"text-0-params": "place"}, "Mục 1: Thứ tự phải nêu"),
        ({"text-0-longest": "ten = 5"}, "Mục 1: Có độ dài của một chỗ"),
        ({"text-0-longest": "code: 5"}, "Mục 1: Mỗi dòng phải có dạng"),
        ({"text-0-longest": "code = dài"}, "Mục 1: Hãy"),
        ({"text-0-id": ""}, "Có nội dung chưa có mã"),
        (dict.fromkeys(FIRST, ""), "Hãy nhập ít nhất một nội dung"),
        ({"text-5-kind": "refused", "text-5-id": "9"}, "Mục 2: Hãy điền ô này"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_cannot_be_registered_is_told_and_stays_in_the_form(
    site: ConsoleSite, browser: Browser, typed: dict[str, str], sentence: str
) -> None:
    before = site.api.core.directory.now.accounts["vnpt"]
    answer = await saved(browser, **{**FIRST, **typed})
    assert answer.status == 422
    assert sentence in answer.text
    for name, value in typed.items():
        assert value in answer.text, name
    assert site.api.core.directory.now.accounts["vnpt"] == before
