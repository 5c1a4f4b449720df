"""Whom not to write to, in the console: masked, found by number, and every look kept."""

import re

from console_site import ConsoleSite

from gateway.domain.staff import Role

PAGE, PHONE, NAME = "/console/suppressions", "0984 765 321", "Nguyễn Thị Minh Ánh"


async def test_somebody_is_suppressed_found_and_written_to_again(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    assert "Chưa chặn ai" in (await browser.get(PAGE)).text
    wrong = await browser.post(PAGE, phone="không có số", reason="by_staff", note="tại quầy")
    assert wrong.status == 422
    assert "Hãy gõ đúng một số điện thoại" in wrong.text
    assert "tại quầy" in wrong.text
    added = await browser.post(
        PAGE,
        phone=PHONE,
        name=NAME,
        channel="sms",
        reason="wrong_number",
        days="30",
        note="tại quầy",
    )
    page = (await browser.get(added.location)).text
    for shown in ("+84•••321", "Một người", "SMS", "Số của người khác", "tại quầy"):
        assert shown in page
    for secret in ("984765321", "984 765 321", NAME):
        assert secret not in page
    [row] = await site.rows(
        "SELECT origin, until - now() < interval '31 days' AS soon FROM suppression"
    )
    assert tuple(row) == ("user:a-operator", True)

    assert "+84•••321" in (await browser.post(f"{PAGE}/find", number=PHONE)).text
    assert "Số này không bị chặn" in (await browser.post(f"{PAGE}/find", number="0912345678")).text
    assert (await browser.post(f"{PAGE}/find", number="số")).status == 422

    found = re.search(r"/console/suppressions/(sup_\w+)/end", page)
    assert found
    for said in ("Đã bỏ chặn", "đã hết hiệu lực"):
        done = await browser.post(f"{PAGE}/{found[1]}/end")
        assert said in (await browser.get(done.location)).text
    assert (await browser.post(f"{PAGE}/sup_1/end")).status == 404
    acts = [(act, subject) for act, subject, _ in await site.audited()]
    assert [one for one in acts if one[0] != "suppressions.list"] == [
        ("suppressions.add", found[1]),
        ("suppressions.end", found[1]),
    ]
    assert acts.count(("suppressions.list", "")) >= 5


async def test_a_fault_stands_at_its_field_and_what_was_chosen_stays(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    chosen = {"channel": "voice", "reason": "wrong_number", "days": "90"}
    wrong = await browser.post(PAGE, phone=PHONE, name="!!", **chosen)
    assert wrong.status == 422
    assert "Họ tên phải có chữ" in wrong.text
    assert "Hãy gõ đúng một số điện thoại" not in wrong.text
    for value in chosen.values():
        assert f'value="{value}" selected' in wrong.text, value


async def test_nobody_is_suppressed_without_its_audit(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await site.rows("ALTER TABLE audit ADD CONSTRAINT away CHECK (action <> 'suppressions.add')")
    assert (await browser.post(PAGE, phone=PHONE, reason="by_staff")).status >= 500
    assert await site.rows("SELECT FROM suppression") == []


async def test_it_holds_for_all_units_so_nobody_limited_touches_it(site: ConsoleSite) -> None:
    browser = await site.limited(Role.OPERATOR, "H10.12")
    assert (await browser.get(PAGE)).status == 403
    assert PAGE not in (await browser.get("/console/account")).text
    assert (await browser.post(PAGE, phone=PHONE, reason="by_staff")).status == 403
    assert (await browser.post(f"{PAGE}/find", number=PHONE)).status == 403
    assert (await browser.post(f"{PAGE}/sup_{'0' * 32}/end")).status == 403
    assert await site.audited() == []
