"""The filters templates may use; each is pure, and what it returns grows only with its text."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.domain import speech


def short(text: str, longest: int) -> str:
    """At most `longest` characters, cut between words and marked with dots where it was cut."""
    if len(text) <= longest:
        return text
    kept = text[: max(longest - 3, 0) + 1].rpartition(" ")[0].rstrip(" ,;:.-–")
    return f"{kept}..."


def capital(text: str) -> str:
    """The text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


def read_code(code: str) -> str:
    """A dossier code spelled in groups, with a pause for each mark: a caller hears its parts."""
    return speech.code(code, marks=False)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "short": short,
    "capital": capital,
    "length": len,
    "read_code": read_code,
    "read_phone": speech.phone,
}
