"""Every word the console says, in each language: the files under words/ as flat keys."""

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"


class Language(StrEnum):
    """The first one is what somebody reads who has not chosen."""

    VI = "vi"
    EN = "en"


class Words:
    """One language. `words("users.saved", name="thu")` is the sentence with the name in it; a key
    that is missing raises KeyError, also in tests."""

    def __init__(self, language: Language, sentences: Mapping[str, str]) -> None:
        self.language = language
        self.sentences = sentences

    def __call__(self, key: str, /, **values: object) -> str:
        return self.sentences[key].format_map(values)

    def if_known(self, key: str, otherwise: str) -> str:
        return self.sentences.get(key, otherwise)


@cache
def words_in(language: Language) -> Words:
    """All files of one language together; a key that two of them have is a mistake."""
    sentences: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.toml")):
        for key, sentence in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in sentences:
                raise ValueError(f"{file.name}: {key} stands in another file, too")
            sentences[key] = sentence
    return Words(language, sentences)


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value
