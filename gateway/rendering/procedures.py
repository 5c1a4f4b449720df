"""Which procedures may be named in a message; all others are only "hồ sơ số …".

A procedure's name can betray an adoption, a divorce or an illness to whoever holds the telephone,
so a name is printed only if somebody has put it on this list.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.text import nfc
from gateway.rendering.free_text import printable


@dataclass(frozen=True, kw_only=True)
class Procedures:
    """The allow-list. `codes` are national (`1.001612`), `names` folded for comparison."""

    codes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, codes: Iterable[str] = (), names: Iterable[str] = ()) -> "Procedures":
        return cls(codes=frozenset(codes), names=frozenset(map(_folded, names)))

    @classmethod
    def load(cls, path: Path) -> "Procedures":
        """From a TOML file of `[[procedure]]` tables, each with a `code`, a `name`, or both."""
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("procedure", [])
        return cls.of(
            codes=(entry["code"] for entry in entries if "code" in entry),
            names=(entry["name"] for entry in entries if "name" in entry),
        )

    def named(self, code: str | None, name: str | None) -> str:
        """The name as the source wrote it if its code or itself is on the list, else ""."""
        tidy = printable(name)
        known = national_code(code or "") in self.codes or _folded(tidy) in self.names
        return tidy if known else ""


def national_code(code: str) -> str:
    """`1.001612` of `1.001612.000.00.00.H10`: a local suffix does not make another procedure."""
    return ".".join(code.strip().split(".")[:2])


def _folded(name: str) -> str:
    return " ".join(nfc(name).casefold().split())
