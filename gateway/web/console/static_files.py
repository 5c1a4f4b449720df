"""Style, scripts and pictures of the console, by an address that changes with their content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"


@dataclass(frozen=True, kw_only=True)
class StaticFile:
    content: bytes
    content_type: str
    version: str


def static_file(name: str) -> StaticFile | None:
    return _files().get(name)


def url_of(name: str) -> str:
    return f"/console/static/{name}?v={_files()[name].version}"


@cache
def _files() -> dict[str, StaticFile]:
    return {path.name: _read(path) for path in _FOLDER.iterdir() if path.is_file()}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        content=content,
        content_type=guess_type(path.name)[0] or "application/octet-stream",
        version=hashlib.sha256(content).hexdigest()[:12],
    )
