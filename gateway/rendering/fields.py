"""A template's text as staff write it, in boxes: one for an SMS, one for each part of a call, one
for each parameter of a Zalo message; and back to the text that is kept.

A text that cannot be taken apart without loss stays whole, in one box.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gateway.domain.channel import Channel
from gateway.rendering.grammar import Refused
from gateway.rendering.zalo import read_zalo_file

WHOLE, WORDING, TEMPLATE = "text", "wording", "template"
_ACCENTED = re.compile(r"\A\s*\{%-?\s*set\s+accented\s*=\s*(true|false)\s*-?%\}[ \t]*\n?")
_BLOCK = re.compile(
    r"\{%-?\s*block\s+(\w+)\s*-?%\}(.*?)\{%-?\s*endblock(?:\s+\w+)?\s*-?%\}", re.DOTALL
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One box. `is_template` False: plain words that nothing is put into. `longest` are the
    characters that Zalo takes of it; `short` its shorter forms, one a line."""

    name: str
    text: str
    is_template: bool = True
    longest: int | None = None
    short: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A text taken apart. `accented` is an SMS's own choice; None leaves it to the unit."""

    fields: tuple[Field, ...]
    accented: bool | None = None

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


def take_apart(channel: Channel, body: str) -> Taken:
    match channel:
        case Channel.SMS:
            return _sms(body)
        case Channel.VOICE:
            return _voice(body)
        case Channel.ZALO:
            return _zalo(body)


def put_together(channel: Channel, taken: Taken) -> str:
    if len(taken.fields) == 1 and taken.fields[0].name == WHOLE:
        return _chosen(taken.accented) + _ended(taken.fields[0].text)
    if channel is Channel.ZALO:
        return _zalo_file(taken)
    return (
        "\n".join(
            f"{{% block {one.name} %}}\n{_ended(one.text)}{{% endblock %}}" for one in taken.fields
        )
        + "\n"
    )


def with_texts(taken: Taken, texts: Mapping[str, str], accented: bool | None) -> Taken:
    """The same boxes with what stands in them now: `<name>`, and `<name>.short`, `<name>.max`."""
    return Taken(
        fields=tuple(_with(one, texts) for one in taken.fields),
        accented=accented,
    )


def _with(field: Field, texts: Mapping[str, str]) -> Field:
    changed = replace(field, text=unix(texts.get(field.name, field.text)))
    if field.short is not None:
        changed = replace(changed, short=unix(texts.get(f"{field.name}.short", field.short)))
    if field.longest is not None:
        longest = texts.get(f"{field.name}.max", "")
        changed = replace(changed, longest=_number(longest, field.longest))
    return changed


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= 400 else otherwise


def unix(text: str) -> str:
    """Lines as they are kept: a browser ends them otherwise."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _chosen(accented: bool | None) -> str:
    return "" if accented is None else f"{{% set accented = {str(accented).lower()} %}}\n"


def _sms(body: str) -> Taken:
    chosen = _ACCENTED.match(body)
    text = body[chosen.end() :] if chosen else body
    return Taken(
        fields=(Field(name=WHOLE, text=text),),
        accented=chosen[1] == "true" if chosen else None,
    )


def _voice(body: str) -> Taken:
    blocks = [(found[1], found[2].strip("\n")) for found in _BLOCK.finditer(body)]
    names = [name for name, _ in blocks]
    if not blocks or _BLOCK.sub("", body).strip() or len(set(names)) != len(names):
        return _whole(body)
    return Taken(fields=tuple(Field(name=name, text=text) for name, text in blocks))


def _whole(body: str) -> Taken:
    return Taken(fields=(Field(name=WHOLE, text=body),))


def _zalo(body: str) -> Taken:
    try:
        file = read_zalo_file(body)
    except Refused:
        return Taken(fields=(Field(name=WHOLE, text=body, is_template=False),))
    params = (
        Field(
            name=name,
            text=one.value.strip("\n"),
            longest=one.max,
            short="\n".join(" ".join(form.split()) for form in one.short),
        )
        for name, one in file.params.items()
    )
    return Taken(
        fields=(
            Field(name=TEMPLATE, text=file.template, is_template=False),
            Field(name=WORDING, text=file.text.strip("\n"), is_template=False),
            *params,
        )
    )


def _zalo_file(taken: Taken) -> str:
    known = {one.name: one for one in taken.fields}
    template, wording = known.pop(TEMPLATE).text, known.pop(WORDING).text
    lines = [f"template = {_basic(template.strip())}", f"text = {_string(wording)}"]
    for name, one in known.items():
        lines += ["", f"[params.{name}]", f"value = {_string(one.text)}"]
        forms = [form for form in (one.short or "").split("\n") if form.strip()]
        lines += [f"short = {_array(forms)}"] if forms else []
        lines += [f"max = {one.longest}"]
    return "\n".join(lines) + "\n"


def _array(texts: Iterable[str]) -> str:
    return f"[{', '.join(_basic(text) for text in texts)}]"


def _basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")


def _string(text: str) -> str:
    """Over several lines where the text is, so that differences show line by line."""
    plain = "\n" in text and not re.search(r'"""|\\|[\x00-\x08\x0b-\x1f\x7f]', text)
    return f'"""\n{_ended(text)}"""' if plain else _basic(text)
