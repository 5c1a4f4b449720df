"""Reads SCCO as strictly as a telephone exchange: what is not right ends the call. Only what an
automatic call needs is played here: talk and input.

Source: developer.stringee.com, "Stringee Call Control Object".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

VOICES = (
    *("female", "male", "hatieumai", "ngoclam", "banmai", "leminh", "myan", "lannhi"),
    *("sg_male_xuankien_vdts_48k-hsmm", "sg_female_xuanhong_vdts_48k-hsmm"),
    *("hn_male_xuantin_vdts_48k-hsmm", "hn_female_thutrang_phrase_48k-hsmm"),
)


class BadScco(ValueError):
    """The list cannot be carried out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """With `barge_in` a key cuts it short, and the next action does not wait for its end."""

    text: str
    barge_in: bool = True
    loop: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Play:
    """A file that was uploaded beforehand; otherwise as a talk."""

    file_name: str
    barge_in: bool = True
    loop: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    event_url: str
    time_out_s: int = 5
    max_digits: int = 4
    submit_on_hash: bool = False
    custom_field: str = ""


Heard = Talk | Play
Action = Heard | Input


def actions_of(_content_type: str, body: bytes) -> tuple[Action, ...]:
    """Raises BadScco. The type of the content does not matter."""
    try:
        actions = json.loads(body)
    except ValueError:
        raise BadScco("not JSON") from None
    if not isinstance(actions, list):
        raise BadScco("not a list")
    return tuple(_action(one) for one in actions)


def _action(told: Any) -> Action:
    name = told.get("action") if isinstance(told, dict) else None
    if not isinstance(name, str) or name not in _RIGHT:
        raise BadScco(f"unknown action {name}")
    fields = {key: value for key, value in told.items() if key != "action"}
    right = _RIGHT[name]
    wrong = [key for key, value in fields.items() if key not in right or not right[key](value)]
    if wrong or _REQUIRED[name] not in fields:
        raise BadScco(f"{name}: {wrong or 'incomplete'}")
    barge_in, loop = fields.get("bargeIn", True), fields.get("loop", 1)
    match name:
        case "talk":
            return Talk(text=fields["text"], barge_in=barge_in, loop=loop)
        case "play":
            return Play(file_name=fields["fileName"], barge_in=barge_in, loop=loop)
    return Input(
        event_url=fields["eventUrl"],
        time_out_s=fields.get("timeOut", 5),
        max_digits=fields.get("maxDigits", 4),
        submit_on_hash=fields.get("submitOnHash", False),
        custom_field=fields.get("customField", ""),
    )


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


_REQUIRED = {"talk": "text", "play": "fileName", "input": "eventUrl"}
_RIGHT: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "talk": {
        "text": _is_text,
        "voice": lambda value: value in VOICES,
        "speed": _whole(-3, 3),
        "bargeIn": _is_flag,
        "loop": _whole(1, 100),
        "silenceTime": _whole(0, 60_000),
    },
    "play": {"fileName": _is_text, "bargeIn": _is_flag, "loop": _whole(1, 100)},
    "input": {
        "eventUrl": is_address,
        "timeOut": _whole(1, 600),
        "submitOnHash": _is_flag,
        "maxDigits": _whole(1, 20),
        "customField": lambda value: isinstance(value, str),
    },
}
