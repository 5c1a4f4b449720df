"""Changing the language leads back to the same page with the same filters."""

import re

import pytest
from console_site import Browser, ConsoleSite
from yarl import URL

from gateway.domain.staff import Role

_LANGUAGE_BACK = re.compile(r'name="back" value="([^"]*)"')


async def signed_in(site: ConsoleSite) -> Browser:
    await site.with_directory()
    await site.add("thu", *Role)
    browser = site.browser()
    await browser.sign_in("thu")
    return browser


async def switched(browser: Browser, page: str) -> str | None:
    """Where the form for the language of this page leads."""
    [back] = _LANGUAGE_BACK.findall(page)
    return (await browser.post("/console/language", language="en", back=back)).location


@pytest.mark.parametrize(
    "path",
    [
        "/console/messages?state=failed&unit=H10.12&from=2026-11-01",
        "/console/held/one?source=igate&until=2026-11-25T10%3A00%3A00%2B07%3A00",
        "/console/audit?who=an%20a",
    ],
)
async def test_the_language_changes_on_the_same_page_with_its_filters(
    site: ConsoleSite, path: str
) -> None:
    browser = await signed_in(site)
    leads = await switched(browser, (await browser.get(path)).text)
    assert URL(leads or "", encoded=True) == URL(path, encoded=True)
    assert (await browser.get(path)).status == 200


async def test_whom_a_search_is_about_stands_in_no_address_after_the_language_changed(
    site: ConsoleSite,
) -> None:
    browser = await signed_in(site)
    sought = await browser.post(
        "/console/messages", phone="0984 765 321", name="Nguyễn Văn An", state="failed"
    )
    leads = await switched(browser, (await browser.get(sought.location or "")).text)
    assert leads == sought.location
    assert URL(leads or "").query.keys() == {"state", "who"}


@pytest.mark.parametrize(
    ("path", "typed", "leads"),
    [
        ("/console/suppressions/find", {"phone": "0984 765 321"}, "/console/suppressions"),
        ("/console/pauses", {"target": "everything"}, "/console/accounts"),
        ("/console/held/samples", {"source": "igate"}, "/console/held/one"),
        ("/console/messages/ntf_1/reveal", {}, "/console/messages/ntf_1"),
        ("/console/nothing/at/all", {}, "/console/"),
    ],
)
async def test_what_was_posted_is_not_asked_for_once_more_in_another_language(
    site: ConsoleSite, path: str, typed: dict[str, str], leads: str
) -> None:
    """The page that the form stands on is opened; what was typed into it is not kept."""
    browser = await signed_in(site)
    posted = await browser.post(path, **typed)
    location = await switched(browser, posted.text)
    assert URL(location or "").path == leads
    assert "0984" not in (location or "")
