"""Readings written by hand; the rule that each one shows stands beside it."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import NORTHERN, SOUTHERN

from gateway.domain import speech
from gateway.domain.speech import Reader


@pytest.mark.parametrize(
    ("number", "said", "rule"),
    [
        (0, "không", "zero alone"),
        (1, "một", "one alone is một"),
        (4, "bốn", "four alone is bốn"),
        (5, "năm", "five alone is năm"),
        (7, "bảy", "seven"),
        (10, "mười", "ten has no units"),
        (11, "mười một", "one after mười stays một"),
        (14, "mười bốn", "four after mười stays bốn"),
        (15, "mười lăm", "five after mười is lăm"),
        (19, "mười chín", "teens"),
        (20, "hai mươi", "tens of twenty and more say mươi"),
        (21, "hai mươi mốt", "one after mươi is mốt"),
        (24, "hai mươi tư", "four after mươi is tư"),
        (25, "hai mươi lăm", "five after mươi is lăm"),
        (31, "ba mươi mốt", "mốt again"),
        (44, "bốn mươi tư", "bốn for the tens, tư for the units"),
        (55, "năm mươi lăm", "năm for the tens, lăm for the units"),
        (91, "chín mươi mốt", "mốt again"),
        (99, "chín mươi chín", "largest of two digits"),
        (100, "một trăm", "a round hundred"),
        (101, "một trăm lẻ một", "zero tens are lẻ, one stays một"),
        (104, "một trăm lẻ bốn", "four after lẻ is bốn"),
        (105, "một trăm lẻ năm", "five after lẻ is năm"),
        (110, "một trăm mười", "ten after a hundred"),
        (111, "một trăm mười một", "no mốt after mười"),
        (115, "một trăm mười lăm", "lăm after mười"),
        (121, "một trăm hai mươi mốt", "mốt inside"),
        (555, "năm trăm năm mươi lăm", "three fives"),
        (999, "chín trăm chín mươi chín", "largest of three digits"),
        (1000, "một nghìn", "groups of zero are silent"),
        (1001, "một nghìn không trăm lẻ một", "missing hundreds are spoken"),
        (1015, "một nghìn không trăm mười lăm", "missing hundreds before the teens"),
        (1100, "một nghìn một trăm", "round hundreds after a thousand"),
        (2000, "hai nghìn", "a round year"),
        (2024, "hai nghìn không trăm hai mươi tư", "a year"),
        (2025, "hai nghìn không trăm hai mươi lăm", "a year"),
        (10_000, "mười nghìn", "ten thousands"),
        (21_000, "hai mươi mốt nghìn", "mốt before nghìn"),
        (50_000, "năm mươi nghìn", "năm before mươi"),
        (100_005, "một trăm nghìn không trăm lẻ năm", "không trăm lẻ in the last group"),
        (
            523_056,
            "năm trăm hai mươi ba nghìn không trăm năm mươi sáu",
            "không trăm in the last group",
        ),
        (1_000_000, "một triệu", "a million"),
        (1_000_001, "một triệu không trăm lẻ một", "a silent group of thousands"),
        (
            1_005_000,
            "một triệu không trăm lẻ năm nghìn",
            "không trăm lẻ in the group of thousands",
        ),
        (
            145_001_000,
            "một trăm bốn mươi lăm triệu không trăm lẻ một nghìn",
            "không trăm lẻ before nghìn",
        ),
        (1_000_000_000, "một tỷ", "a billion"),
        (1_000_000_005, "một tỷ không trăm lẻ năm", "two silent groups"),
        (2_500_000_000, "hai tỷ năm trăm triệu", "millions after a billion"),
        (
            1_005_000_000_000,
            "một nghìn không trăm lẻ năm tỷ",
            "billions are counted like numbers",
        ),
        (10**15, "một triệu tỷ", "a million billions"),
        (10**18, "một tỷ tỷ", "a billion billions"),
        (
            10**18 + 10**9 + 1,
            "một tỷ không trăm lẻ một tỷ không trăm lẻ một",
            "groups after groups",
        ),
        (-1, "âm một", "minus is âm"),
        (-105, "âm một trăm lẻ năm", "minus before a hundred"),
    ],
)
def test_an_integer_is_read_by_the_rule(number: int, said: str, rule: str):
    assert speech.integer(number) == said, rule


@pytest.mark.parametrize(
    ("number", "reader", "said"),
    [
        (105, NORTHERN, "một trăm linh năm"),
        (1001, NORTHERN, "một nghìn không trăm linh một"),
        (115, NORTHERN, "một trăm mười lăm"),
        (2025, SOUTHERN, "hai ngàn không trăm hai mươi lăm"),
    ],
)
def test_a_dialect_changes_only_its_own_words(number: int, reader: Reader, said: str):
    assert speech.integer(number, reader.dialect) == said


@pytest.mark.parametrize(
    ("number", "said", "rule"),
    [
        ("1.5", "một phẩy năm", "one decimal"),
        ("0.5", "không phẩy năm", "zero before the comma is said"),
        ("2.05", "hai phẩy không năm", "a leading zero is said"),
        ("0.25", "không phẩy hai mươi lăm", "two decimals as a number"),
        ("3.14", "ba phẩy mười bốn", "two decimals as a number"),
        ("3.141", "ba phẩy một bốn một", "three decimals one by one"),
        ("12.50", "mười hai phẩy năm mươi", "decimals as they are written"),
        ("-0.5", "âm không phẩy năm", "minus before a decimal"),
        ("-21.1", "âm hai mươi mốt phẩy một", "mốt before the comma only"),
        ("7", "bảy", "no decimals"),
        ("1E3", "một nghìn", "a power of ten is an integer"),
    ],
)
def test_a_decimal_is_read_by_the_rule(number: str, said: str, rule: str):
    assert speech.decimal(Decimal(number)) == said, rule


def test_what_is_not_a_number_is_not_read_as_one():
    with pytest.raises(ValueError, match="finite"):
        speech.decimal(Decimal("NaN"))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("5", "năm phần trăm"),
        ("100", "một trăm phần trăm"),
        ("12.5", "mười hai phẩy năm phần trăm"),
    ],
)
def test_a_percentage_is_read(number: str, said: str):
    assert speech.percent(Decimal(number)) == said


@pytest.mark.parametrize(
    ("amount_vnd", "said"),
    [
        (0, "không đồng"),
        (500, "năm trăm đồng"),
        (50_000, "năm mươi nghìn đồng"),
        (135_000, "một trăm ba mươi lăm nghìn đồng"),
        (1_250_000, "một triệu hai trăm năm mươi nghìn đồng"),
        (1_001_000, "một triệu không trăm lẻ một nghìn đồng"),
    ],
)
def test_money_is_read_in_dong(amount_vnd: int, said: str):
    assert speech.money_vnd(amount_vnd) == said


@pytest.mark.parametrize(
    ("moment", "said", "rule"),
    [
        (
            date(2025, 3, 5),
            "ngày năm tháng ba năm hai nghìn không trăm hai mươi lăm",
            "office style, without mùng",
        ),
        (
            date(2024, 4, 4),
            "ngày bốn tháng tư năm hai nghìn không trăm hai mươi tư",
            "day four is bốn, month four is tư",
        ),
        (
            date(2000, 1, 1),
            "ngày một tháng một năm hai nghìn",
            "the first month is tháng một",
        ),
        (
            date(2025, 12, 31),
            "ngày ba mươi mốt tháng mười hai năm hai nghìn không trăm hai mươi lăm",
            "mốt in a date",
        ),
        (
            date(2024, 11, 21),
            "ngày hai mươi mốt tháng mười một năm hai nghìn không trăm hai mươi tư",
            "mốt in the day, một in the month",
        ),
        (
            date(1999, 10, 15),
            "ngày mười lăm tháng mười năm một nghìn chín trăm chín mươi chín",
            "a year of the last century",
        ),
    ],
)
def test_a_date_is_read_in_office_style(moment: date, said: str, rule: str):
    assert speech.day(moment) == said, rule


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (date(2024, 11, 18), "thứ hai"),
        (date(2024, 11, 19), "thứ ba"),
        (date(2024, 11, 20), "thứ tư"),
        (date(2024, 11, 21), "thứ năm"),
        (date(2024, 11, 22), "thứ sáu"),
        (date(2024, 11, 23), "thứ bảy"),
        (date(2024, 11, 24), "chủ nhật"),
    ],
)
def test_weekdays_are_counted_from_two(moment: date, said: str):
    assert speech.weekday(moment) == said


@pytest.mark.parametrize(
    ("moment", "said", "rule"),
    [
        (time(7, 0), "bảy giờ", "a full hour has no minutes"),
        (time(7, 30), "bảy giờ ba mươi phút", "half past"),
        (time(7, 5), "bảy giờ năm phút", "no zero before the minutes"),
        (time(13, 15), "mười ba giờ mười lăm phút", "twenty-four hours"),
        (time(21, 21), "hai mươi mốt giờ hai mươi mốt phút", "mốt in both"),
        (time(0, 0), "không giờ", "midnight"),
    ],
)
def test_a_time_of_day_is_read(moment: time, said: str, rule: str):
    assert speech.clock_time(moment) == said, rule


@pytest.mark.parametrize(
    ("number", "said", "rule"),
    [
        ("0986765321", "không chín tám sáu, bảy sáu năm, ba hai một", "ten digits are 4-3-3"),
        ("0986 765 321", "không chín tám sáu, bảy sáu năm, ba hai một", "spaces do not count"),
        ("+84986765321", "không chín tám sáu, bảy sáu năm, ba hai một", "+84 is dialled as 0"),
        ("0915151515", "không chín một năm, một năm một, năm một năm", "never mốt or lăm"),
        ("0271.3568.123", "không hai bảy một, ba năm sáu tám, một hai ba", "landline 4-4-3"),
        ("02838251234", "không hai tám, ba tám hai năm, một hai ba bốn", "city landline 3-4-4"),
        ("1022", "một không hai hai", "a short number in one breath"),
        ("19001234", "một chín không không, một hai ba bốn", "eight digits are 4-4"),
        ("1800 1096", "một tám không không, một không chín sáu", "eight digits are 4-4"),
    ],
)
def test_a_phone_number_is_read_digit_by_digit_in_groups(number: str, said: str, rule: str):
    assert speech.phone(number) == said, rule


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ("", ""),
        ("7", "bảy"),
        ("12345", "một hai ba, bốn năm"),
        ("241105", "hai bốn một, một không năm"),
        ("0092637", "không không chín hai, sáu ba bảy"),
        ("079185001234", "không bảy chín một, tám năm không không, một hai ba bốn"),
    ],
)
def test_digits_are_grouped_evenly_with_the_longer_groups_first(figures: str, said: str):
    assert speech.digits(figures) == said


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("H", "hát"),
        ("GPLX", "giê pê e lờ ích xì"),
        ("bđs", "bê đê ét sì"),
        ("QUWY", "quy u vê kép i dài"),
    ],
)
def test_letters_have_their_vietnamese_names(word: str, said: str):
    assert speech.letters(word) == said


def test_a_dossier_code_is_spelled_with_its_marks():
    assert speech.code("000.00.12.H10-241105-0001") == (
        "không không không, chấm không không, chấm một hai, chấm hát một không, "
        "gạch ngang hai bốn một, một không năm, gạch ngang không không không một"
    )


def test_a_dossier_code_can_be_spelled_with_pauses_for_its_marks():
    assert speech.code("G09.20-20260609-0092637", marks=False) == (
        "giê không chín, hai không, hai không hai sáu, không sáu không chín, "
        "không không chín hai, sáu ba bảy"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("000.00.12.H10-241105-0001", "không không không một"),
        ("G09.20-20260609-0092637", "không không chín hai, sáu ba bảy"),
        ("HS/2024/15", "một năm"),
        ("H10-A", "a"),
        ("12.", "một hai"),
        ("", ""),
    ],
)
def test_the_last_group_of_a_code_is_what_follows_its_last_mark(code: str, said: str):
    assert speech.last_group(code) == said


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_different_numbers_are_read_differently(number: int):
    assert speech.integer(number) != speech.integer(number + 1)
