"""Text that somebody else wrote, made fit to stand in a message of ours.

Fraud lives on links, so no message has one: free text that carries what a telephone would turn into
a link is not printed at all, be it a reason, a name or an address.
"""

import re

from gateway.domain.text import clean
from gateway.rendering.filters import short

_LONGEST = 600
_ENDINGS = (
    "vn|com|net|org|info|gov|edu|biz|io|me|ly|gl|gd|cc|co|app|site|online|store|shop|top|xyz|link"
    "|click|live|icu|vip|club|win|pro|asia|page|dev|tk|ml|ga|cf|ru|cn"
)
# The scheme has an end, so that a long text without blanks is not read again from every letter.
LINK = re.compile(
    rf"[a-z][a-z0-9+.-]{{0,30}}://|\bwww\.|(?<![\w.-])(?:[\w-]+\.)+(?:(?:{_ENDINGS})(?![\w-])|[a-z]{{2,}}/)",
    re.IGNORECASE,
)


def has_link(text: str) -> bool:
    may_have_one = "." in text or "://" in text
    return may_have_one and LINK.search(text) is not None


def printable(text: str | None) -> str:
    """NFC, one line of visible characters, not endless; nothing if it has a link."""
    tidy = " ".join(clean(text or "").split())
    if not tidy.isprintable():
        tidy = "".join(filter(str.isprintable, tidy))
    return "" if has_link(tidy) else short(tidy, _LONGEST)


def clause(text: str | None) -> str:
    """Printable text without the full stop after which no sentence of ours could go on."""
    return printable(text).rstrip(" .;,")
