"""The canonical bytes of an event's content, over which the keyed "same content" hash is taken.

Key order, whitespace, escapes, Unicode composition and the spelling of numbers make no difference.
"""

import json
import re
from typing import Any
from unicodedata import is_normalized

import orjson

from gateway.domain.text import nfc

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
# A number with a point or an exponent; also some texts that only look like one, at no harm.
_FRACTION = re.compile(r"[:\[,]-?\d+[.eE]")


def canonical(type_: str, data: Any) -> bytes:
    """Type and data as posted, before defaults. `data` holds no text that cannot be stored."""
    written = _written({"type": type_, "data": data})
    text = written.decode()
    if is_normalized("NFC", text) and not _FRACTION.search(text):
        return written
    return _written({"type": nfc(type_), "data": _plain(data)})


def _written(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits
        return _ENCODER.encode(value).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else nfc(value)
    if isinstance(value, dict):
        return {nfc(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
