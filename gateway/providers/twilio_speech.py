"""A call script in Twilio's words (TwiML)."""

from collections.abc import Sequence

from twilio.twiml.voice_response import Gather, VoiceResponse

from gateway.domain.message import CallScript, Say
from gateway.providers.contract import VoiceAnswer
from gateway.providers.twilio_callback import with_query


class Speech:
    """Speaks with one voice of one language."""

    def __init__(self, *, voice: str, language: str) -> None:
        self._voice = {"voice": voice, "language": language}

    def ask(self, said: Sequence[Say], script: CallScript, action_url: str) -> VoiceAnswer:
        """Say it, then wait for a key. What is said stands outside the Gather, where no key can
        cut it short; that the Gather was reached at all is the proof that it was spoken."""
        response = VoiceResponse()
        for sentence in said:
            response.say(sentence.text, **self._voice)
        gather = Gather(
            num_digits=1,
            timeout=script.ask.timeout_s,
            action=with_query(action_url, heard="1"),
            method="POST",
            action_on_empty_result=True,
        )
        gather.say(script.ask.prompt, **self._voice)
        response.append(gather)
        return _answer(response)

    def end(self, last: Say | None = None) -> VoiceAnswer:
        """Say the last words, if any, and hang up."""
        response = VoiceResponse()
        if last is not None:
            response.say(last.text, **self._voice)
        response.hangup()
        return _answer(response)


def _answer(response: VoiceResponse) -> VoiceAnswer:
    return VoiceAnswer(content_type="text/xml; charset=utf-8", body=str(response).encode())
