"""Days, months and hours in words, in the style of an office: `ngày năm tháng tư năm …`."""

from datetime import date, time

from gateway.domain.speech.numbers import PLAIN, Dialect, integer

_WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")


def day(moment: date, dialect: Dialect = PLAIN) -> str:
    said = f"ngày {integer(moment.day)} {month(moment.month)}"
    return f"{said} năm {integer(moment.year, dialect)}"


def month(number: int) -> str:
    """The fourth month is "tháng tư", not "tháng bốn"."""
    return "tháng tư" if number == 4 else f"tháng {integer(number)}"


def weekday(moment: date) -> str:
    return _WEEKDAYS[moment.weekday()]


def numbered_weekday(number: int) -> str:
    """`2` is "thứ hai" … `7` "thứ bảy", `8` Sunday, as Vietnamese counts the days."""
    return _WEEKDAYS[number - 2]


def clock_time(moment: time) -> str:
    return hours_and_minutes(moment.hour, moment.minute)


def hours_and_minutes(hours: int, minutes: int) -> str:
    """`7, 5` is "bảy giờ năm phút"; a full hour has no minutes."""
    said = f"{integer(hours)} giờ"
    return f"{said} {integer(minutes)} phút" if minutes else said
