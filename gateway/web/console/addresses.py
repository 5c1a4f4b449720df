"""Which addresses the console believes: those it sends people on to, and those they come from."""

from aiohttp import web

from gateway.web.console.page import PREFIX


def safe_path(wanted: str) -> str | None:
    """A page of the console to go on to; None for anything that could lead elsewhere."""
    if not wanted.startswith(f"{PREFIX}/") or "\\" in wanted or "//" in wanted:
        return None
    return wanted if wanted.isprintable() and wanted.isascii() else None


def address_of(request: web.Request, proxies: int) -> str:
    """Where a request comes from, as the outermost of our own proxies saw it."""
    if proxies:
        named = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        if len(named) >= proxies and (found := named[-proxies].strip()):
            return found
    return request.remote or ""
