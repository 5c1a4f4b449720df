"""How phone fields are read. The numbers are invented."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.channel import Channel
from gateway.domain.numbering import AREA_CODES_2017, MOBILE_PREFIXES_2018, Line, today
from gateway.domain.recipient import (
    Phone,
    PhoneKind,
    PhoneProblem,
    ProblemCode,
    explain,
    read_phones,
    usable_on,
)

MOBILE, LANDLINE = PhoneKind.MOBILE, PhoneKind.LANDLINE


def numbers(*fields: str) -> list[str]:
    return [phone.e164 for phone in read_phones(fields).phones]


def codes(*fields: str) -> list[str]:
    return [problem.code.value for problem in read_phones(fields).problems]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("0912345678", id="national"),
        pytest.param("84912345678", id="country code"),
        pytest.param("+84912345678", id="plus"),
        pytest.param("0084912345678", id="double zero"),
        pytest.param("+840912345678", id="plus and zero"),
        pytest.param("84 0912 345 678", id="country code and zero"),
        pytest.param("+84 (0) 912 345 678", id="zero in brackets"),
        pytest.param("+84(0)912345678", id="zero in brackets, no spaces"),
        pytest.param("(+84) 912 345 678", id="country code in brackets"),
        pytest.param("+ 84 912 345 678", id="space after the plus"),
        pytest.param("084 912 345 678", id="zero before the country code"),
        pytest.param("(0912) 345 678", id="prefix in brackets"),
        pytest.param("0912.345.678", id="dots"),
        pytest.param("0912-345-678", id="hyphens"),
        pytest.param("0912–345–678", id="en dashes"),
        pytest.param("09 12 34 56 78", id="pairs"),
        pytest.param("0912,345,678", id="commas as thousands"),
        pytest.param("  0912345678\n", id="blanks around"),
        pytest.param("０９１２３４５６７８", id="full width"),
        pytest.param("0912\u200b345\u200b678", id="zero width"),
        pytest.param("0912\u00a0345\u00a0678", id="no-break spaces"),
        pytest.param("\ufeff0912345678", id="byte order mark"),
        pytest.param("ĐT: 0912345678", id="label before"),
        pytest.param("0912345678 (con gái)", id="remark in brackets"),
        pytest.param("0912345678 con gai", id="remark"),
        pytest.param("0912345678 (gọi sau 17h30)", id="remark with an hour"),
        pytest.param("0912345678 máy lẻ 12", id="extension"),
        pytest.param("(con gái 0912345678)", id="all in brackets"),
        pytest.param("0912345678; 0912 345 678", id="twice the same"),
        pytest.param("0912345678 (CCCD 079185001234)", id="identity number beside it"),
    ],
)
def test_every_way_to_write_one_mobile_gives_the_same_phone_without_remark(written: str):
    reading = read_phones([written])
    assert reading.phones == (Phone(e164="+84912345678", kind=MOBILE),)
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("written", "expected", "note"),
    [
        pytest.param("912345678", "+84912345678", "missing_zero", id="nine digits"),
        pytest.param("849123456", "+84849123456", "missing_zero", id="nine digits from 84"),
        pytest.param("2713568123", "+842713568123", "missing_zero", id="landline without zero"),
        pytest.param("O987654321", "+84987654321", "letter_o", id="O in front"),
        pytest.param("o987654321", "+84987654321", "letter_o", id="small o in front"),
        pytest.param("09O5123456", "+84905123456", "letter_o", id="O inside"),
        pytest.param("098765432O", "+84987654320", "letter_o", id="O at the end"),
        pytest.param("01667 123 456", "+84367123456", "converted_2018", id="eleven digits"),
        pytest.param("+84 166 712 3456", "+84367123456", "converted_2018", id="eleven, abroad"),
        pytest.param("0651 3777 111", "+842713777111", "area_code_2017", id="old landline"),
        pytest.param("(0651) 3777111", "+842713777111", "area_code_2017", id="old, in brackets"),
        pytest.param("+84 61 3822123", "+842513822123", "area_code_2017", id="old, abroad"),
        pytest.param("0551234567", "+84551234567", "unlisted_range", id="range not listed"),
        pytest.param("0521234567", "+84521234567", "unlisted_range", id="another one"),
        pytest.param("0891234567", "+84891234567", "unlisted_range", id="a third"),
    ],
)
def test_what_had_to_be_changed_is_used_and_noted(written: str, expected: str, note: str):
    reading = read_phones([written])
    assert [phone.e164 for phone in reading.phones] == [expected]
    assert [problem.code.value for problem in reading.problems] == [note]
    assert all(problem.is_note for problem in reading.problems)


def test_a_number_can_need_two_changes():
    assert numbers("1667123456") == ["+84367123456"]
    assert codes("1667123456") == ["missing_zero", "converted_2018"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param("0999", "truncated", id="four digits"),
        pytest.param("091234567", "truncated", id="a mobile less one"),
        pytest.param("8491234567", "truncated", id="with country code, less one"),
        pytest.param("0271356812", "truncated", id="Bình Phước less one, not old Tuyên Quang"),
        pytest.param("0273356812", "truncated", id="Tiền Giang less one"),
        pytest.param("0123456789", "truncated", id="an eleven-digit mobile less one"),
        pytest.param("0912 345 678 9", "too_long", id="one too many"),
        pytest.param("0000000000", "not_a_number", id="zeros"),
        pytest.param("không có", "not_a_number", id="words"),
        pytest.param("-", "not_a_number", id="a dash"),
        pytest.param("CMND 385123456", "not_a_number", id="identity number"),
        pytest.param("19001234", "premium_rate", id="1900"),
        pytest.param("1900 1234", "premium_rate", id="1900 spaced"),
        pytest.param("18001096", "service_number", id="1800"),
        pytest.param("1022", "service_number", id="1022"),
        pytest.param("115", "service_number", id="emergency"),
        pytest.param("0672 123 456", "service_number", id="internet telephony"),
        pytest.param("+65 9123 4567", "foreign", id="Singapore"),
        pytest.param("0065 9123 4567", "foreign", id="Singapore, double zero"),
        pytest.param("+1", "not_a_number", id="a country alone"),
    ],
)
def test_what_cannot_be_used_is_named(written: str, code: str):
    reading = read_phones([written])
    assert [problem.code.value for problem in reading.problems] == [code]
    assert reading.phones == ()
    assert not reading.problems[0].is_note


@pytest.mark.parametrize(
    "written",
    [
        "0912345678/0271.3568.123",
        "+84 912 345 678 / 0271.3568.123",
        "0912345678;02713568123",
        "0912345678,02713568123",
        "0912345678, 0271 3568 123",
        "0912345678\n02713568123",
        "0912345678 và 02713568123",
        "0912345678 va 02713568123",
        "0912345678 hoặc 0271 3568123",
        "0912345678 - 02713568123",
        "0912345678-02713568123",
        "0912 345 678 0271 3568 123",
        "0912345678 (nhà: 02713568123)",
        "DĐ 0912345678, nhà 02713568123 (gọi buổi tối)",
        "0912345678 | 02713568123 | 0912345678",
    ],
)
def test_several_numbers_in_one_field_are_all_read_in_order(written: str):
    reading = read_phones([written])
    assert reading.phones == (
        Phone(e164="+84912345678", kind=MOBILE),
        Phone(e164="+842713568123", kind=LANDLINE),
    )
    assert reading.problems == ()


def test_a_short_second_number_is_taken_for_a_line_of_the_first():
    assert numbers("0271.3568123/124") == ["+842713568123"]
    assert codes("0271.3568123/124") == []


def test_a_truncated_second_number_is_reported_beside_the_first():
    assert numbers("0912345678 / 09876543") == ["+84912345678"]
    assert codes("0912345678 / 09876543") == ["truncated"]


def test_fields_are_read_in_order_and_each_phone_is_kept_once():
    reading = read_phones(["", "0999", "02713568123", "+84 271 3568 123 / 0912345678"])
    assert [phone.e164 for phone in reading.phones] == ["+842713568123", "+84912345678"]
    assert reading.problems == (PhoneProblem(code=ProblemCode.TRUNCATED, field=1),)


@pytest.mark.parametrize("fields", [[], [""], ["  ", "\u200b"]])
def test_an_empty_field_is_no_problem(fields: list[str]):
    reading = read_phones(fields)
    assert (reading.phones, reading.problems) == ((), ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0120", "070"), ("0121", "079"), ("0122", "077"), ("0123", "083"), ("0124", "084"),
        ("0125", "085"), ("0126", "076"), ("0127", "081"), ("0128", "078"), ("0129", "082"),
        ("0162", "032"), ("0163", "033"), ("0164", "034"), ("0165", "035"), ("0166", "036"),
        ("0167", "037"), ("0168", "038"), ("0169", "039"), ("0186", "056"), ("0188", "058"),
        ("0199", "059"),
    ],
)  # fmt: skip
def test_mobiles_of_eleven_digits_keep_their_last_seven(old: str, new: str):
    assert numbers(f"{old}7123456") == [f"+84{new[1:]}7123456"]


def test_the_table_of_2018_has_every_prefix_once():
    assert len(MOBILE_PREFIXES_2018) == 21
    assert len(set(MOBILE_PREFIXES_2018.values())) == 21


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("04 3825 1234", "+842438251234", id="Hà Nội"),
        pytest.param("0613822123", "+842513822123", id="Đồng Nai"),
        pytest.param("0650 3822 123", "+842743822123", id="Bình Dương"),
        pytest.param("0651 3822 123", "+842713822123", id="Bình Phước"),
        pytest.param("064 3822 123", "+842543822123", id="Bà Rịa - Vũng Tàu"),
        pytest.param("0500 3822 123", "+842623822123", id="Đắk Lắk"),
        pytest.param("0501 3822 123", "+842613822123", id="Đắk Nông"),
        pytest.param("0511 3822 123", "+842363822123", id="Đà Nẵng"),
        pytest.param("054 3822 123", "+842343822123", id="Huế"),
        pytest.param("0710 3822 123", "+842923822123", id="Cần Thơ"),
        pytest.param("072 3822 123", "+842723822123", id="Long An"),
        pytest.param("066 3822 123", "+842763822123", id="Tây Ninh"),
        pytest.param("0240 3822 123", "+842043822123", id="Bắc Giang"),
        pytest.param("0281 3822 123", "+842093822123", id="Bắc Kạn"),
        pytest.param("022 3822 123", "+842123822123", id="Sơn La"),
        pytest.param("0230 3822 123", "+842153822123", id="Điện Biên"),
        pytest.param("(08) 3825 1234", "+842838251234", id="TP. Hồ Chí Minh, in brackets"),
        pytest.param("(031) 3822123", "+842253822123", id="Hải Phòng, in brackets"),
    ],
)
def test_landlines_of_before_2017_get_their_new_area_code(written: str, expected: str):
    reading = read_phones([written])
    assert reading.phones == (Phone(e164=expected, kind=LANDLINE),)
    assert [problem.code.value for problem in reading.problems] == ["area_code_2017"]


@pytest.mark.parametrize("old", sorted(AREA_CODES_2017))
def test_every_new_area_code_is_one_of_todays_plan(old: str):
    new = AREA_CODES_2017[old]
    assert today(new + "3822123" + ("4" if len(new) == 2 else "")).line is Line.LANDLINE


def test_fifty_nine_provinces_changed_and_each_has_its_own_code():
    assert len(AREA_CODES_2017) == 59
    assert len(set(AREA_CODES_2017.values())) == 59


@pytest.mark.parametrize(
    "written", ["0838251234", "0333822123", "0383822123", "0763822123", "0593822123"]
)
def test_an_old_landline_that_is_a_mobile_today_is_read_as_the_mobile(written: str):
    assert read_phones([written]).phones == (Phone(e164="+84" + written[1:], kind=MOBILE),)


@pytest.mark.parametrize("written", ["02713568123", "02838251234", "0211 3822 123"])
def test_todays_landlines_are_landlines(written: str):
    reading = read_phones([written])
    assert [phone.kind for phone in reading.phones] == [LANDLINE]
    assert reading.problems == ()


def test_a_landline_can_only_be_called():
    landline = Phone(e164="+842713568123", kind=LANDLINE)
    assert [c for c in Channel if usable_on(landline, c)] == [Channel.VOICE]


def test_a_mobile_can_be_reached_on_every_channel():
    mobile = Phone(e164="+84912345678", kind=MOBILE)
    assert all(usable_on(mobile, channel) for channel in Channel)


def test_a_phone_and_a_reading_are_masked_wherever_they_are_printed():
    reading = read_phones(["0912345678 / 0987 654 32"])
    for shown in (str(reading), repr(reading.phones[0]), f"{reading.phones[0]}"):
        assert "912345678" not in shown
        assert "98765432" not in shown


def test_every_problem_has_a_vietnamese_sentence():
    for code in ProblemCode:
        assert PhoneProblem(code=code, field=0).sentence.endswith(".")


def test_an_explanation_shows_the_numbers_and_where_they_can_be_used():
    assert explain("01667 123 456 / 0271.3568.123") == {
        "phones": [
            {
                "e164": "+84367123456",
                "national": "0367123456",
                "kind": "mobile",
                "channels": ["zalo", "sms", "voice"],
            },
            {
                "e164": "+842713568123",
                "national": "02713568123",
                "kind": "landline",
                "channels": ["voice"],
            },
        ],
        "problems": [
            {
                "code": "converted_2018",
                "note": True,
                "sentence": "Đã đổi số di động 11 chữ số (trước năm 2018) sang 10 chữ số.",
            }
        ],
    }


@given(st.text(alphabet="0123456789+84 .-()/,;oOa\n", max_size=60))
def test_any_field_is_read_into_distinct_numbers_that_can_be_explained(written: str):
    reading = read_phones([written])
    assert len({phone.e164 for phone in reading.phones}) == len(reading.phones)
    assert all(phone.e164.startswith("+84") for phone in reading.phones)
    json.dumps(explain(written))


@given(st.from_regex(r"0(3[2-9]|5[689]|7[06-9]|8[1-8]|9[0-8])[0-9]{7}", fullmatch=True))
def test_a_clean_mobile_is_read_the_same_with_a_remark(written: str):
    assert read_phones([written]).phones == read_phones([f"{written} (nhà)"]).phones


@pytest.mark.parametrize("written", ["9" * 100_000, "0 9" * 50_000, "(0" * 50_000, "+" * 100_000])
def test_a_field_of_any_length_is_read_at_once(written: str):
    assert read_phones([written]).phones == ()
