"""How an automatic call goes, whatever the language in which its provider is told to speak."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.message import CallScript, Say
from gateway.providers.contract import VoiceAnswer


class Speech(Protocol):
    """A call script in the words of one provider."""

    def ask(self, said: Sequence[Say], script: CallScript, action_url: str) -> VoiceAnswer:
        """Say it to its end, then ask and wait for a key."""
        ...

    def end(self, last: Say | None = None) -> VoiceAnswer:
        """Say the last words, if any, and hang up."""
        ...


class Speaker:
    """The part of a `VoiceProvider` that speaks."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def begin(self, script: CallScript, action_url: str) -> VoiceAnswer:
        return self._speech.ask(script.core, script, action_url)

    def reply(self, script: CallScript, key: str | None, action_url: str) -> VoiceAnswer:
        match key:
            case "1":
                return self._speech.ask(script.core, script, action_url)
            case "2":
                return self._speech.end(script.on_understood)
            case None:
                return self._speech.end(script.on_silence)
        return self._speech.ask((script.on_other_key,), script, action_url)

    def refuse_machine(self) -> VoiceAnswer:
        return self._speech.end()
