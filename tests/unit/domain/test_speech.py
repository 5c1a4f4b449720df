"""Short texts, one rule of reading each, their reading written by hand; and what holds for all."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import NORTHERN, SHIPPED, SOUTHERN

from gateway.domain.speech import Dialect, Reader, read_aloud


@pytest.mark.parametrize(
    ("text", "said", "rule"),
    [
        ("hạn 05/03/2025", "hạn ngày năm tháng ba năm hai nghìn không trăm hai mươi lăm", "a date"),
        (
            "Ngày 5-3-2025",
            "ngày năm tháng ba năm hai nghìn không trăm hai mươi lăm",
            "ngày is said once",
        ),
        ("ngày 05/4", "ngày năm tháng tư", "a date without its year"),
        ("tháng 4/2000", "tháng tư năm hai nghìn", "a month and its year"),
        ("tháng 4", "tháng tư", "the fourth month"),
        ("31/02/2025", "ba một, gạch chéo không hai, gạch chéo hai không hai năm", "no such day"),
        ("thứ 4", "thứ tư", "a weekday in figures"),
        ("T2-T6", "thứ hai đến thứ sáu", "short weekdays, a range"),
        ("thứ Hai – thứ Sáu", "thứ Hai đến thứ Sáu", "a range of weekdays in words"),
        ("7h30", "bảy giờ ba mươi phút", "an hour with h"),
        ("17h", "mười bảy giờ", "a full hour with h"),
        ("17:00", "mười bảy giờ", "a full hour with a colon"),
        ("7 giờ 30 phút", "bảy giờ ba mươi phút", "an hour in words"),
        ("8:05:09", "tám giờ năm phút chín giây", "seconds"),
        ("7:30–11:30", "bảy giờ ba mươi phút đến mười một giờ ba mươi phút", "a range of hours"),
        ("50.000 đồng", "năm mươi nghìn đồng", "money with a dot"),
        ("50.000đ", "năm mươi nghìn đồng", "money with đ"),
        ("50,000 VND", "năm mươi nghìn đồng", "money with a comma"),
        ("1.250.000₫", "một triệu hai trăm năm mươi nghìn đồng", "money with its sign"),
        ("-5.000 đồng", "âm năm nghìn đồng", "a negative amount"),
        ("1,5 triệu đồng", "một phẩy năm triệu đồng", "a decimal before triệu"),
        ("12,5%", "mười hai phẩy năm phần trăm", "a percentage"),
        ("100 %", "một trăm phần trăm", "a percentage with a space"),
        ("120,5 m2", "một trăm hai mươi phẩy năm mét vuông", "an area"),
        ("100m²", "một trăm mét vuông", "an area with its sign"),
        ("5 km", "năm ki lô mét", "a length"),
        ("-1 độ", "âm một độ", "minus"),
        ("10-15 ngày", "mười đến mười lăm ngày", "a range"),
        ("05 ngày làm việc", "năm ngày làm việc", "an official zero is silent"),
        ("số 0001", "số không không không một", "zeros in front make an identifier"),
        ("biên lai 1234567", "biên lai một hai ba bốn, năm sáu bảy", "seven digits are spelled"),
        ("1,2,3", "một, hai, ba", "a list is not a decimal"),
        ("1.5", "một chấm năm", "a dot that does not part thousands"),
        ("24/24", "hai mươi tư trên hai mươi tư", "a fraction"),
        ("gọi 115", "gọi một một năm", "a short number after gọi"),
        ("115 ngày", "một trăm mười lăm ngày", "the same figures elsewhere"),
        ("Hỏi 1022.", "Hỏi một không hai hai.", "the province's hotline"),
        (
            "gọi 0271 3568 123",
            "gọi không hai bảy một, ba năm sáu tám, một hai ba",
            "a phone in a sentence",
        ),
        ("UBND xã", "ủy ban nhân dân xã", "an abbreviation"),
        (
            "TTPVHCC huyện Bù Đốp",
            "trung tâm phục vụ hành chính công huyện Bù Đốp",
            "an abbreviation",
        ),
        ("GPLX, CCCD", "giấy phép lái xe, căn cước công dân", "two abbreviations"),
        ("tại UBND. Xin mời", "tại ủy ban nhân dân. Xin mời", "a full stop stays"),
        ("P. Tân Phú", "phường Tân Phú", "a dotted abbreviation"),
        ("P.Tân Phú", "phường Tân Phú", "without a space"),
        ("TP.HCM", "thành phố Hồ Chí Minh", "two in one"),
        ("Tp.Đồng Xoài", "thành phố Đồng Xoài", "written otherwise"),
        ("Q.1", "quận một", "before a figure"),
        ("Ông/Bà", "ông bà", "a pair"),
        ("TN&MT", "tài nguyên và môi trường", "with an ampersand"),
        (
            "Nghị định 118/2025/NĐ-CP",
            "Nghị định một trăm mười tám, năm hai nghìn không trăm hai mươi lăm, của Chính phủ",
            "a legal document",
        ),
        ("QL14", "quốc lộ mười bốn", "a road"),
        ("ĐT741", "đường tỉnh bảy bốn một", "a road of three figures"),
        ("hạng B2", "hạng bê hai", "a letter and a figure"),
        ("số 12A", "số mười hai A", "a house number"),
        ("khu B", "khu bê", "a single consonant"),
        ("Y tế", "Y tế", "a single vowel is a word"),
        ("NGUYỄN VĂN BA", "Nguyễn Văn Ba", "capitals that are syllables are read"),
        ("ĐẮK LẮK, KRÔNG", "Đắk Lắk, Krông", "highland syllables"),
        ("BIDV", "bê i dê vê", "capitals that are no syllable are spelled"),
        ("ATM", "a tê em mờ", "spelled though it has a vowel"),
        ("VIETTEL", "Viettel", "a long name is read"),
        ("H'Hen Niê, K'Rứ", "H'Hen Niê, K'Rứ", "names with an apostrophe"),
        ("quý IV", "quý bốn", "a Roman numeral"),
        ("khóa XII", "khóa mười hai", "a larger Roman numeral"),
        ("chương V", "chương năm", "one letter is a numeral after its noun"),
        ("(nếu có)", "nếu có", "brackets are pauses"),
        ("mang theo (nếu có) giấy hẹn", "mang theo, nếu có, giấy hẹn", "brackets are pauses"),
        ("“Một cửa”", "Một cửa", "quotes are silent"),
        ("Một.\nHai", "Một. Hai", "a line ends a sentence"),
        ("1 + 1 = 2", "một cộng một bằng hai", "signs"),
        (
            "Hồ sơ 000.00.12.H10-241105-0001 xong",
            "Hồ sơ, không không không, chấm không không, chấm một hai, chấm hát một không, "
            "gạch ngang hai bốn một, một không năm, gạch ngang không không không một, xong",
            "a dossier code in a sentence",
        ),
        ("", "", "nothing"),
    ],
)
def test_a_sentence_is_turned_into_words(text: str, said: str, rule: str):
    assert read_aloud(text, SHIPPED) == said, rule


def test_a_decomposed_sentence_is_read_like_a_composed_one():
    assert read_aloud("thu\u031b\u0301 4") == "thứ tư"


def test_a_reader_brings_its_own_list_and_dialect():
    reader = Reader(
        dialect=Dialect(zero_tens="linh", thousand="ngàn"), pronunciations={"BP": "Bình Phước"}
    )
    assert read_aloud("BP có 105 hồ sơ", reader) == "Bình Phước có một trăm linh năm hồ sơ"
    assert read_aloud("P.1105", reader) == "pê một ngàn một trăm linh năm"


@pytest.mark.parametrize(
    ("text", "northern", "southern"),
    [
        ("105 hồ sơ", "một trăm linh năm hồ sơ", "một trăm lẻ năm hồ sơ"),
        ("năm 2004", "năm hai nghìn không trăm linh bốn", "năm hai ngàn không trăm lẻ bốn"),
        (
            "25/11/2026",
            "ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi sáu",
            "ngày hai mươi lăm tháng mười một năm hai ngàn không trăm hai mươi sáu",
        ),
        ("50.000 đồng", "năm mươi nghìn đồng", "năm mươi ngàn đồng"),
        ("P.1205", "phường một nghìn hai trăm linh năm", "phường một ngàn hai trăm lẻ năm"),
        (
            "Nghị định 105/2025",
            "Nghị định một trăm linh năm, năm hai nghìn không trăm hai mươi lăm",
            "Nghị định một trăm lẻ năm, năm hai ngàn không trăm hai mươi lăm",
        ),
        ("lô B105", "lô bê một trăm linh năm", "lô bê một trăm lẻ năm"),
        ("0986 765 321", *["không chín tám sáu, bảy sáu năm, ba hai một"] * 2),
    ],
)
def test_a_region_keeps_its_words_in_every_rule(text: str, northern: str, southern: str):
    assert read_aloud(text, NORTHERN) == northern
    assert read_aloud(text, SOUTHERN) == southern


def test_a_list_is_matched_as_whole_words_with_capitals_the_longest_first():
    reader = Reader(
        pronunciations={"BĐ": "Bù Đăng", "TTPVHCC BĐ": "trung tâm Bù Đốp", "1022": "mười hai hai"}
    )
    assert read_aloud("TTPVHCC BĐ, BĐ", reader) == "trung tâm Bù Đốp, Bù Đăng"
    assert read_aloud("bđ", reader) == "bê đê"
    assert read_aloud("ABĐ", reader) == "a bê đê"
    assert read_aloud("gọi 1022", reader) == "gọi mười hai hai"


def test_what_the_shipped_list_says_is_words():
    for said in SHIPPED.pronunciations.values():
        assert read_aloud(said, SHIPPED) == said


_WRITTEN = st.text(alphabet="0159.,:/-+%()hđT ngàyHBĐmk'&\nphút\u200bXV@xQL²①½٣√🎉", max_size=60)


@given(st.one_of(_WRITTEN, st.text(max_size=60)))
def test_no_digit_is_left_for_the_voice(text: str):
    assert not any(character.isdigit() for character in read_aloud(text, SHIPPED))


@given(_WRITTEN)
def test_what_was_read_is_not_read_again(text: str):
    said = read_aloud(text, SHIPPED)
    assert not any(mark in said for mark in "/&+%()@\n²½")


_LONG = ["9", "1.", "1.000", "A1", " ", "- ", "a.", "A-", "1/", "01/1,", "a@", "1 ", "12 34 ", "'",
         "TP. ", "ngày 1, ", "h", "1-", "0 ", "H10.", "(0", "http://a."]  # fmt: skip


@pytest.mark.parametrize("piece", _LONG)
def test_a_text_of_any_length_is_read_in_time_that_grows_with_it(piece: str):
    took = []
    for length in (4_000, 16_000):
        text = piece * (length // len(piece))
        began = time.process_time()
        said = read_aloud(text, SHIPPED)
        took.append(time.process_time() - began)
        assert not any(character.isdigit() for character in said)
    assert all(later < 0.02 + 10 * earlier for earlier, later in pairwise(took))
