"""The values of an entry in words, for differences and for its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.console.entry_fields import fields_of
from gateway.web.console.words_book import Words


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field that differs, with what it was and what it is."""

    field: str
    before: str
    after: str


def changes(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], words: Words
) -> Sequence[Change]:
    names = [one.name for one in fields_of(kind)]
    others = sorted({*before, *after} - {*names, "code"})
    return [
        Change(
            field=name,
            before=spoken(before.get(name), words),
            after=spoken(after.get(name), words),
        )
        for name in (*names, *others)
        if before.get(name) != after.get(name)
    ]


def spoken(value: Any, words: Words) -> str:
    if value in (None, "", [], {}):
        return words("directory.empty")
    match value:
        case bool():
            return words("directory.yes") if value else words("directory.no")
        case {"opens": opens, "closes": closes, "days": days}:
            named = ", ".join(words(f"directory.day.{day}") for day in days)
            return f"{named}: {opens[:5]}–{closes[:5]}"
        case {"kind": kind, "text": text, **rest}:
            more = {name: one for name, one in rest.items() if one}
            named = words.if_known(f"kind.{kind}", kind)
            return f"{named}: {text}" + (f" ({spoken(more, words)})" if more else "")
        case {"channel": channel, "pool": pool}:
            return f"{words(f'channel.{channel}')} ({pool})"
        case dict():
            return "; ".join(f"{name} = {spoken(one, words)}" for name, one in value.items())
        case list():
            return "; ".join(spoken(one, words) for one in value)
    return str(value)
