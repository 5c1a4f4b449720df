"""What a text costs as SMS: its alphabet, its billed parts, and which characters make it dear."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.domain.text.letters import (
    GSM7_BASIC,
    GSM7_EXTENSION,
    Placed,
    Unsendable,
    nfc,
    plain,
)

_BASIC = re.compile(f"[{re.escape(GSM7_BASIC)}]*")
_GSM7 = re.compile(f"[{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]*")
_NOT_GSM7 = re.compile(f"[^{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]")
_ABOVE_BMP = re.compile("[\U00010000-\U0010ffff]")

_ESCAPE, _HIGH_SURROGATE = "\x1b", "\ud800"
_ESCAPED = {ord(c): _ESCAPE + c for c in GSM7_EXTENSION}
_SURROGATE_PAIR = _HIGH_SURROGATE + "\udc00"


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


# Units in a message of one part, and in each part of a longer one (the rest numbers the parts).
_ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Segments:
    """The billed size of one text. `units` are septets (GSM-7) or 16-bit code units (UCS-2)."""

    encoding: Encoding
    units: int
    segments: int
    units_left_in_segment: int
    _text: str = field(repr=False)

    @property
    def forced_by(self) -> tuple[Placed, ...]:
        """The characters outside GSM-7, in order: why the text is UCS-2. Empty if it is not."""
        if self.encoding is Encoding.GSM7:
            return ()
        return tuple(Placed(m[0], m.start()) for m in _NOT_GSM7.finditer(self._text))


def segments(text: str) -> Segments:
    """How `text` is billed, exactly as given: normalise it first, for NFD letters cost double."""
    if _BASIC.fullmatch(text):
        return _measured(Encoding.GSM7, text, text)
    if _GSM7.fullmatch(text):
        return _measured(Encoding.GSM7, text, text.translate(_ESCAPED))
    return _measured(Encoding.UCS2, text, _ABOVE_BMP.sub(_SURROGATE_PAIR, text))


def _measured(encoding: Encoding, text: str, units: str) -> Segments:
    """`units` is the text with one character for each unit that it costs."""
    size = len(units)
    whole, each = _ROOM[encoding]
    if size <= whole:
        count, left = min(size, 1), whole - size
    else:
        starts = _part_starts(units, each)
        count, left = len(starts), starts[-1] + each - size
    return Segments(
        encoding=encoding, units=size, segments=count, units_left_in_segment=left, _text=text
    )


def _part_starts(units: str, each: int) -> list[int]:
    """Where each part begins. Two units that are one character move into the next part together."""
    starts = [0]
    while (end := starts[-1] + each) < len(units):
        starts.append(end - 1 if units[end - 1] in (_ESCAPE, _HIGH_SURROGATE) else end)
    return starts


def explain_segments(text: str) -> dict[str, Any]:
    """What `text` costs with its diacritics and without, and which characters are the reason."""
    text = nfc(text)
    try:
        without = plain(text)
    except Unsendable as refusal:
        plainly: dict[str, Any] = {"unsendable": _listed(refusal.characters)}
    else:
        plainly = {"text": without} | _priced(segments(without))
    return {"accented": {"text": text} | _priced(segments(text)), "plain": plainly}


def _priced(measured: Segments) -> dict[str, Any]:
    return {
        "encoding": measured.encoding.value,
        "units": measured.units,
        "segments": measured.segments,
        "units_left_in_segment": measured.units_left_in_segment,
        "forced_by": _listed(measured.forced_by),
    }


def _listed(characters: Iterable[Placed]) -> list[dict[str, Any]]:
    return [
        {
            "character": character,
            "position": position,
            "code_point": f"U+{ord(character):04X}",
            "name": unicodedata.name(character, ""),
        }
        for character, position in characters
    ]
