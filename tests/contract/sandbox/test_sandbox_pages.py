"""The pages, as a browser gets them."""

import pytest
from sandbox_site import Site

from gateway.sandbox.segments import segments


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
    assert "setInterval" in await site.text("/static/phone.js")


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
