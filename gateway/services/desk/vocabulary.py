"""What staff may put into a text by a click: words with meaning and example, prepared choices."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.rendering.facts import Facts
from gateway.rendering.publication import glossary
from gateway.services.desk.examples import Examples

_READ_ALOUD = {"code": "code|read_code", "verify_phone": "verify_phone|read_phone"}
_READ_ALOUD |= {"place_phone": "place_phone|read_phone"}


@dataclass(frozen=True, kw_only=True)
class Word:
    """`put_in` is what a click writes; `example` from the sample dossiers, empty for yes or no."""

    name: str
    meaning: str
    example: str
    put_in: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`text` has one `…`, where what was selected goes."""

    title: str
    text: str


class Vocabulary:
    def __init__(self, folder: Path, examples: Examples) -> None:
        self._examples = examples
        self._meanings = {one: glossary(folder, one) for one in ("vi", "en")}
        file = tomllib.loads((folder / "choices.toml").read_text(encoding="utf-8"))
        self._choices = file["choice"]

    def words(self, kind: EventKind, channel: Channel, unit: str, language: str) -> list[Word]:
        dossiers = [one.facts for one in self._examples.of(kind, unit)]
        return [
            Word(
                name=name,
                meaning=meaning,
                example=_example(name, dossiers),
                put_in=_put_in(name, channel),
            )
            for name, meaning in self._meanings[language].items()
            if name != "roomy" or channel is Channel.SMS
        ]

    def choices(self, channel: Channel, language: str) -> list[Choice]:
        return [
            Choice(title=one[language], text=one["text"])
            for one in self._choices
            if channel.value in one.get("channels", [channel.value])
        ]


def _example(name: str, dossiers: list[Facts]) -> str:
    """The first that is not empty."""
    for facts in dossiers:
        value = getattr(facts, name, None)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, tuple) and value:
            return "; ".join(value)
    return ""


def _put_in(name: str, channel: Channel) -> str:
    if name in ("by_post", "organisation", "authorised", "opens_today", "roomy"):
        return f"{{% if {name} %}}…{{% endif %}}"
    if name == "items":
        return "{% for item in items %}{{ item }}{% if not loop.last %}, {% endif %}{% endfor %}"
    said = _READ_ALOUD.get(name, name) if channel is Channel.VOICE else name
    return f"{{{{ {said} }}}}"
