"""What is spelled, not read: phone numbers, dossier codes, letters."""

import re

from gateway.domain.speech.numbers import digit
from gateway.domain.text import clean

_NAMES = {
    "A": "a", "Ă": "á", "Â": "ớ", "B": "bê", "C": "xê", "D": "dê", "Đ": "đê", "E": "e", "Ê": "ê",
    "F": "ép phờ", "G": "giê", "H": "hát", "I": "i", "J": "gi", "K": "ca", "L": "e lờ",
    "M": "em mờ", "N": "en nờ", "O": "o", "Ô": "ô", "Ơ": "ơ", "P": "pê", "Q": "quy", "R": "e rờ",
    "S": "ét sì", "T": "tê", "U": "u", "Ư": "ư", "V": "vê", "W": "vê kép", "X": "ích xì",
    "Y": "i dài", "Z": "dét",
}  # fmt: skip
_MARKS = {".": "chấm", "-": "gạch ngang", "/": "gạch chéo", "_": "gạch dưới"}

_PAUSE = ", "
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[./_-]")
_LAST_GROUP = re.compile(r"[^\W_]+(?=[\W_]*$)")
_CITY_WITH_SHORT_CODE = re.compile(r"(02[48])(\d{4})(\d{4})")


def letters(word: str) -> str:
    """Each letter by its name; what has none is left as it is."""
    return " ".join(_NAMES.get(letter, letter) for letter in word.upper())


def digits(figures: str) -> str:
    """Digit by digit with a pause between groups: ten as 4-3-3, eight as 4-4, six as 3-3."""
    return _PAUSE.join(" ".join(map(digit, group)) for group in _grouped(figures))


def phone(number: str) -> str:
    """A phone number however it is punctuated; `+84` is read as the 0 that people dial."""
    figures = re.sub(r"\D", "", clean(number))
    if number.lstrip().startswith("+84"):
        figures = "0" + figures[2:]
    if city := _CITY_WITH_SHORT_CODE.fullmatch(figures):
        return _PAUSE.join(digits(group) for group in city.groups())
    return digits(figures)


def code(written: str, *, marks: bool = True) -> str:
    """A dossier code in groups. Without `marks`, a pause stands for each `.`, `-` and `/`."""
    return _PAUSE.join(" ".join(group) for group in _groups(clean(written), marks) if group)


def last_group(written: str) -> str:
    """The end of a code, which is what people compare: the serial number after the last mark."""
    found = _LAST_GROUP.search(clean(written))
    return code(found[0]) if found else ""


def _groups(written: str, marks: bool) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for token in _TOKEN.findall(written):
        if token in _MARKS:
            groups.append([_MARKS[token]] if marks else [])
        elif token.isdecimal():
            first, *others = (" ".join(map(digit, group)) for group in _grouped(token))
            groups[-1].append(first)
            groups += [[other] for other in others]
        else:
            groups[-1].append(letters(token))
    return groups


def _grouped(figures: str) -> list[str]:
    """Groups of at most four, as even as can be, the longer ones first."""
    count = -(-len(figures) // 4)
    groups = []
    while figures:
        size = -(-len(figures) // count)
        groups.append(figures[:size])
        figures, count = figures[size:], count - 1
    return groups
