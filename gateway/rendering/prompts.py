"""A site's recorded prompts: `prompts.toml` in their folder, and the sound files it names.

What the manifest says wrong stops the start. A file that cannot be played is kept as a problem of
its recording, and Vietnamese is heard instead. A file is told to providers by a name made of its
content, which says neither what it is nor in which language.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from gateway.domain.call import Prompt, Prompts
from gateway.domain.language import PATTERN
from gateway.domain.text import clean
from gateway.errors import ConfigurationError
from gateway.rendering.sound import NotASound, read_sound

MANIFEST = "prompts.toml"
LARGEST_BYTES = 5_000_000


def _within(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path:
        raise ValueError("must be a file within the folder")
    return path


def _words(text: str) -> str:
    words = " ".join(clean(text).split())
    if not words.isprintable() or not any(map(str.isalpha, words)):
        raise ValueError("must be words")
    return words


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    vi: Annotated[str, Field(max_length=1000), AfterValidator(_words)]
    recorded: Mapping[
        Annotated[str, StringConstraints(pattern=PATTERN)],
        Annotated[str, Field(max_length=200), AfterValidator(_within)],
    ] = {}


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: Mapping[
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")], _Entry
    ] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """`path` is where the site keeps it, `file` its name in the collection; empty with a
    `problem`."""

    prompt: str
    language: str
    path: Path
    file: str = ""
    length_s: float = 0.0
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class PromptBook:
    """All prompts of a site, with those of their recordings that can be played."""

    words: Mapping[str, str] = field(default_factory=dict)
    recordings: tuple[Recording, ...] = ()

    @cached_property
    def prompts(self) -> Prompts:
        return {
            name: Prompt(
                words=words,
                files={one.language: one.file for one in self.recordings_of(name) if one.file},
            )
            for name, words in self.words.items()
        }

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Where each file of the collection is kept."""
        return {one.file: one.path for one in self.recordings if one.file}

    def recordings_of(self, name: str) -> tuple[Recording, ...]:
        return tuple(one for one in self.recordings if one.prompt == name)

    def problem(self, name: str, language: str) -> str:
        """Why a prompt that is needed in this language cannot be played in it."""
        if name not in self.words:
            return f"not in {MANIFEST}"
        found = (one.problem for one in self.recordings_of(name) if one.language == language)
        return next(found, "") or "not recorded"


def load_prompts(folder: Path | None) -> PromptBook:
    """Raises ConfigurationError with the manifest, the entry and the reason."""
    if folder is None:
        return PromptBook()
    entries = _read(folder / MANIFEST).prompt
    return PromptBook(
        words={name: entry.vi for name, entry in entries.items()},
        recordings=tuple(_recordings(folder, entries)),
    )


def _read(path: Path) -> _Manifest:
    try:
        return _Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise ConfigurationError(f"{path}: {where}: {first['msg']}") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None


def _recordings(folder: Path, entries: Mapping[str, _Entry]) -> Iterator[Recording]:
    for name, entry in entries.items():
        for language, path in entry.recorded.items():
            kept = folder / path
            yield Recording(prompt=name, language=language, path=kept, **_heard(kept))


def _heard(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            return {"problem": f"larger than {LARGEST_BYTES // 1_000_000} MB"}
        sound = read_sound(content)
    except OSError as error:
        return {"problem": f"cannot be read: {error.strerror}"}
    except NotASound:
        return {"problem": "neither WAV nor MP3"}
    file = f"{sha256(content).hexdigest()[:32]}.{sound.extension}"
    return {"file": file, "length_s": round(sound.length_s, 1)}
