"""A voice template made ready: blocks of text that become the script of an automatic call."""

import re

from jinja2.runtime import Context

from gateway.domain.call import Ask, CallScript, Part, Say, words_of
from gateway.domain.message import VoiceBody
from gateway.domain.speech import READER, Reader, read_aloud
from gateway.rendering.facts import VOCABULARY, Facts
from gateway.rendering.grammar import Refused
from gateway.rendering.text import compiled, scope_of

BLOCKS = ("core", "ask", "understood", "silence", "other_key")
# Blocks that texts of before did not have, each with the words that are said instead.
LATER_BLOCKS = {"declined": "Chúng tôi sẽ không gọi đến số máy này nữa. Xin kính chào."}
_END_OF_SENTENCE = re.compile(r"(?<=[.:;!?])\s*\n")


class VoiceTemplate:
    """A line of `core` that ends a sentence ends what is said in one breath."""

    def __init__(self, source: str, reader: Reader = READER) -> None:
        self._reader = reader
        self._text = compiled(source, VOCABULARY, BLOCKS, LATER_BLOCKS)
        if self._text.settings:
            raise Refused(f"sets '{min(self._text.settings)}', which means nothing in a call")

    def body(self, facts: Facts) -> VoiceBody:
        scope = scope_of(vars(facts))
        return VoiceBody(
            script=CallScript(
                core=self._said("core", scope),
                ask=Ask(prompt=self._in_one("ask", scope)),
                on_understood=self._in_one("understood", scope),
                on_declined=self._in_one("declined", scope),
                on_silence=self._in_one("silence", scope),
                on_other_key=self._in_one("other_key", scope),
            )
        )

    def _said(self, block: str, scope: Context) -> tuple[Part, ...]:
        has_it = self._text.has(block)
        written = self._text.write(scope, block) if has_it else LATER_BLOCKS[block]
        sentences = (" ".join(part.split()) for part in _END_OF_SENTENCE.split(written))
        said = tuple(Say(text=read_aloud(each, self._reader)) for each in sentences if each)
        if not said:
            raise Refused(f"says nothing in its block '{block}'")
        return said

    def _in_one(self, block: str, scope: Context) -> tuple[Part, ...]:
        """Said in one breath."""
        return (Say(text=words_of(self._said(block, scope))),)
