"""What people type, and what is understood. Codes and secrets are invented."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.enquiry import (
    CheckEnquiry,
    HelpWanted,
    StatusEnquiry,
    help_text,
    is_our_help,
    read_enquiry,
    words_of,
)
from gateway.domain.text import plain, segments

CODE = "000.00.12.H10-240521-0001"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(f"TC {CODE} 1234", id="as told"),
        pytest.param(f"tc {CODE.lower()} 1234", id="small letters"),
        pytest.param(f"  TC   {CODE}\n1234 ", id="more spaces"),
        pytest.param(f"TC\u00a0{CODE}\u20031234", id="spaces of other kinds"),
        pytest.param(f"TC: {CODE}, 1234.", id="punctuation"),
        pytest.param(f"TC <{CODE}> <1234>", id="brackets of the instructions"),
        pytest.param(f"“TC {CODE} 1234”", id="quotes"),
        pytest.param(f"TC{CODE} 1234", id="no space after the word"),
        pytest.param(f"T C {CODE} 1234", id="a space inside the word"),
        pytest.param(f"t.c. {CODE} 1234", id="dots in the word"),
        pytest.param(f"Tra cứu {CODE} 1234", id="the word in full"),
        pytest.param(f"TRACUU {CODE} 1234", id="the word in full, as one"),
        pytest.param(unicodedata.normalize("NFD", f"tra cứu {CODE} 1234"), id="decomposed accents"),
        pytest.param(f"Soạn TC {CODE} 1234", id="with the instruction's verb"),
        pytest.param(f"Tra cứu hồ sơ số {CODE} mã bí mật 1234", id="as a sentence"),
        pytest.param(f"ＴＣ {CODE} １２３４", id="full-width"),
        pytest.param("TC 000.00.12.H10 - 240521 - 0001 1234", id="spaces around dashes"),
        pytest.param("TC 000 00 12 H10 240521 0001 1234", id="spaces for everything"),
        pytest.param("TC 0000012H10-240521-0001 1234", id="no dots"),
        pytest.param("TC 000.00.12.H10–240521—0001 1234", id="long dashes"),
        pytest.param("TC OOO.00.12.H1O-24O521-0001 1234", id="the letter O"),
        pytest.param(f"TC {CODE} 12 34", id="a space inside the secret"),
        pytest.param(f"TC {CODE}/1234", id="a slash before the secret"),
        pytest.param(f"TC\u200b {CODE} 1234\ufeff", id="invisible characters"),
    ],
)
def test_an_enquiry_about_a_dossier_is_read_however_it_is_typed(typed: str) -> None:
    assert read_enquiry(typed) == StatusEnquiry(code=CODE, secret="1234")


@pytest.mark.parametrize(
    ("typed", "code", "secret"),
    [
        pytest.param(
            "TC H10.12-20260609-0092637 8K2M", "H10.12-20260609-0092637", "8K2M", id="2026"
        ),
        pytest.param("tc g09 20 20260609 0092637 55", "G09.20-20260609-0092637", "55", id="spaced"),
        pytest.param(
            "TC 000.00.12.H10-241105-00012 77", "000.00.12.H10-241105-00012", "77", id="5"
        ),
        pytest.param("TC bn/2024-17 9a9b", "BN/2024-17", "9A9B", id="another form"),
        pytest.param("TC BN 2024 17 9999", "BN202417", "9999", id="another form with spaces"),
        pytest.param("TC HĐ-17 9999", "HD-17", "9999", id="letters lose their marks"),
    ],
)
def test_other_codes_are_kept_as_typed(typed: str, code: str, secret: str) -> None:
    assert read_enquiry(typed) == StatusEnquiry(code=code, secret=secret)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("KT AB12CD34", id="as told"),
        pytest.param("kt ab12 cd34", id="a space inside"),
        pytest.param("Kiểm tra: ab12-cd34?", id="in full, with a dash"),
        pytest.param("kiểm tra tin nhắn AB12CD34", id="as a sentence"),
        pytest.param("KT (AB12CD34)", id="brackets"),
        pytest.param("k.t ａｂ１２ｃｄ３４", id="full-width"),
    ],
)
def test_an_enquiry_about_a_message_is_read_however_it_is_typed(typed: str) -> None:
    assert read_enquiry(typed) == CheckEnquiry(code="AB12CD34")


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        pytest.param("12345 67890", "1234567890", id="digits in groups"),
        pytest.param("l2345678O0", "L2345678O0", id="letters stay"),
        pytest.param("12O45678oo", "1204567800", id="the letter O among digits"),
    ],
)
def test_what_is_held_in_hand_is_read_alike_in_both(typed: str, held: str) -> None:
    assert read_enquiry(f"KT {typed}") == CheckEnquiry(code=held)
    assert read_enquiry(f"TC {CODE} {typed}") == StatusEnquiry(code=CODE, secret=held)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("?", id="a question mark"),
        pytest.param("HD", id="help"),
        pytest.param("xin chào, hồ sơ của tôi xong chưa", id="a sentence"),
        pytest.param("TC", id="no code"),
        pytest.param(f"TC {CODE}", id="no secret"),
        pytest.param("TC 1234", id="one word"),
        pytest.param("KT", id="no check code"),
        pytest.param("KT ...", id="nothing but punctuation"),
        pytest.param(f"TCH {CODE} 1234", id="another word"),
        pytest.param(f"{CODE} 1234", id="no word"),
        pytest.param("TC (mã hồ sơ) (mã bí mật)", id="the instructions themselves"),
        pytest.param("👍", id="a picture"),
    ],
)
def test_anything_else_wants_help(typed: str) -> None:
    assert read_enquiry(typed) == HelpWanted()


@given(st.text())
def test_nothing_that_can_be_typed_is_an_error(typed: str) -> None:
    read_enquiry(typed)
    read_enquiry(f"TC {typed}")
    is_our_help(typed)


def test_the_help_is_one_plain_part_and_names_both_ways_and_the_number() -> None:
    told = help_text("0271 1022")
    assert told == plain(told)
    assert segments(told).segments == 1
    assert "TC (ma ho so) (ma bi mat)" in told
    assert "KT (ma kiem tra)" in told
    assert told.endswith("goi 0271 1022.")
    assert "goi" not in help_text()


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        pytest.param(help_text("0271 1022"), True, id="as it left"),
        pytest.param(f"Fwd: {help_text()}", True, id="forwarded"),
        pytest.param(help_text().upper(), True, id="in capitals"),
        pytest.param(f"TC {CODE} 1234", False, id="an enquiry"),
        pytest.param("Soạn TC (mã hồ sơ) (mã bí mật) là sao?", False, id="a question about it"),
    ],
)
def test_our_own_instructions_are_recognised(text: str, ours: bool) -> None:
    assert is_our_help(text) is ours


def test_a_text_is_the_same_however_it_was_transported() -> None:
    assert words_of("Hồ sơ  H10: đã CÓ kết quả.") == words_of("ho so h10 da co ket qua")


def test_nothing_of_an_enquiry_is_shown() -> None:
    assert CODE not in repr(read_enquiry(f"TC {CODE} 1234"))
    assert "AB12" not in repr(read_enquiry("KT AB12CD34"))
