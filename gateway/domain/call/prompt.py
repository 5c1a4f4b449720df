"""Recorded prompts: what each one says, and in which languages it was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.language import VIETNAMESE, serving


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """`words` is what it says, in Vietnamese as people write it; `files` are the recordings by
    language, each under the name it has in the collection."""

    words: str
    files: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> str | None:
        """The recording that serves this language."""
        return next((self.files[tag] for tag in serving(language) if tag in self.files), None)

    def in_vietnamese(self) -> str | None:
        return self.files.get(VIETNAMESE)

    def is_lacking(self, language: str) -> bool:
        """Whether Vietnamese is heard instead. Vietnamese itself can always be spoken."""
        return VIETNAMESE not in serving(language) and self.in_language(language) is None


Prompts = Mapping[str, Prompt]
NO_PROMPTS: Prompts = {}
