"""The console's own files, kept by browsers for ever: another content has another address."""

from aiohttp import web

from gateway.web.console.faults import missing
from gateway.web.console.static_files import static_file
from gateway.web.console.visit import Visit

_FOR_EVER = "public, max-age=31536000, immutable"


async def show_file(visit: Visit) -> web.Response:
    file = static_file(visit.request.match_info["name"])
    if file is None:
        raise missing()
    return web.Response(
        body=file.content,
        content_type=file.content_type,
        charset="utf-8" if file.content_type.startswith("text/") else None,
        headers={"Cache-Control": _FOR_EVER},
    )
