"""Days, months, weekdays and hours where they stand in a sentence, and when figures are such."""

import re
from datetime import date

from gateway.domain.speech.codes import code
from gateway.domain.speech.moments import day, hours_and_minutes, month, numbered_weekday
from gateway.domain.speech.numbers import integer
from gateway.domain.speech.reader import Reader
from gateway.domain.speech.words import CAPITAL

_ALONE = r"(?<![\w.,/])"
_DAY_AND_MONTH = r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])(?![\d/]|,\d)"
_AND = r" ?(?:,|-|và|đến|tới) ?(?:ngày )?"


def _after(*words: str) -> str:
    """Stands right after one of the words, with a small or a capital letter."""
    return "(?:" + "|".join(rf"(?<=[{w[0]}{w[0].upper()}]{w[1:]} )" for w in words) + ")"


# Figures with a stroke may be a fraction or a house; what stands before or behind makes them a day.
_DAY_FOLLOWS = _after(
    "từ", "đến", "tới", "trước", "sau", "hết", "lễ", "dịp", "sáng", "chiều", "tối", "trưa", "hôm",
    "qua", "khánh", "nghỉ", "hạn", "giờ", "phút",
)  # fmt: skip
_AFTER_A_WEEKDAY = r"(?:(?<=hứ \w, )|(?<=hứ \w\w, )|(?<=hứ \w\w\w, )|(?<=hật, )|(?<=CN, ))"
_AFTER_AN_HOUR = r"(?:(?<=\dh )|(?<=\dg )|(?<=\d[hg]\d\d )|(?<=\d:\d\d )|(?<=h, ))"
_WITH_A_ZERO = r"(?<![\w.,/-])(?<!số )(?<!Số )(?=0\d/|\d\d?/0\d)"
_TO_ANOTHER = rf"(?<![\w.,/-])(?={_DAY_AND_MONTH} ?(?:-|đến) ?(?:hết )?(?:ngày )?\d\d?/\d\d?(?!\d))"
_NAMED_FOR_A_DAY = _after("đường", "phố", "viên", "trường", "chợ", "cầu", "viện")

DAY = (
    rf"(?:\b[Nn]gày )?{_ALONE}(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}"
    r"|(?<!số )\d{1,2}/(?:0[1-9]|1[0-2])/\d\d)(?![\d/])"
)
ISO_DAY = rf"(?:\b[Nn]gày )?{_ALONE}(?:19|20)\d\d-(?:0[1-9]|1[0-2])-[0-3]\d(?!\d)"
DAYS = (
    rf"(?:\b[Nn]gày |{_DAY_FOLLOWS}|{_AFTER_A_WEEKDAY}|{_AFTER_AN_HOUR}"
    rf"|{_WITH_A_ZERO}|{_TO_ANOTHER})"
    rf"(?:\d{{1,2}}{_AND}){{0,9}}{_DAY_AND_MONTH}(?:{_AND}{_DAY_AND_MONTH}){{0,9}}"
)
DAY_IN_A_NAME = rf"{_NAMED_FOR_A_DAY}{_DAY_AND_MONTH}"
MONTH = (
    r"\b[Tt]háng (?:0?[1-9]|1[0-2])(?:[/-](?:19|20)\d\d)?(?![\d/])"
    rf"|{_ALONE}T?(?:0?[1-9]|1[0-2])/(?:19|20)\d\d(?![\w/])"
)
WEEKDAY = (
    r"\b[Tt]hứ [1-7](?: ?- ?[2-7])?(?!\w|[.,]\d)"
    r"|(?<![Ll]ô )\bT\.?[2-7](?: ?- ?[2-7](?!\w))?(?![\w/])"
)
_HOUR = r"(?:[01]?\d|2[0-4])"
TIME = (
    rf"{_ALONE}{_HOUR}(?:[:hHg]| ?giờ ?)[0-5]\d(?::[0-5]\d)?(?: ?(?:phút|p))?(?!\w)"
    rf"|{_ALONE}{_HOUR}(?: ?[hH]|g)(?!\w)"
    rf"|{_ALONE}{_HOUR}\.[0-5]\d ?- ?{_HOUR}\.[0-5]\d(?![\w.,])"
)
SUNDAY = rf"\bCN(?!\w| [{CAPITAL}])"
BRANCH = rf"\bCN(?= [{CAPITAL}])"
TO_A_WEEKDAY = rf"(?=[Tt]hứ |[Cc]hủ nhật|{SUNDAY}|T\.?[2-7]\b)"

_SHARED_MONTH = re.compile(r"(?:[Nn]gày )?\d{1,2}(?![\d/])")
_ONE_OF_DAYS = re.compile(r"(?:[Nn]gày )?(\d+)/(\d+)")


def _integers(written: str) -> list[int]:
    return [int(run) for run in re.findall(r"\d+", written)]


def full_day(written: str, reader: Reader) -> str:
    of_month, in_year, year = _integers(written)
    return _dated(written, (year if year > 99 else 2000 + year, in_year, of_month), reader)


def iso_day(written: str, reader: Reader) -> str:
    year, in_year, of_month = _integers(written)
    return _dated(written, (year, in_year, of_month), reader)


def _dated(written: str, parts: tuple[int, int, int], reader: Reader) -> str:
    try:
        return day(date(*parts), reader.dialect)
    except ValueError:
        return code(re.sub(r"[^\d./-]", "", written))


def days(written: str) -> str:
    """One or several days of a year that is not said; `25, 26/11` share their month."""
    shared = _SHARED_MONTH.match(written) is not None
    if shared and written[0].isdecimal():
        written = f"ngày {written}"
    said = _ONE_OF_DAYS.sub(lambda one: ("" if shared else "ngày ") + _day_and_month(one), written)
    said = re.sub(r"\d+", lambda one: integer(int(one[0])), said)
    return re.sub(r" ?- ?", " đến ", said)


def day_in_a_name(written: str) -> str:
    """`30/4` of a street or a square."""
    return re.sub(r"(\d+)/(\d+)", _day_and_month, written)


def _day_and_month(found: re.Match[str]) -> str:
    return f"{integer(int(found[1]))} {month(int(found[2]))}"


def named_month(written: str, reader: Reader) -> str:
    number, *year = _integers(written)
    said = month(number)
    return f"{said} năm {integer(year[0], reader.dialect)}" if year else said


def weekday(written: str) -> str:
    """Also an ordinal: after `lần` as everywhere, the first is "thứ nhất"."""
    said = ["thứ nhất" if n == 1 else numbered_weekday(n) for n in _integers(written)]
    return " đến ".join(said)


def time_of_day(written: str) -> str:
    if "-" in written:
        return " đến ".join(map(time_of_day, re.split(r" ?- ?", written)))
    hours, *rest = _integers(written)
    said = hours_and_minutes(hours, rest[0] if rest else 0)
    return f"{said} {integer(rest[1])} giây" if rest[1:] else said
