"""Carries out TwiML in a running call, document after document, whoever has called.

Source: twilio.com/docs/voice/twiml (say, play, gather, redirect, hangup).
"""

from collections.abc import Sequence
from urllib.parse import urljoin

from gateway.sandbox import twiml
from gateway.sandbox.conversation import Conversation, Over
from gateway.sandbox.keypad import Keypad
from gateway.sandbox.postman import Letter

Verbs = Sequence[twiml.Verb]
# Address, method and digits of the next request.
Next = tuple[str, str, str | None]


async def carry_out(person: Conversation, verbs: Verbs, url: str) -> Next:
    """What the document at `url` leads to. Raises Over at the end of the call."""
    for verb in verbs:
        if isinstance(verb, twiml.Say | twiml.Play | twiml.Pause):
            await _speak(person, verb, None)
            continue
        person.has_heard()
        match verb:
            case twiml.Hangup():
                raise Over("completed")
            case twiml.Redirect():
                return urljoin(url, verb.url), verb.method, None
        digits = await _gather(person, verb)
        if digits or verb.on_empty:
            return urljoin(url, verb.action), verb.method, digits
    person.has_heard()
    raise Over("completed")


async def _gather(person: Conversation, gather: twiml.Gather) -> str:
    """The keys that were pressed in time; empty for none."""

    async def prompt(keypad: Keypad) -> None:
        for one in gather.prompts:
            if not keypad.pressed:
                await _speak(person, one, keypad)

    keypad = Keypad(gather.digits, gather.finish_on_key)
    return await person.is_asked(prompt, gather.timeout_s, keypad)


async def _speak(
    person: Conversation, verb: twiml.Say | twiml.Play | twiml.Pause, keypad: Keypad | None
) -> None:
    match verb:
        case twiml.Say():
            for _ in range(verb.loop):
                await person.hears(verb.text, keypad)
        case twiml.Play():
            await person.told(Letter(method="GET", url=verb.url), twiml.require_sound)
            await person.hears_recording(verb.url.rpartition("/")[2], keypad)
        case twiml.Pause():
            await person.passes(verb.length_s, keypad)
