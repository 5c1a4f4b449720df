"""A voice template made ready: five blocks of text that become the script of an automatic call."""

import re

from jinja2.runtime import Context

from gateway.domain.message import AskKey, CallScript, Say, VoiceBody
from gateway.domain.speech import read_aloud
from gateway.rendering.facts import VOCABULARY, Facts
from gateway.rendering.grammar import Refused
from gateway.rendering.text import compiled, scope_of

BLOCKS = ("core", "ask", "understood", "silence", "other_key")
_END_OF_SENTENCE = re.compile(r"(?<=[.:;!?])\s*\n")


class VoiceTemplate:
    """A line of `core` that ends a sentence ends what is said in one breath."""

    def __init__(self, source: str) -> None:
        self._text = compiled(source, VOCABULARY, BLOCKS)
        if self._text.settings:
            raise Refused(f"sets '{min(self._text.settings)}', which means nothing in a call")

    def body(self, facts: Facts) -> VoiceBody:
        scope = scope_of(vars(facts))
        said = {block: self._said(block, scope) for block in BLOCKS}
        return VoiceBody(
            script=CallScript(
                core=said["core"],
                ask=AskKey(prompt=_in_one(said["ask"]).text),
                on_understood=_in_one(said["understood"]),
                on_silence=_in_one(said["silence"]),
                on_other_key=_in_one(said["other_key"]),
            )
        )

    def _said(self, block: str, scope: Context) -> tuple[Say, ...]:
        written = self._text.write(scope, block)
        sentences = (" ".join(part.split()) for part in _END_OF_SENTENCE.split(written))
        said = tuple(Say(text=read_aloud(sentence)) for sentence in sentences if sentence)
        if not said:
            raise Refused(f"says nothing in its block '{block}'")
        return said


def _in_one(sentences: tuple[Say, ...]) -> Say:
    return Say(text=" ".join(sentence.text for sentence in sentences))
