"""The words of the line, from `templates/line.vi.toml` or a site's own file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.domain.dossier import EventKind
from gateway.errors import ConfigurationError
from gateway.rendering.facts import Facts

_BY_POST = "result-by-post"
# What each text may name: all of them the centre, these more. A site's file that names other things
# would fail in the middle of a call.
_CENTRE = frozenset({"centre", "centre_short", "phone", "hours", "place"})
_OF_STATE = frozenset({"procedure", "where", "when", "due", "new_due", "happened"})
_OF_TEXT = {
    "own": frozenset({"count"}),
    "dossier": frozenset({"ending", "procedure", "state"}),
    "genuine": frozenset({"ending", "phone_ending", "day"}),
    "genuine_erased": frozenset({"day"}),
    "several": frozenset({"count"}),
}
# What is said where nothing can be looked up any more.
_BARE = frozenset({"sorry_alone"})


class LineTexts:
    """Every text by its name. Raises ConfigurationError for a file that lacks one, or names what
    there is not."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self._texts = _read(shipped)
        if own is not None:
            _lay_over(self._texts, _read(own), own)
        for name, text in _all(self._texts):
            _check(name, text, own or shipped)

    def text(self, name: str, facts: Mapping[str, str], group: str = "") -> str:
        texts = self._texts[group] if group else self._texts
        return " ".join(texts[name].format_map(facts).split())

    def state(self, kind: EventKind, facts: Facts, centre: Mapping[str, str]) -> str:
        """How the dossier stands, in words that anybody may overhear."""
        by_post = kind is EventKind.RESULT_READY and facts.by_post
        said = {
            "due": facts.due_on,
            "new_due": facts.new_due_on,
            "happened": facts.happened_on,
            "procedure": facts.procedure,
        }
        parts = {name: self._part(name, value) for name, value in said.items()}
        places = {"where": facts.where, "when": facts.when}
        return self.text(_BY_POST if by_post else kind, {**centre, **places, **parts}, "states")

    def procedure(self, facts: Facts) -> str:
        return self._part("procedure", facts.procedure)

    def _part(self, name: str, value: str) -> str:
        filled: str = self._texts["parts"][name].format_map({name: value})
        return filled if value else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"voice.line_file: {path}: {error}") from None


def _lay_over(texts: dict[str, Any], own: dict[str, Any], path: Path) -> None:
    for name, text in own.items():
        if type(texts.get(name)) is not type(text):
            raise ConfigurationError(f"voice.line_file: {path}: there is no text {name!r}")
        if isinstance(text, dict):
            _lay_over(texts[name], text, path)
        else:
            texts[name] = text


def _all(texts: Mapping[str, Any], group: str = "") -> list[tuple[str, str]]:
    return [
        pair
        for name, text in texts.items()
        for pair in (_all(text, name) if isinstance(text, dict) else [(f"{group}.{name}", text)])
    ]


def _check(name: str, text: str, path: Path) -> None:
    group, _, own = name.rpartition(".")
    try:
        said = text.format_map(dict.fromkeys(_named_by(group, own), "1"))
    except KeyError as unknown:
        wrong = f"names {{{unknown.args[0]}}}"
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        wrong = str(error)
    else:
        if said.strip() or group == "parts":
            return
        wrong = "says nothing"
    raise ConfigurationError(f"voice.line_file: {path}: {own}: {wrong}")


def _named_by(group: str, name: str) -> frozenset[str]:
    if group == "parts":
        return frozenset({name})
    if name in _BARE:
        return frozenset()
    return _CENTRE | (_OF_STATE if group == "states" else _OF_TEXT.get(name, frozenset()))
