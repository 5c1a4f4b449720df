"""Letters: the one Unicode form (NFC), typing instead of typography, and plain letters for SMS."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# The default alphabet and extension table of 3GPP TS 23.038.
GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "\f^{}\\[~]|€"

_GSM7 = re.compile(f"[{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]*")

_TYPOGRAPHY = {
    "-": "‐‑‒–—―−﹘﹣",
    '"': "“”„‟«»″",
    "'": "‘’‚‛′´`",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000",
    "\n": "\u0085\u2028\u2029",
    "...": "…",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff",
}
# What has no letter to fall back on. `ƀ` is a letter of Mnông, Ê-đê and Gia Rai names.
_PLAIN_ONLY = {
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "ƀ": "b",
    "Ƀ": "B",
    "₫": "d",
    "×": "x",
    "•": "-",
    "·": "-",
    "→": "->",
    "⁄": "/",
}
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_CLEAN_TABLE = _FULL_WIDTH | {ord(old): new for new, olds in _TYPOGRAPHY.items() for old in olds}
_CLEAN_NEEDED = re.compile(f"[\r{''.join(map(re.escape, map(chr, _CLEAN_TABLE)))}]")


class Placed(NamedTuple):
    """A character and where it stands in the NFC text, counted from 0."""

    character: str
    position: int


class Unsendable(ValueError):
    """The text has characters that plain SMS letters cannot express.

    Carries those characters and their places, never the text.
    """

    def __init__(self, characters: Iterable[Placed]) -> None:
        self.characters = tuple(characters)
        listed = ", ".join(f"U+{ord(c):04X} at {at}" for c, at in self.characters)
        super().__init__(f"not expressible in plain SMS letters: {listed}")


_PLAIN_LISTED = _CLEAN_TABLE | {ord(old): new for old, new in _PLAIN_ONLY.items()}


class _PlainTable(dict[int, str]):
    """Every character to its plain spelling; what is not listed loses its marks, if it has any."""

    def __missing__(self, code: int) -> str:
        base = _without_marks(chr(code))
        return base if _GSM7.fullmatch(base) else chr(code)


def _without_marks(character: str) -> str:
    apart = unicodedata.normalize("NFKD", character)
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_PLAIN_LISTED)


_PLAIN_TABLE = _PlainTable({code: chr(code) for code in range(128)} | _PLAIN_LISTED)
# The Latin blocks that hold Vietnamese are worked out once, here, and not per message.
for _block in (range(0xA0, 0x250), range(0x300, 0x370), range(0x1E00, 0x1F00)):
    _PLAIN_TABLE.update({c: _PLAIN_TABLE[c] for c in _block if c not in _PLAIN_TABLE})


def nfc(text: str) -> str:
    """The one form in which text is kept: composed letters."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """NFC, with dashes, quotes and spaces as typed on a keyboard, and nothing invisible."""
    text = nfc(text)
    if not _CLEAN_NEEDED.search(text):
        return text
    return text.translate(_CLEAN_TABLE).replace("\r\n", "\n")


def bare(text: str) -> str:
    """Without diacritics; what has no plain spelling stays. For comparing, not for sending."""
    return nfc(text).translate(_PLAIN_TABLE)


def plain(text: str) -> str:
    """The text in GSM-7 letters, without diacritics. Raises Unsendable rather than write `?`."""
    spelled = bare(text)
    if not _GSM7.fullmatch(spelled):
        raise Unsendable(_inexpressible(nfc(text)))
    return spelled


def _inexpressible(text: str) -> Iterable[Placed]:
    for position, character in enumerate(text):
        if not _GSM7.fullmatch(_PLAIN_TABLE[ord(character)]):
            yield Placed(character, position)
