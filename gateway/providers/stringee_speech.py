"""A call script in Stringee's words (SCCO): a list of actions, carried out one after the other. The
call ends with the last of them.

Source: developer.stringee.com, "Stringee Call Control Object"; stringeecom/server-samples,
auto-call: the list that answers the report of an input takes the place of what was left.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

import orjson

from gateway.domain.message import CallScript, Say
from gateway.providers.contract import VoiceAnswer
from gateway.providers.stringee_event import call_at

# A talk that a key may cut short is documented not to hold the next action up, so the time for a
# key may begin with the first word of the prompt. A slow voice says this much of it in a second.
LETTERS_PER_S = 12


class Speech:
    """Speaks with one voice at one speed (-3 to 3)."""

    def __init__(self, *, voice: str, speed: int) -> None:
        self._voice = {"voice": voice, "speed": speed}

    def ask(self, said: Sequence[Say], script: CallScript, action_url: str) -> VoiceAnswer:
        """Say it to its end, whatever is pressed meanwhile; then ask, and wait for a key."""
        prompt = script.ask.prompt
        question = {
            "action": "input",
            "eventUrl": action_url,
            "timeOut": script.ask.timeout_s + ceil(len(prompt) / LETTERS_PER_S),
            "maxDigits": 1,
            "submitOnHash": False,
            "customField": call_at(action_url),
        }
        talks = [self._talk(one.text) for one in said]
        return _answer([*talks, self._talk(prompt, may_be_cut_short=True), question])

    def end(self, last: Say | None = None) -> VoiceAnswer:
        """Say the last words, if any. There is no action for hanging up: the list is over."""
        return _answer([self._talk(last.text)] if last else [])

    def _talk(self, text: str, *, may_be_cut_short: bool = False) -> dict[str, Any]:
        return {"action": "talk", "text": text, **self._voice, "bargeIn": may_be_cut_short}


def _answer(actions: Sequence[dict[str, Any]]) -> VoiceAnswer:
    return VoiceAnswer(content_type="application/json", body=orjson.dumps(actions))
