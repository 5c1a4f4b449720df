"""Which addresses the console believes: those it sends people on to, and those they come from."""

from ipaddress import IPv4Address, ip_address, ip_network

from aiohttp import web

from gateway.web.console.page import PREFIX

_SITE_BITS = 64


def safe_path(wanted: str) -> str | None:
    """A page of the console to go on to; None for anything that could lead elsewhere."""
    path, _, _ = wanted.partition("?")
    if not path.startswith(f"{PREFIX}/") or "\\" in wanted or "//" in path:
        return None
    return wanted if wanted.isprintable() and wanted.isascii() else None


def address_of(request: web.Request, proxies: int) -> str:
    """Where a request comes from, as the outermost of our own proxies saw it. Of IPv6 the network:
    whoever has one address there has 2^64 of them, and would start afresh with each."""
    found = request.remote or ""
    if proxies:
        named = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        found = (named[-proxies].strip() if len(named) >= proxies else "") or found
    return _site_of(found)


def _site_of(shown: str) -> str:
    try:
        address = ip_address(shown)
    except ValueError:
        return shown
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), _SITE_BITS), strict=False))
