"""The registered texts of an account in its form: one group of fields for each."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.web.console.visit import Form

# There are a few more groups than texts; what is left empty is none.
MORE, MOST = 2, 60
_PARTS = ("kind", "id", "text", "params", "longest")


def texts(form: Form) -> list[dict[str, Any]]:
    """As the model takes them. Raises ValueError with the word for what is wrong, and the number of
    the text after a colon."""
    return [_text(number, typed) for number, typed in enumerate(_groups(form), 1)]


def as_typed(form: Form) -> list[dict[str, Any]]:
    """What cannot be taken, as the form shows it again."""
    return [dict(typed) for typed in _groups(form)]


def _groups(form: Form) -> Iterable[Mapping[str, str]]:
    for number in range(MOST):
        typed = {part: form[f"text-{number}-{part}"] for part in _PARTS}
        # The operators have it letter by letter, blanks included.
        typed["text"] = form.exact(f"text-{number}-text").replace("\r\n", "\n")
        if typed["text"].strip() or typed["id"] or typed["params"] or typed["longest"]:
            yield typed


def _text(number: int, typed: Mapping[str, str]) -> dict[str, Any]:
    if not typed["kind"]:
        raise ValueError(f"no_kind_chosen:{number}")
    params = [one.strip() for one in typed["params"].split(",") if one.strip()]
    longest = dict(_longest(number, line) for line in typed["longest"].splitlines() if line.strip())
    plain = {name: typed[name] for name in ("kind", "id", "text")}
    return {**plain, "params": params, "longest": longest}


def _longest(number: int, line: str) -> tuple[str, int]:
    name, equals, length = (part.strip() for part in line.partition("="))
    if not equals or not name:
        raise ValueError(f"bad_pair:{number}")
    if not (length.isascii() and length.isdecimal() and len(length) < 6):
        raise ValueError(f"no_number:{number}")
    return name, int(length)
