"""The list of what a call says for words no rule can know; a site's own list is laid over ours."""

import tomllib
from pathlib import Path
from typing import Any

from gateway.domain.speech import Dialect, Reader, read_aloud
from gateway.domain.text import clean
from gateway.errors import ConfigurationError

_LONGEST = 200
_MOST = 5000


def load_reader(dialect: Dialect, shipped: Path, site: Path | None = None) -> Reader:
    """Raises ConfigurationError with the file, the entry and the reason."""
    listed = _entries(shipped) | (_entries(site) if site else {})
    words = Reader(dialect=dialect)
    return Reader(
        dialect=dialect,
        pronunciations={key: read_aloud(said, words) for key, said in listed.items() if said},
    )


def _entries(path: Path) -> dict[str, str]:
    tables = _tables(path)
    for other in tables.keys() - {"say"}:
        raise ConfigurationError(f"{path}: has only one table, [say], and no {other!r}")
    said = tables.get("say", {})
    if not isinstance(said, dict):
        raise ConfigurationError(f"{path}: say must be a table")
    if len(said) > _MOST:
        raise ConfigurationError(f"{path}: has more than {_MOST} entries")
    return dict(_entry(path, key, text) for key, text in said.items())


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None


def _entry(path: Path, written: str, said: object) -> tuple[str, str]:
    key = " ".join(clean(written).split())
    if not any(map(str.isalnum, key)):
        raise ConfigurationError(f"{path}: {written!r} has no letter and no figure")
    if not isinstance(said, str):
        raise ConfigurationError(f"{path}: what is said for {written!r} must be a text")
    if max(len(key), len(said)) > _LONGEST:
        raise ConfigurationError(f"{path}: {written!r} is longer than {_LONGEST} characters")
    if said.strip() and not any(map(str.isalpha, read_aloud(said))):
        raise ConfigurationError(f"{path}: what is said for {written!r} has no word")
    return key, said.strip()
