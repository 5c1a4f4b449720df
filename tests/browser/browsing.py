"""What browser tests ask of every page: that it is accessible, fits, and keeps its policy."""

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from installation import Installation
from playwright.async_api import ConsoleMessage, Page

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# A visitor with a large font on an old phone, and a screen of 1280 at 200 %.
NARROW, ZOOMED = 320, 640
_SIGN_IN_WITHIN_MS = 30_000
_GRAVE = {"serious", "critical"}

PageAs = Callable[[str], Awaitable[Page]]


async def assert_accessible(page: Page) -> None:
    """Axe finds nothing serious or critical, in light and in dark."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        results = await Axe().run(page)
        found = [_told(one) for one in results.response["violations"] if one["impact"] in _GRAVE]
        assert found == [], f"{page.url} ({scheme}):\n" + "\n".join(found)
    await page.emulate_media(color_scheme="light")


def _told(violation: dict[str, Any]) -> str:
    places = "; ".join(node["html"][:200] for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {places}"


async def assert_fits(page: Page, *widths: int) -> None:
    """Nothing has to be scrolled sideways at these widths, 320 and 640 if none is given."""
    before = page.viewport_size or {"width": 1280, "height": 800}
    for width in widths or (NARROW, ZOOMED):
        await page.set_viewport_size({"width": width, "height": 800})
        wide = await page.evaluate(
            "[...document.querySelectorAll('body, body *')]"
            ".filter(one => one.getBoundingClientRect().right > innerWidth + 1"
            " && !one.closest('.skip, .table, thead'))"
            ".map(one => one.outerHTML.slice(0, 120))"
        )
        scrolls = await page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
        assert (scrolls, wide) == (False, []), f"{page.url} at {width} px"
    await page.set_viewport_size(before)


async def screenshot(page: Page, name: str) -> None:
    """Write docs/pictures/NAME.png, where the variable PICTURES asks for pictures."""
    if os.environ.get("PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        await page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


async def sign_in(page: Page, site: Installation, role: str) -> None:
    """Through the form, as the demo's user of this role."""
    [user] = [one for one in site.demo["users"] if one["role"] == role]
    await page.goto("/console/sign-in")
    await page.fill("#name", user["name"])
    await page.fill("#password", user["password"])
    await page.click("main button")
    await page.wait_for_selector(".who", timeout=_SIGN_IN_WITHIN_MS)


@contextmanager
def watched(page: Page) -> Iterator[None]:
    """While it lasts, no script of the page fails and its policy refuses none of its content."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield
    assert faults == []
