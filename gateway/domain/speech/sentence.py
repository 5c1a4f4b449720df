"""A sentence with numerals, dates, codes and abbreviations, turned into words for a voice.

One pass over one table of rules: the first rule that matches at a place reads it, so that what is
already words is never read again.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from gateway.domain.speech import amounts, calendar, documents, phones
from gateway.domain.speech.codes import code
from gateway.domain.speech.online import online
from gateway.domain.speech.reader import READER, Reader
from gateway.domain.speech.words import CAPITAL, word
from gateway.domain.text import clean

Say = Callable[[str, Reader], str]


def read_aloud(text: str, reader: Reader = READER) -> str:
    """`text` as words and pauses, without a digit."""

    def say(found: re.Match[str]) -> str:
        assert found.lastgroup is not None  # every alternative of the pattern is named
        return f" {_RULES[found.lastgroup][1](found[0], reader)} "

    return _punctuated(_pattern(reader.listed).sub(say, _typed(text)))


@lru_cache(maxsize=8)
def _pattern(listed: str) -> re.Pattern[str]:
    patterns = {name: pattern for name, (pattern, _) in _RULES.items()} | {"listed": listed}
    rules = "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items())
    return re.compile(f"{_MAY_BEGIN}(?:{rules})")


def _typed(text: str) -> str:
    """As from a keyboard: single spaces, no mark that belongs to no letter, `½` as 1/2."""
    text = clean(text)
    if not text.isascii():
        text = "".join(map(_plain_figure, text)).replace("⁄", "/")
    return _APART.sub(r"\1'", re.sub(r" {2,}", " ", text))


def _plain_figure(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Mn":
        return ""
    if category not in ("No", "Nl"):
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain != character else str(unicodedata.digit(character, ""))


def _punctuated(said: str) -> str:
    said = re.sub(r"\s+", " ", said)
    said = re.sub(r" ?([,.;:!?])(?: ?[,.;:!?])*", _strongest, said)
    return said.lstrip(" ,.;:!?").rstrip(" ,")


def _strongest(found: re.Match[str]) -> str:
    """One mark of several: the first that ends a sentence, but a colon opens what follows it."""
    if found[1] == ":":
        return ":"
    return next((mark for mark in found[0] if mark in ".!?"), found[1])


def _code(written: str, _: Reader) -> str:
    return f", {code(written)},"


def _in_groups(written: str, reader: Reader) -> str:
    if phones.is_identifier(written):
        return phones.in_groups(written)
    return " ".join(amounts.number(one, reader) for one in written.split())


def _listed(written: str, reader: Reader) -> str:
    return reader.pronunciations[written]


def _always(said: str) -> Say:
    return lambda _written, _reader: said


def _plainly(say: Callable[[str], str]) -> Say:
    """For what is said alike in every region."""
    return lambda written, _reader: say(written)


def _mark(written: str, _: Reader) -> str:
    return _MARKS.get(written, "")


# No rule begins at a mark that stays, and at a space only a dash or the x of a product.
_MAY_BEGIN = r"(?![,;:!?]| [^-xX×*])"
_APART = re.compile(rf"\b([HKMSX])' (?=[{CAPITAL}])")  # `H' Lan` is the name H'Lan
_MARKS = {
    "&": "và", "+": "cộng", "=": "bằng", "@": "a còng", "%": "phần trăm", "#": "số", "₫": "đồng",
    "$": "đô la", "€": "ơ rô", "°": "độ", "<": "nhỏ hơn", ">": "lớn hơn", "±": "cộng trừ",
    "≥": "lớn hơn hoặc bằng", ">=": "lớn hơn hoặc bằng", "≤": "nhỏ hơn hoặc bằng",
    "<=": "nhỏ hơn hoặc bằng", "~": "khoảng", "^": "mũ", "=>": ",", "->": ",", "№": "số",
    "/": ",", "-": ",", "(": ",", ")": ",", "[": ",", "]": ",", "{": ",", "}": ",", "|": ",",
    "•": ",", "·": ",", "\n": ".",
}  # fmt: skip

_TOP = "vn|com|net|org|info|gov|edu|me|io|app|link"

# `listed` stands for the list of the reader; what is before it is never taken apart by the list.
_RULES: dict[str, tuple[str, Say]] = {
    "online": (
        r"(?<![\w.@+-])(?:[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
        rf"|(?:https?://)?(?:[\w-]{{1,63}}\.){{1,8}}(?:{_TOP})(?![\w-])(?:[/?](?:[\w./?=&%+-]*[\w/])?)?)",
        _plainly(online),
    ),
    "code": (
        r"(?<![\w.,/])(?:[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*-\d{6,8}-\d{3,}"
        r"|[A-ZĐ][A-Z0-9Đ.]*-\d{4,8}-\d{2,}|[A-ZĐ]{1,4}-[A-ZĐ]{1,4}-\d{4,}"
        r"|\d{3}\.\d\d\.\d\d\.[A-Z]\d\d"
        r"|[A-Z]\d\d(?:\.\d\d)+|\d\.\d{6}(?:\.[A-Z0-9]+)*)(?!\w)",
        _code,
    ),
    "plate": (phones.PLATE, _plainly(phones.plate)),
    "document": (documents.DOCUMENT, documents.document),
    "road": (amounts.ROAD, _plainly(amounts.road)),
    "weekday": (calendar.WEEKDAY, _plainly(calendar.weekday)),
    "money_first": (amounts.MONEY_FIRST, amounts.money_first),
    "listed": ("", _listed),
    "pair": (
        r"\b(?i:ông/bà|anh/chị|cha/mẹ|bố/mẹ|vợ/chồng|và/hoặc)(?!\w)",
        _plainly(lambda written: written.lower().replace("/", " ")),
    ),
    "sunday": (calendar.SUNDAY, _always("chủ nhật")),
    "branch": (calendar.BRANCH, _always("chi nhánh")),
    "twice": (amounts.TWICE, amounts.twice),
    "serial": (phones.SERIAL, _plainly(phones.serial)),
    "flat": (r"(?:(?<=\b[A-Z]\d)|(?<=\b[A-Z]\d\d))-(?=\d)", _always(",")),
    "day": (calendar.DAY, calendar.full_day),
    "iso_day": (calendar.ISO_DAY, calendar.iso_day),
    "day_in_a_name": (calendar.DAY_IN_A_NAME, _plainly(calendar.day_in_a_name)),
    "days": (calendar.DAYS, _plainly(calendar.days)),
    "month": (calendar.MONTH, calendar.named_month),
    "time": (calendar.TIME, _plainly(calendar.time_of_day)),
    "phone": (phones.PHONE, _plainly(phones.dialled)),
    "called": (phones.CALLED, phones.called),
    "key": (phones.KEY, _plainly(phones.key)),
    "metres": (amounts.METRES, _plainly(amounts.metres)),
    "money": (amounts.MONEY, amounts.money),
    "in_groups": (phones.IN_GROUPS, _in_groups),
    "measure": (amounts.MEASURE, amounts.measure),
    "millions": (amounts.MILLIONS, amounts.millions),
    "ordinal": (amounts.ORDINAL, amounts.ordinal),
    "range": (
        r"(?<=[\dhHg%đ]) ?- ?(?=\d)|(?:(?<=phút)|(?<= giờ)|(?<=đồng)) ?- ?(?=\d)"
        rf"| ?- ?{calendar.TO_A_WEEKDAY}",
        _always("đến"),
    ),
    "fraction": (r"(?<=\d)/(?=\d)|(?<=\d[A-Za-z])/(?=\d)", _always("trên")),
    "times": (r"(?<=\d) ?[xX×*] ?(?=\d)|(?<=m) [x×] (?=\d)", _always("nhân")),
    "point": (r"(?<=\d)\.(?=\d)", _always("chấm")),
    "number": (amounts.NUMBER, amounts.number),
    "word": (r"[^\W\d_](?:[^\W_]|'(?=[^\W_]))*", word),
    "end": (rf"(?<=[^\W\d_]{{2}})\.(?=[{CAPITAL}])", _always(".")),
    "joint": (
        rf"(?<=[^\W\d_])[.-](?=[^\W_])|(?<=\.[{CAPITAL}])\.(?= [{CAPITAL}])",
        _always(""),
    ),
    "mark": (r"[<>]=|[=-]>|[^\w\s,.;:!?]|_|\n", _mark),
}  # fmt: skip
