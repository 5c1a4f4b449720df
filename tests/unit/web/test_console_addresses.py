"""Where the console sends people on to, and whom it takes a request to be from."""

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.domain.staff import Permission
from gateway.errors import ConfigurationError
from gateway.web.console.addresses import address_of, safe_path
from gateway.web.console.page import page
from gateway.web.console.pages.entrance import first_page


@pytest.mark.parametrize(
    ("wanted", "believed"),
    [
        ("/console/users", True),
        ("/console/audit?who=usr_1&from=2026-11-25", True),
        ("/console/messages?from=2026-11-25&reason=a//b", True),
        ("", False),
        ("/", False),
        ("//evil.example/console/", False),
        ("/console//evil.example", False),
        ("/console/\\?evil.example", False),
        ("//evil.example?/console/", False),
        ("https://evil.example/console/", False),
        ("/consoleevil", False),
        ("/console/\\evil.example", False),
        ("/\\evil.example", False),
        ("/console/\r\nSet-Cookie: a=b", False),
        ("javascript:alert(1)", False),
        (" /console/", False),
    ],
)
def test_only_pages_of_the_console_are_gone_on_to(wanted: str, believed: bool) -> None:
    assert safe_path(wanted) == (wanted if believed else None)


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", ""),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", ""),
        (1, "", ""),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2::7", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "unix:", "unix:"),
    ],
    ids=[
        *("no-proxy-none-believed", "one", "forged-head", "two", "too-few", "empty"),
        *("six", "a-neighbour", "four-in-six", "no-address"),
    ],
)
def test_an_address_is_what_our_own_outermost_proxy_saw(
    proxies: int, header: str, address: str
) -> None:
    request = make_mocked_request("GET", "/console/", headers={"X-Forwarded-For": header})
    assert address_of(request, proxies) == (address or request.remote or "")


def test_a_page_that_does_not_say_who_may_see_it_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="does not say who may"):
        page("GET", "/console/new", first_page, needs=None)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="start with /console/"):
        page("GET", "/new", first_page, needs=Permission.OWN_ACCOUNT)
