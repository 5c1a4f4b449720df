"""config/default.toml as a page for reading: its words stay the only ones, this only sets them."""

import json
import re
import tomllib
from collections.abc import Iterator

from gateway.settings.layers import DEFAULT_FILE

_HEAD = """# Configuration

Made by `make docs` from [`config/default.toml`](../config/default.toml); change that file instead.
"""
_SECTION = re.compile(r"\[(\w+)\]$")
_KEY = re.compile(r"(\w+) = ")
_PLACEHOLDER = re.compile(r"\w*<[\w<>]+>\w*")


def configuration_page() -> str:
    """Markdown: a heading per section, each comment once, under it the keys it is about."""
    toml = DEFAULT_FILE.read_text(encoding="utf-8")
    return "\n".join([_HEAD, *_blocks(toml)])


def _blocks(toml: str) -> Iterator[str]:
    values = tomllib.loads(toml)
    section, comment = "", list[str]()
    for line in toml.splitlines():
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
            continue
        if comment:
            yield _quoted("\n".join(comment)) + "\n"
            comment = []
        if found := _SECTION.match(line):
            section = found[1]
            yield f"## {section}\n"
        elif found := _KEY.match(line):
            yield _setting(section, found[1], values[section][found[1]])


def _setting(section: str, key: str, value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return f"- `{section}.{key}` = `{shown}` (`BAOTIN_{section.upper()}_{key.upper()}`)\n"


def _quoted(comment: str) -> str:
    """A page would take `<KEY>` for markup."""
    return _PLACEHOLDER.sub(lambda found: f"`{found[0]}`", comment)
