"""The canonical bytes of an event's content, over which the keyed "same content" hash is taken.

Key order, whitespace, escapes, Unicode composition and the spelling of numbers make no difference.
"""

import json
from typing import Any

from gateway.domain.text import nfc

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def canonical(type_: str, data: Any) -> bytes:
    """Type and data as posted, before defaults. `data` holds no text that cannot be stored."""
    return _ENCODER.encode({"type": nfc(type_), "data": _plain(data)}).encode()


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
