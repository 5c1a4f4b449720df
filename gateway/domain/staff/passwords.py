"""What a password must be like. Length counts; rules about kinds of letters do not help."""

import unicodedata
from enum import StrEnum

LEAST_LENGTH, MOST_LENGTH = 12, 128
_LEAST_DIFFERENT = 5
# Letters that a password needs besides a word that everybody tries.
_LEAST_BESIDE = 9
# What people type first when twelve letters are asked for.
_OFTEN_USED = (
    *("password", "matkhau", "qwerty", "123456", "abcdef"),
    *("iloveyou", "admin", "baotin", "hanhchinhcong"),
)


class PasswordFault(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_FEW_LETTERS = "too_few_letters"
    HOLDS_NAME = "holds_name"
    OFTEN_USED = "often_used"


def faults_of(password: str, name: str) -> tuple[PasswordFault, ...]:
    """Everything that is wrong with this password for the user of this name."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    checks = {
        PasswordFault.TOO_SHORT: len(password) < LEAST_LENGTH,
        PasswordFault.TOO_LONG: len(password) > MOST_LENGTH,
        PasswordFault.TOO_FEW_LETTERS: len(set(plain)) < _LEAST_DIFFERENT,
        PasswordFault.HOLDS_NAME: len(name) > 2 and name in plain,
        PasswordFault.OFTEN_USED: _is_mostly_a_known_word(plain),
    }
    return tuple(fault for fault, found in checks.items() if found)


def _is_mostly_a_known_word(plain: str) -> bool:
    """A well-known word and little else: `password1234`, `Mat khau 2026`."""
    letters = "".join(filter(str.isalnum, plain))
    return any(word in letters and len(letters) - len(word) < _LEAST_BESIDE for word in _OFTEN_USED)
