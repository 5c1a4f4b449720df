"""What was typed into the form of an entry, as its model takes it; and the entry as it is shown.

Faults are words of the catalogue under `directory.fault.`, each at the field that it is about. Of
what a field has several of, the number of the one that is wrong follows after a colon.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from gateway.domain.directory import KINDS, Entry
from gateway.web.console import entry_texts
from gateway.web.console.entry_fields import Field, Widget, fields_of
from gateway.web.console.visit import Form

DAYS = range(1, 8)
# Shown at least; an entry that has more is shown whole, and read whole up to the last two.
SPANS = 2
STEPS = 4
MOST_SPANS, MOST_STEPS = 12, 24

# The validator's own names for what is wrong, in our words.
FAULTS = {
    "missing": "blank",
    "string_too_short": "blank",
    "too_short": "none_chosen",
    "string_pattern_mismatch": "bad_code",
    "string_too_long": "too_long",
    "int_parsing": "no_number",
    "int_from_float": "no_number",
    "float_parsing": "no_number",
    "date_from_datetime_parsing": "no_date",
    "date_parsing": "no_date",
    "time_parsing": "no_time",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_big",
    "part_twice": "part_twice",
    "params_differ": "params_differ",
    "longest_differs": "longest_differs",
}


_NUMBERED = ("route", "registered")
# Thousands in groups, as people write amounts and as the console shows them.
_GROUPED = re.compile(r"-?\d{1,3}([., ]\d{3})+", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_NUMBER = re.compile(r"-?\d+([.,]\d+)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """`body` is what the model is made of; `faults` are by field."""

    body: Mapping[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)


def read(kind: str, code: str, form: Form, before: Mapping[str, Any]) -> Typed:
    """`before` is the entry as it is now; what its form does not show stays as it is."""
    fields, faults = fields_of(kind), {}
    if kind == "calendar_day" and before:
        # The day is the code of its entry: another day is another entry.
        fields = tuple(one for one in fields if one.name != "day")
    body = {name: value for name, value in before.items() if name not in {f.name for f in fields}}
    for one in fields:
        if one.widget is Widget.NUMBER and form[one.name] == str(before.get(one.name)):
            # As the form shows it by itself, nobody typed it.
            body[one.name] = before[one.name]
            continue
        try:
            value = _value(one, form)
        except ValueError as fault:
            faults[one.name] = str(fault)
            body[one.name] = _as_typed(one, form)
            continue
        if value is not None:
            body[one.name] = value
        elif one.required:
            faults[one.name] = "blank"
    if kind == "pool":
        # A weight of an account that is no longer in the pool goes with it.
        weights = body.get("weights", {})
        body["weights"] = {one: weights[one] for one in weights if one in body.get("accounts", ())}
    return Typed(body={**body, "code": code}, faults=faults)


def model_of(kind: str, typed: Typed) -> Entry | Mapping[str, str]:
    """The entry, or what is wrong with it, by field."""
    if typed.faults:
        return typed.faults
    try:
        return KINDS[kind].model_validate(typed.body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return {str(one["loc"][0]): _word(one["type"], one["loc"]) for one in found}


def _word(kind: str, place: tuple[int | str, ...]) -> str:
    word, name = FAULTS.get(kind, "invalid"), str(place[0])
    if name in _NUMBERED and len(place) > 1 and isinstance(place[1], int):
        return f"{word}:{place[1] + 1}"
    return word


def _value(one: Field, form: Form) -> Any:
    """None for what was left empty. Raises ValueError with the word for what is wrong."""
    typed = form[one.name]
    match one.widget:
        case Widget.CHECK:
            return typed == "1"
        case Widget.NUMBER:
            return _number(typed, whole=one.whole) if typed else None
        case Widget.MANY:
            return form.many(one.name)
        case Widget.LINES:
            return [line.strip() for line in typed.splitlines() if line.strip()]
        case Widget.PAIRS:
            return dict(_pair(line) for line in typed.splitlines() if line.strip())
        case Widget.HOURS:
            return _hours(form)
        case Widget.ROUTE:
            return list(_route(form))
        case Widget.TEXTS:
            return entry_texts.texts(form)
    return typed or None


def _as_typed(one: Field, form: Form) -> Any:
    """What cannot be taken, as its form shows it again."""
    match one.widget:
        case Widget.HOURS:
            return [
                {"days": [day], "opens": opens, "closes": closes}
                for day, opens, closes in _spans(form)
            ]
        case Widget.ROUTE:
            return [
                _typed_step(number, form) for number in range(MOST_STEPS) if _has_step(number, form)
            ]
        case Widget.TEXTS:
            return entry_texts.as_typed(form)
    return form[one.name]


def _number(typed: str, *, whole: bool) -> str:
    """The number as its model takes it. One that could be read in two ways is not guessed at."""
    if whole and _GROUPED.fullmatch(typed):
        return re.sub(r"[., ]", "", typed)
    if not (_WHOLE if whole else _NUMBER).fullmatch(typed):
        raise ValueError("no_number")
    if _GROUPED.fullmatch(typed) and not typed.startswith("0"):
        raise ValueError("unclear_number")
    return typed.replace(",", ".")


def _has_step(number: int, form: Form) -> bool:
    return number < STEPS or bool(form[f"route-{number}-channel"] or form[f"route-{number}-pool"])


def _typed_step(number: int, form: Form) -> dict[str, Any]:
    return {
        "channel": form[f"route-{number}-channel"],
        "pool": form[f"route-{number}-pool"],
        "tries_s": [form[f"route-{number}-tries"]],
        "window_s": form[f"route-{number}-window"],
        "escalate_on_silence": form[f"route-{number}-silence"] == "1",
    }


def _spans(form: Form) -> Iterable[tuple[int, str, str]]:
    """Day, opening and closing of each span that has at least one of the two."""
    for day in DAYS:
        for span in range(MOST_SPANS):
            opens, closes = form[f"hours-{day}-{span}-opens"], form[f"hours-{day}-{span}-closes"]
            if opens or closes:
                yield day, opens[:5], closes[:5]


def _pair(line: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals or not name.strip():
        raise ValueError("bad_pair")
    return name.strip(), value.strip()


def _hours(form: Form) -> list[dict[str, Any]]:
    """Days that open and close alike stand together."""
    days: dict[tuple[str, str], list[int]] = {}
    for day, opens, closes in _spans(form):
        if not opens or not closes or opens >= closes:
            raise ValueError("bad_hours")
        days.setdefault((opens, closes), []).append(day)
    return [
        {"days": found, "opens": opens, "closes": closes}
        for (opens, closes), found in sorted(days.items())
    ]


def _route(form: Form) -> Iterable[dict[str, Any]]:
    for number in range(MOST_STEPS):
        channel, pool = form[f"route-{number}-channel"], form[f"route-{number}-pool"]
        if not channel and not pool:
            continue
        if not channel or not pool:
            raise ValueError("half_step")
        tries, window = form[f"route-{number}-tries"], form[f"route-{number}-window"]
        step: dict[str, Any] = {"channel": channel, "pool": pool}
        if tries:
            step["tries_s"] = [_whole(part) for part in tries.split(",")]
        if window:
            step["window_s"] = _whole(window)
        step["escalate_on_silence"] = form[f"route-{number}-silence"] == "1"
        yield step


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text.strip()) > 9:
        raise ValueError("no_number")
    return int(text)


def grid(hours: Sequence[Mapping[str, Any]]) -> dict[int, list[tuple[str, str]]]:
    """Opening hours by day, with room for as many spans as the form has at least."""
    found: dict[int, list[tuple[str, str]]] = {day: [] for day in DAYS}
    for one in sorted(hours, key=lambda one: str(one["opens"] or one["closes"])):
        for day in one["days"]:
            found[day].append((str(one["opens"])[:5], str(one["closes"])[:5]))
    return {day: [*spans, *[("", "")] * (SPANS - len(spans))] for day, spans in found.items()}
