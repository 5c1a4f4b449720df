"""Reads TwiML as strictly as a telephone exchange: what is not known ends the call.

Source: twilio.com/docs/voice/twiml; errors 13310, 13311 (one key ends a Gather, or none).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, XMLParser, fromstring

from gateway.sandbox.keypad import KEYS

CONTENT_TYPES = ("text/xml", "application/xml")

SOUNDS = ("audio/mpeg", "audio/mp3", "audio/wav", "audio/wave", "audio/x-wav", "audio/ulaw")


class BadTwiml(ValueError):
    """The document cannot be carried out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    text: str
    loop: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Play:
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    length_s: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Redirect:
    url: str
    method: str = "POST"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Gather:
    """`action` empty is the address of the document itself; any number of `digits` where there is
    none; no key ends it where `finish_on_key` is empty."""

    prompts: tuple[Say | Play | Pause, ...]
    action: str = ""
    method: str = "POST"
    timeout_s: int = 5
    digits: int | None = None
    finish_on_key: str = "#"
    on_empty: bool = False


Verb = Say | Play | Pause | Redirect | Hangup | Gather

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop"}),
    "Pause": frozenset({"length"}),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
    "Gather": frozenset(
        {"input", "action", "method", "timeout", "numDigits", "finishOnKey"}
        | {"actionOnEmptyResult", "language"}
    ),
}


def verbs_of(content_type: str, body: bytes) -> tuple[Verb, ...]:
    """Raises BadTwiml."""
    if content_type not in CONTENT_TYPES:
        raise BadTwiml(f"content type {content_type}")
    if b"<!" in body.replace(b"<!--", b""):
        raise BadTwiml("a document type is not allowed")
    try:
        root = fromstring(body, XMLParser(encoding=None))  # noqa: S314 - no entities: see above
    except ParseError as error:
        raise BadTwiml(str(error)) from None
    if root.tag != "Response" or root.attrib:
        raise BadTwiml("the root is not Response")
    return tuple(_verb(element) for element in root)


def require_sound(content_type: str, body: bytes) -> None:
    """Raises BadTwiml for what Play cannot play."""
    if content_type not in SOUNDS or not body:
        raise BadTwiml(f"not a sound: {content_type}")


def _verb(element: Element) -> Verb:
    name, attributes = element.tag, element.attrib
    if name not in ATTRIBUTES or attributes.keys() - ATTRIBUTES[name]:
        raise BadTwiml(f"unknown verb or attribute: {name}")
    if name == "Gather":
        return _gather(element)
    if len(element):
        raise BadTwiml(f"{name} has no children")
    text = (element.text or "").strip()
    match name:
        case "Say":
            return Say(text=_present(name, text), loop=_whole(attributes, "loop", 1))
        case "Play":
            return Play(url=_present(name, text))
        case "Pause":
            return Pause(length_s=_whole(attributes, "length", 1))
        case "Redirect":
            return Redirect(url=_present(name, text), method=_method(attributes))
    return Hangup()


def _gather(element: Element) -> Gather:
    attributes = element.attrib
    if attributes.get("input", "dtmf") != "dtmf":
        raise BadTwiml("only keys can be gathered")
    prompts = []
    for child in element:
        prompt = _verb(child)
        if not isinstance(prompt, Say | Play | Pause):
            raise BadTwiml(f"{child.tag} cannot stand in Gather")
        prompts.append(prompt)
    return Gather(
        prompts=tuple(prompts),
        action=attributes.get("action", ""),
        method=_method(attributes),
        timeout_s=_whole(attributes, "timeout", 5),
        digits=_whole(attributes, "numDigits", 0) or None,
        finish_on_key=_key(attributes, "finishOnKey"),
        on_empty=_flag(attributes, "actionOnEmptyResult"),
    )


def _present(name: str, text: str) -> str:
    if not text:
        raise BadTwiml(f"{name} is empty")
    return text


def _whole(attributes: Mapping[str, str], name: str, default: int) -> int:
    text = attributes.get(name, str(default))
    if not text.isdecimal():
        raise BadTwiml(f"{name} is not a number")
    return int(text)


def _flag(attributes: Mapping[str, str], name: str) -> bool:
    text = attributes.get(name, "false")
    if text not in ("true", "false"):
        raise BadTwiml(f"{name} is neither true nor false")
    return text == "true"


def _key(attributes: Mapping[str, str], name: str) -> str:
    text = attributes.get(name, "#")
    if len(text) > 1 or text not in KEYS:
        raise BadTwiml(f"{name} is no key")
    return text


def _method(attributes: Mapping[str, str]) -> str:
    method = attributes.get("method", "POST")
    if method not in ("GET", "POST"):
        raise BadTwiml("the method is neither GET nor POST")
    return method
