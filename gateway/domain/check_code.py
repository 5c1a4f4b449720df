"""The check code of a notice: ten digits by which anybody can ask whether it is genuine.

Derived from the notice's seed, which is a keyed hash, so that no code can be made up; ten digits,
so that with the limits on wrong ones hardly any is ever hit by chance. Posting the same event
again, also after a restore, gives the same code.
"""

from hashlib import sha256

DIGITS = 10
# What a text is tried with before its notice exists.
EXAMPLE = "1234567890"

_PURPOSE = b"check"
_BYTES = 7


def is_written_like_one(text: str) -> bool:
    return len(text) == DIGITS and text.isascii() and text.isdecimal()


def check_code(seed: bytes) -> str:
    """The ledger finds a notice by the same arithmetic: see the migration 0010."""
    hashed = sha256(_PURPOSE + seed).digest()[:_BYTES]
    return f"{int.from_bytes(hashed, 'big') % 10**DIGITS:0{DIGITS}}"
