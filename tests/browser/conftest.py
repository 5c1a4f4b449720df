"""One installation and one Chromium for all browser tests of a process.

A browser outlives a test, so it lives in the event loop of the session. Modules of browser tests
say `pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from browsing import PageAs, sign_in, watched
from installation import Installation
from playwright.async_api import Browser, Page, async_playwright, expect

from gateway.embedded import EmbeddedRedis

# Several test processes and their stores may share two cores.
expect.set_options(timeout=20_000)
_LOCALE = "vi-VN"


@pytest.fixture(scope="session")
def console_site(session_database_url: str) -> Iterator[Installation]:
    """A running API with a user of every role. Tests that need them start `worker-1`, `clock` and
    `sandbox`, too."""
    _require_chromium()
    folder = Path(tempfile.mkdtemp(prefix="baotin-browser-"))
    # Redis of its own: other tests of this process empty theirs.
    redis = EmbeddedRedis(folder)
    site = Installation(folder, session_database_url, redis.start(), {})
    try:
        site.prepare()
        site.start("api")
        yield site
    finally:
        site.stop()
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=_require_chromium())
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, console_site: Installation) -> AsyncIterator[Page]:
    """A page of somebody who is not signed in, in a browser without memory."""
    async with await browser.new_context(base_url=console_site.base_url, locale=_LOCALE) as context:
        opened = await context.new_page()
        with watched(opened):
            yield opened


@pytest.fixture(scope="session")
def signed_in_states() -> dict[str, object]:
    """The cookies of each role, so that nobody signs in twice."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def page_as(
    browser: Browser, console_site: Installation, signed_in_states: dict[str, object]
) -> AsyncIterator[PageAs]:
    """Opens the first page of a user with this role. Who signs out must use `page` instead."""
    async with AsyncExitStack() as stack:

        async def open_as(role: str) -> Page:
            state = signed_in_states.get(role)
            context = await browser.new_context(
                base_url=console_site.base_url,
                locale=_LOCALE,
                storage_state=state,  # type: ignore[arg-type]
            )
            await stack.enter_async_context(context)
            opened = await context.new_page()
            stack.enter_context(watched(opened))
            if state is None:
                await sign_in(opened, console_site, role)
                signed_in_states[role] = await context.storage_state()
            else:
                await opened.goto("/console/")
            return opened

        yield open_as


def _require_chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip(
            "NO CHROMIUM: the console was NOT tested in a browser. Install it"
            " (apt-get install chromium) and run again."
        )
    return found
