"""The pages, as a browser gets them."""

import asyncio

import pytest
from sandbox_site import PERSON, Site

from gateway.sandbox.segments import segments

LINE = """<Response><Gather finishOnKey="#" timeout="9"><Say>Mã hồ sơ?</Say></Gather></Response>"""


async def test_the_first_page_lists_phones_and_every_special_number(site: Site) -> None:
    await site.esms()
    page = await site.text("/")
    assert "0984 765 321" in page
    assert "0900 000 057" in page
    assert "wallet-empty" in page


async def test_a_phone_shows_what_the_citizen_sees(site: Site) -> None:
    await site.esms(Content="Hồ sơ <H10-1> đã có kết quả.", IsUnicode="1")
    await site.zalo()
    page = await site.text("/phones/0984765321")
    assert "Hồ sơ &lt;H10-1&gt; đã có kết quả." in page
    assert "1 phần tin" in page
    assert "Có kết quả" in page
    assert "Kính gửi" in page
    assert "Ông Thử" in page


async def test_a_message_that_never_arrived_is_not_shown(site: Site) -> None:
    await site.esms(Phone="84900000010")
    assert "Ho so" not in await site.text("/phones/0900000010")


async def test_pages_have_no_inline_script_and_nothing_from_elsewhere(site: Site) -> None:
    for path in ("/", "/phones/0984765321"):
        async with site.client.get(site.url + path) as answer:
            page = await answer.text()
            assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
        assert "http" not in page
        assert "<script>" not in page
    assert "addEventListener" in await site.text("/static/phone.js")


async def test_any_phone_can_be_opened_from_the_first_page(site: Site) -> None:
    async with site.client.get(f"{site.url}/phones", params={"number": "0984 765-321"}) as answer:
        assert (answer.status, answer.url.path) == (200, "/phones/0984765321")


async def test_a_phone_calls_the_number_of_an_account_and_shows_the_dialogue(site: Site) -> None:
    site.listener.scripts["/voice/twilio/inbound"] = LINE
    assert "028 7300 0000" in await site.text(f"/phones/{PERSON}")
    await _post(site, "", account="twilio")
    page = await _until(site, "Mã hồ sơ?")
    assert '<p class="line voice">' in page
    assert "Bấm các phím, xong thì bấm #" in page
    call = page.partition(f"/phones/{PERSON}/calls")[2].partition("/keys")[0]
    for key in "12":
        await _post(site, f"{call}/keys", key=key)
    page = await _until(site, ">12</output>")
    assert page.count('aria-disabled="false"') == 12
    await _post(site, f"{call}/hang-up")
    page = await _until(site, "Đã kết thúc")
    assert "Người gọi gác máy" in page
    assert 'aria-label="Cuộc gọi đang diễn ra" hidden' in page


async def test_a_phone_may_call_without_showing_its_number(site: Site) -> None:
    await _post(site, "", account="twilio", withheld="1")
    assert (await site.listener.next()).form["From"] == "anonymous"


async def test_a_phone_cannot_call_an_account_without_a_line(site: Site) -> None:
    await _post(site, "", 422, account="esms")


async def test_a_person_hangs_up_on_a_call_from_us(site: Site) -> None:
    """Before it is taken: the line is busy."""
    await site.post("/control", json={"account": "twilio", "receipt_delay_ms": 5000})
    await site.text(f"/phones/{PERSON}")
    _, made = await site.call()
    await _post(site, f"/{made['sid']}/hang-up")
    assert (await site.listener.next()).form["CallStatus"] == "busy"
    await _post(site, f"/{made['sid']}/hang-up", 409)


async def test_an_unknown_key_is_refused(site: Site) -> None:
    where = f"{site.url}/phones/0984765321/calls/CA1/keys"
    async with site.client.post(where, data={"key": "12"}) as answer:
        assert answer.status == 422


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("a" * 160, 1, id="one plain"),
        pytest.param("a" * 161, 2, id="two plain"),
        pytest.param("a" * 306, 2, id="two full plain"),
        pytest.param("[" * 80, 1, id="escaped letters count twice"),
        pytest.param("[" * 81, 2, id="escaped letters over one"),
        pytest.param("ồ" * 70, 1, id="one accented"),
        pytest.param("ồ" * 71, 2, id="two accented"),
        pytest.param("ồ" * 135, 3, id="three accented"),
    ],
)
def test_segments_are_counted_as_they_are_billed(text: str, count: int) -> None:
    assert segments(text) == count


async def _post(site: Site, path: str, status: int = 200, **form: str) -> None:
    """What a form of the phone page does, the calls of this person being the place."""
    where = f"{site.url}/phones/{PERSON}/calls{path}"
    async with site.client.post(where, data=form) as answer:
        assert answer.status == status


async def _until(site: Site, shown: str) -> str:
    """The page once it shows this."""
    async with asyncio.timeout(3):
        while True:
            page = await site.text(f"/phones/{PERSON}")
            if shown in page:
                return page
            await asyncio.sleep(0.01)
