"""A voice template made ready: blocks of text that become the script of an automatic call."""

import re
from collections.abc import Iterator
from dataclasses import replace

from jinja2.runtime import Context

from gateway.domain.call import (
    NO_PROMPTS,
    Ask,
    CallScript,
    Part,
    Play,
    Prompt,
    Prompts,
    Say,
    words_of,
)
from gateway.domain.language import VIETNAMESE
from gateway.domain.message import VoiceBody
from gateway.domain.speech import READER, Reader, read_aloud
from gateway.rendering.facts import VOCABULARY, Facts
from gateway.rendering.grammar import Refused
from gateway.rendering.text import PROMPT_BEGINS, PROMPT_ENDS, compiled, scope_of

BLOCKS = ("core", "ask", "understood", "silence", "other_key")
# Blocks that texts of before did not have, each with the words that are said instead.
LATER_BLOCKS = {"declined": "Chúng tôi sẽ không gọi đến số máy này nữa. Xin kính chào."}
_PROMPT = re.compile(f"{PROMPT_BEGINS}([^{PROMPT_ENDS}]*){PROMPT_ENDS}")
_END_OF_SENTENCE = re.compile(r"(?<=[.:;!?])\s*\n")


class VoiceTemplate:
    """A line of `core` that ends a sentence ends what is said in one breath.

    A prompt is played where it was recorded in the language of the text; where it was not, its
    Vietnamese recording is played or its words are spoken with those around them.
    """

    def __init__(
        self,
        source: str,
        reader: Reader = READER,
        language: str = VIETNAMESE,
        prompts: Prompts = NO_PROMPTS,
    ) -> None:
        self._reader = reader
        vocabulary = replace(VOCABULARY, prompts=frozenset(prompts))
        self._text = compiled(source, vocabulary, BLOCKS, LATER_BLOCKS)
        if self._text.settings:
            raise Refused(f"sets '{min(self._text.settings)}', which means nothing in a call")
        self._language = language
        self._prompts = {name: prompts[name] for name in self._text.prompts}
        self._unrecorded = frozenset(
            name for name, prompt in self._prompts.items() if prompt.is_lacking(language)
        )

    def body(self, facts: Facts) -> VoiceBody:
        scope = scope_of(vars(facts))
        script = CallScript(
            core=self._said("core", scope),
            ask=Ask(prompt=self._in_one("ask", scope)),
            on_understood=self._in_one("understood", scope),
            on_declined=self._in_one("declined", scope),
            on_silence=self._in_one("silence", scope),
            on_other_key=self._in_one("other_key", scope),
        )
        return VoiceBody(script=script, language=self._language, unrecorded=self._unrecorded)

    def _said(self, block: str, scope: Context) -> tuple[Part, ...]:
        has_it = self._text.has(block)
        written = self._text.write(scope, block) if has_it else LATER_BLOCKS[block]
        written = _PROMPT.sub(self._words_where_spoken, written)
        sentences = (" ".join(part.split()) for part in _END_OF_SENTENCE.split(written))
        said = tuple(part for sentence in sentences for part in self._parts(sentence))
        if not said:
            raise Refused(f"says nothing in its block '{block}'")
        return said

    def _words_where_spoken(self, found: re.Match[str]) -> str:
        prompt = self._prompts[found[1]]
        return found[0] if self._file(prompt) else prompt.words

    def _parts(self, sentence: str) -> Iterator[Part]:
        """Words and prompts take turns; between two prompts there may be only a stop."""
        for place, piece in enumerate(_PROMPT.split(sentence)):
            if place % 2:
                prompt = self._prompts[piece]
                yield Play(
                    file=self._file(prompt) or "", words=read_aloud(prompt.words, self._reader)
                )
            elif any(map(str.isalnum, piece)):
                yield Say(text=read_aloud(piece.lstrip(" .,:;!?").rstrip(), self._reader))

    def _file(self, prompt: Prompt) -> str | None:
        return prompt.in_language(self._language) or prompt.in_vietnamese()

    def _in_one(self, block: str, scope: Context) -> tuple[Part, ...]:
        """Said in one breath, as far as no prompt comes between."""
        said: list[Part] = []
        for part in self._said(block, scope):
            if said and isinstance(part, Say) and isinstance(said[-1], Say):
                part = Say(text=words_of((said.pop(), part)))
            said.append(part)
        return tuple(said)
