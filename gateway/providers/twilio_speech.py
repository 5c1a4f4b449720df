"""A turn of a call in Twilio's words (TwiML).

Source: twilio.com/docs/voice/twiml (say, play, gather, redirect, hangup).
"""

from collections.abc import Iterable

from twilio.twiml.voice_response import Gather, VoiceResponse

from gateway.domain.call import Ask, Checkpoint, Part, Say, Turn
from gateway.providers.contract import VoiceAnswer


class Speech:
    """Speaks with one voice of one language."""

    def __init__(self, *, voice: str, language: str) -> None:
        self._voice = {"voice": voice, "language": language}

    def speak(self, turn: Turn, next_url: str, prompts_url: str) -> VoiceAnswer:
        """What is said stands outside the Gather, where no key can cut it short."""
        response = VoiceResponse()
        self._add(response, turn.said, prompts_url)
        match turn.then:
            case Ask():
                gather = _gather(turn.then, next_url)
                self._add(gather, turn.then.prompt, prompts_url)
                response.append(gather)
            case Checkpoint():
                response.redirect(next_url, method="POST")
            case None:
                response.hangup()
        return VoiceAnswer(content_type="text/xml; charset=utf-8", body=str(response).encode())

    def _add(self, where: VoiceResponse | Gather, parts: Iterable[Part], prompts_url: str) -> None:
        for part in parts:
            if isinstance(part, Say):
                where.say(part.text, **self._voice)
            else:
                where.play(f"{prompts_url}/{part.file}")


def _gather(ask: Ask, next_url: str) -> Gather:
    return Gather(
        input="dtmf",
        num_digits=ask.digits,
        finish_on_key="#" if ask.digits > 1 else "",
        timeout=ask.timeout_s,
        action=next_url,
        method="POST",
        action_on_empty_result=True,
    )
