"""Templates, their immutable versions, and the publication: the numbered set of versions in force.

A version is one text; whatever belongs to it (an accented SMS, the limits of a Zalo parameter)
stands in the text, so that a row of six columns holds all of it.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.language import VIETNAMESE, serving
from gateway.errors import ConfigurationError, RenderError

DEFAULT_LANGUAGE = VIETNAMESE
SUFFIXES = {Channel.SMS: "j2", Channel.ZALO: "toml", Channel.VOICE: "j2"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateKey:
    """What a template is for. `unit` None: for every unit that has none of its own."""

    kind: EventKind
    channel: Channel
    language: str = DEFAULT_LANGUAGE
    unit: str | None = None

    def __str__(self) -> str:
        own = f"/{self.unit}" if self.unit else ""
        return f"{self.kind}/{self.channel}.{self.language}{own}"


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateVersion:
    """One version of a template; its body never changes."""

    key: TemplateKey
    version: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Publication:
    """The versions in force under one number. A notification keeps the number it came in under."""

    number: int
    templates: Mapping[TemplateKey, TemplateVersion]

    @classmethod
    def of(cls, number: int, versions: Iterable[TemplateVersion]) -> "Publication":
        return cls(number=number, templates={version.key: version for version in versions})

    def find(
        self, kind: EventKind, channel: Channel, language: str, unit: str | None
    ) -> TemplateVersion:
        """The unit's own template or the common one, in a language that serves this one or else in
        Vietnamese.

        Raises RenderError where there is none.
        """
        for tongue in (*serving(language), DEFAULT_LANGUAGE):
            for owner in (unit, None):
                key = TemplateKey(kind=kind, channel=channel, language=tongue, unit=owner)
                if found := self.templates.get(key):
                    return found
        raise RenderError(f"publication {self.number} has no template for {kind}/{channel}")


def shipped(directory: Path) -> tuple[TemplateVersion, ...]:
    """The templates that come with the product, each as version 1.

    Reads `<kind>/<channel>.<language>.(j2|toml)`; raises ConfigurationError for a kind without a
    text on some channel in Vietnamese.
    """
    return tuple(version for kind in EventKind for version in _of_kind(directory / kind, kind))


def title(directory: Path, kind: str) -> str:
    """What staff call this kind, from its `meta.toml`."""
    meta = tomllib.loads((directory / kind / "meta.toml").read_text(encoding="utf-8"))
    return str(meta["title"])


def glossary(directory: Path, language: str = DEFAULT_LANGUAGE) -> Mapping[str, str]:
    """What each word of the templates stands for, from `words.toml` or `words.<language>.toml`."""
    name = "words.toml" if language == DEFAULT_LANGUAGE else f"words.{language}.toml"
    return tomllib.loads((directory / name).read_text(encoding="utf-8"))


def _of_kind(folder: Path, kind: EventKind) -> Iterator[TemplateVersion]:
    for channel in Channel:
        if not _file(folder, channel, DEFAULT_LANGUAGE).is_file():
            raise ConfigurationError(f"templates/{kind} has no text for {channel}")
        for path in sorted(folder.glob(f"{channel}.*.{SUFFIXES[channel]}")):
            key = TemplateKey(kind=kind, channel=channel, language=path.name.split(".")[1])
            yield TemplateVersion(key=key, version=1, body=path.read_text(encoding="utf-8"))


def _file(folder: Path, channel: Channel, language: str) -> Path:
    return folder / f"{channel}.{language}.{SUFFIXES[channel]}"
