"""A turn of a call in Stringee's words (SCCO): a list of actions, carried out one after the other.
The call ends with the last of them.

Source: developer.stringee.com, "Stringee Call Control Object"; stringeecom/server-samples,
auto-call: the list that answers the report of an input takes the place of what was left.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

import orjson

from gateway.domain.call import Ask, Checkpoint, Part, Play, Turn, words_of
from gateway.providers.contract import VoiceAnswer
from gateway.providers.stringee_event import place_in_call

# A talk that a key may cut short is documented not to hold the next action up, so the time for a
# key may begin with the first word of the prompt. A slow voice says this much of it in a second.
LETTERS_PER_S = 12
# There is no action that only comes back: a question that nobody has the time to answer does it.
CHECKPOINT_S = 1


class Speech:
    """Speaks with one voice at one speed (-3 to 3). `play` takes files that were uploaded to
    Stringee beforehand; where they were not (`uploaded` False), prompts are spoken."""

    def __init__(self, *, voice: str, speed: int, uploaded: bool) -> None:
        self._voice = {"voice": voice, "speed": speed}
        self._uploaded = uploaded

    def speak(self, turn: Turn, next_url: str) -> VoiceAnswer:
        actions = self._spoken(turn.said, may_be_cut_short=False)
        match turn.then:
            case Ask(prompt=prompt, timeout_s=timeout_s, digits=digits):
                actions += self._spoken(prompt, may_be_cut_short=True)
                last_s = ceil(len(words_of(prompt)) / LETTERS_PER_S)
                actions.append(_input(next_url, timeout_s + last_s, digits))
            case Checkpoint():
                actions.append(_input(next_url, CHECKPOINT_S, 1))
        return VoiceAnswer(content_type="application/json", body=orjson.dumps(actions))

    def _spoken(self, parts: Sequence[Part], *, may_be_cut_short: bool) -> list[dict[str, Any]]:
        return [self._action(part) | {"bargeIn": may_be_cut_short} for part in parts]

    def _action(self, part: Part) -> dict[str, Any]:
        if isinstance(part, Play) and self._uploaded:
            return {"action": "play", "fileName": part.file}
        return {"action": "talk", "text": words_of((part,)), **self._voice}


def _input(next_url: str, timeout_s: int, digits: int) -> dict[str, Any]:
    return {
        "action": "input",
        "eventUrl": next_url,
        "timeOut": timeout_s,
        "maxDigits": digits,
        "submitOnHash": digits > 1,
        "customField": place_in_call(next_url),
    }
