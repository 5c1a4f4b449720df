"""Style, scripts and pictures of the console, by an address that changes with their content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.web.console.faults import missing

if TYPE_CHECKING:
    from gateway.web.console.visit import Visit

_FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class _File:
    content: bytes
    content_type: str
    version: str


@cache
def _files() -> dict[str, _File]:
    return {path.name: _read(path) for path in _FOLDER.iterdir() if path.is_file()}


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(
        content=content,
        content_type=guess_type(path.name)[0] or "application/octet-stream",
        version=hashlib.sha256(content).hexdigest()[:12],
    )


def url_of(name: str) -> str:
    return f"/console/static/{name}?v={_files()[name].version}"


async def show_file(visit: "Visit") -> web.Response:
    file = _files().get(visit.request.match_info["name"])
    if file is None:
        raise missing()
    return web.Response(
        body=file.content,
        content_type=file.content_type,
        charset="utf-8" if file.content_type.startswith("text/") else None,
        headers={"Cache-Control": _FOR_EVER},
    )
