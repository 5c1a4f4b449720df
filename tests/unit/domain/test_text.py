"""Letters, SMS parts and names. Expectations are worked out by hand from the rules."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.text import (
    Encoding,
    Placed,
    Unsendable,
    bare,
    clean,
    explain_segments,
    index_words,
    looks_legacy_encoded,
    nfc,
    plain,
    segments,
    tidy_name,
    words,
)

ACCENTED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
WITHOUT = "a" * 17 + "e" * 11 + "i" * 5 + "o" * 17 + "u" * 11 + "y" * 5 + "d"
ALL_134 = list(
    zip(ACCENTED + ACCENTED.upper(), WITHOUT + WITHOUT.upper(), strict=True),
)
ZERO_WIDTH_SPACE, NO_BREAK_SPACE, SOFT_HYPHEN = "\u200b", "\u00a0", "\u00ad"


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_the_table_holds_all_134_accented_letters():
    assert len({letter for letter, _ in ALL_134}) == 134


@pytest.mark.parametrize(("letter", "base"), ALL_134)
def test_every_accented_letter_has_its_plain_letter_composed_or_not(letter: str, base: str):
    assert plain(letter) == base
    assert plain(nfd(letter)) == base
    assert nfc(nfd(letter)) == letter


def test_only_seven_of_the_134_letters_are_in_the_sms_alphabet():
    cheap = {letter for letter, _ in ALL_134 if segments(letter).encoding is Encoding.GSM7}
    assert cheap == set("àèéìòùÉ")


def test_nfc_makes_composed_and_decomposed_names_equal():
    assert len("Nguyễn") == 6
    assert len(nfd("Nguyễn")) == 8
    assert nfc(nfd("Nguyễn")) == "Nguyễn"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("7:30 – 11:30", "7:30 - 11:30", id="en dash"),
        pytest.param("hồ sơ — kết quả", "hồ sơ - kết quả", id="em dash"),
        pytest.param("“Một cửa”", '"Một cửa"', id="double quotes"),
        pytest.param("K’Rứ", "K'Rứ", id="apostrophe"),
        pytest.param("vân vân…", "vân vân...", id="ellipsis"),
        pytest.param(f"số{NO_BREAK_SPACE}12", "số 12", id="no-break space"),
        pytest.param(f"Bù{ZERO_WIDTH_SPACE} Đốp", "Bù Đốp", id="zero-width space"),
        pytest.param(f"kết{SOFT_HYPHEN}quả", "kếtquả", id="soft hyphen"),
        pytest.param("０９１２，（Ａ）", "0912,(A)", id="full width"),
        pytest.param("một\r\nhai", "một\nhai", id="windows line end"),
        pytest.param("một\thai", "một hai", id="tab"),
        pytest.param("giữ nguyên dấu", "giữ nguyên dấu", id="nothing to do"),
    ],
)
def test_clean_replaces_typography_and_keeps_diacritics(typed: str, expected: str):
    assert clean(typed) == expected


@pytest.mark.parametrize(
    ("accented", "expected"),
    [
        pytest.param("Đã có kết quả", "Da co ket qua", id="sentence"),
        pytest.param("“Điểu K’Rứ” – Bù Đốp…", '"Dieu K\'Ru" - Bu Dop...', id="typography"),
        pytest.param("50.000₫", "50.000d", id="dong sign"),
        pytest.param("Y Čă Ƀing", "Y Ca Bing", id="highland letters"),
        pytest.param("100 m²", "100 m2", id="superscript"),
        pytest.param("5 × 20", "5 x 20", id="multiplication sign"),
        pytest.param("a[b]{c}€", "a[b]{c}€", id="extension characters stay"),
        pytest.param("Müller, Señor", "Muller, Senor", id="foreign marks"),
        pytest.param("a" + "\u0301" * 3, "a", id="loose marks"),
    ],
)
def test_plain_spells_everything_in_the_sms_alphabet(accented: str, expected: str):
    assert plain(accented) == expected
    assert segments(plain(accented)).encoding is Encoding.GSM7


def test_plain_refuses_what_it_cannot_express_and_says_which_and_where():
    with pytest.raises(Unsendable) as refusal:
        plain("Được ☺ rồi 字")
    assert refusal.value.characters == (Placed("☺", 5), Placed("字", 11))


def test_a_refusal_does_not_carry_the_text():
    with pytest.raises(Unsendable) as refusal:
        plain("Nguyễn Văn An ☺")
    assert str(refusal.value) == "not expressible in plain SMS letters: U+263A at 14"
    assert "Nguy" not in repr(refusal.value)


def test_places_are_counted_in_composed_text():
    with pytest.raises(Unsendable) as refusal:
        plain(nfd("ễ") + "☺")
    assert refusal.value.characters == (Placed("☺", 1),)


@given(st.text())
def test_plain_never_writes_a_question_mark_that_was_not_there(text: str):
    try:
        spelled = plain(text)
    except Unsendable:
        return
    asked = sum(unicodedata.normalize("NFKC", c).count("?") for c in text)
    assert spelled.count("?") <= asked


def test_bare_keeps_what_has_no_plain_letter():
    assert bare("Đường 字") == "Duong 字"


GSM7_BOUNDARIES = [
    (0, 0, 160),
    (1, 1, 159),
    (159, 1, 1),
    (160, 1, 0),
    (161, 2, 145),
    (305, 2, 1),
    (306, 2, 0),
    (307, 3, 152),
    (459, 3, 0),
    (460, 4, 152),
    (612, 4, 0),
    (613, 5, 152),
]
UCS2_BOUNDARIES = [
    (1, 1, 69),
    (69, 1, 1),
    (70, 1, 0),
    (71, 2, 63),
    (133, 2, 1),
    (134, 2, 0),
    (135, 3, 66),
    (201, 3, 0),
    (202, 4, 66),
    (268, 4, 0),
    (269, 5, 66),
]


@pytest.mark.parametrize(("units", "count", "left"), GSM7_BOUNDARIES)
def test_plain_text_is_billed_160_then_153_a_part(units: int, count: int, left: int):
    measured = segments("a" * units)
    assert measured.encoding is Encoding.GSM7
    assert (measured.units, measured.segments, measured.units_left_in_segment) == (
        units,
        count,
        left,
    )


@pytest.mark.parametrize(("units", "count", "left"), UCS2_BOUNDARIES)
def test_accented_text_is_billed_70_then_67_a_part(units: int, count: int, left: int):
    measured = segments("ư" * units)
    assert measured.encoding is Encoding.UCS2
    assert (measured.units, measured.segments, measured.units_left_in_segment) == (
        units,
        count,
        left,
    )


@pytest.mark.parametrize("character", "^{}\\[~]|€\f")
def test_an_extension_character_costs_two_septets(character: str):
    assert segments(character).units == 2
    assert segments(character).encoding is Encoding.GSM7


@pytest.mark.parametrize(
    ("text", "units", "count", "left"),
    [
        pytest.param("a" * 158 + "€", 160, 1, 0, id="fits the single part exactly"),
        pytest.param("a" * 159 + "€", 161, 2, 145, id="one septet too many"),
        pytest.param("a" * 151 + "€" + "b" * 153, 306, 2, 0, id="ends the first part"),
        # The pair would stand on septets 153 and 154: it moves, and the first part keeps 152.
        pytest.param("a" * 152 + "€" + "b" * 151, 305, 2, 0, id="moves into the second part"),
        pytest.param("a" * 152 + "€" + "b" * 152, 306, 3, 152, id="moving it costs a part"),
        pytest.param("€" * 80, 160, 1, 0, id="eighty in one part"),
        # 76 pairs fill 152 septets of each part.
        pytest.param("€" * 152, 304, 2, 1, id="seventy-six a part"),
        pytest.param("€" * 153, 306, 3, 151, id="the next pair opens a third part"),
    ],
)
def test_an_extension_character_is_never_split(text: str, units: int, count: int, left: int):
    measured = segments(text)
    assert (measured.units, measured.segments, measured.units_left_in_segment) == (
        units,
        count,
        left,
    )


@pytest.mark.parametrize(
    ("text", "units", "count", "left"),
    [
        pytest.param("ư" * 68 + "😀", 70, 1, 0, id="fits the single part exactly"),
        pytest.param("ư" * 69 + "😀", 71, 2, 63, id="one unit too many"),
        pytest.param("ư" * 65 + "😀" + "ơ" * 67, 134, 2, 0, id="ends the first part"),
        pytest.param("ư" * 66 + "😀" + "ơ" * 65, 133, 2, 0, id="moves into the second part"),
        pytest.param("ư" * 66 + "😀" + "ơ" * 66, 134, 3, 66, id="moving it costs a part"),
    ],
)
def test_a_surrogate_pair_is_never_split(text: str, units: int, count: int, left: int):
    measured = segments(text)
    assert (measured.units, measured.segments, measured.units_left_in_segment) == (
        units,
        count,
        left,
    )


def test_an_extension_character_costs_one_unit_once_the_text_is_accented():
    assert segments("đ[]").units == 3


def test_decomposed_text_costs_more_than_composed_text():
    assert segments("Nguyễn").units == 6
    assert segments(nfd("Nguyễn")).units == 8


def test_the_characters_that_force_ucs2_are_named_with_their_places():
    assert segments("Ho so da xong – mời").forced_by == (Placed("–", 14), Placed("ờ", 17))
    assert segments("café [à]").forced_by == ()


def test_a_measure_does_not_show_the_text():
    assert "Minh" not in repr(segments("Minh Ánh đã có kết quả"))


def test_one_accented_letter_can_double_the_price():
    text = "a" * 99
    assert segments(text).segments == 1
    assert segments(text + "đ").segments == 2


@given(st.text(alphabet="aé[€đễ😀", max_size=700))
def test_parts_are_never_fuller_than_they_may_be(text: str):
    measured = segments(text)
    each = 153 if measured.encoding is Encoding.GSM7 else 67
    whole = 160 if measured.encoding is Encoding.GSM7 else 70
    assert 0 <= measured.units_left_in_segment <= whole
    assert measured.units <= max(whole, measured.segments * each)
    assert measured.units > (measured.segments - 1) * (each - 1) or measured.segments <= 1


def test_an_explanation_shows_both_prices_and_the_reason():
    assert explain_segments("Mời ông") == {
        "accented": {
            "text": "Mời ông",
            "encoding": "ucs2",
            "units": 7,
            "segments": 1,
            "units_left_in_segment": 63,
            "forced_by": [
                {
                    "character": "ờ",
                    "position": 1,
                    "code_point": "U+1EDD",
                    "name": "LATIN SMALL LETTER O WITH HORN AND GRAVE",
                },
                {
                    "character": "ô",
                    "position": 4,
                    "code_point": "U+00F4",
                    "name": "LATIN SMALL LETTER O WITH CIRCUMFLEX",
                },
            ],
        },
        "plain": {
            "text": "Moi ong",
            "encoding": "gsm7",
            "units": 7,
            "segments": 1,
            "units_left_in_segment": 153,
            "forced_by": [],
        },
    }


def test_an_explanation_names_what_has_no_plain_form():
    assert explain_segments("☺")["plain"] == {
        "unsendable": [
            {
                "character": "☺",
                "position": 0,
                "code_point": "U+263A",
                "name": "WHITE SMILING FACE",
            }
        ]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Nguyễn Văn Á", ("nguyen", "van", "a"), id="accents and case"),
        pytest.param("NGUYỄN  THỊ MINH ÁNH", ("nguyen", "thi", "minh", "anh"), id="capitals"),
        pytest.param("Điểu K'Rứ", ("dieu", "k", "ru"), id="apostrophe"),
        pytest.param("Điểu K’Rứ", ("dieu", "k", "ru"), id="typographic apostrophe"),
        pytest.param("Y-Blô Êban", ("y", "blo", "eban"), id="hyphen"),
        pytest.param("hòa, hoà", ("hoa",), id="tone mark in either place, once"),
        pytest.param("Công ty TNHH 30/4", ("cong", "ty", "tnhh", "30", "4"), id="figures"),
        pytest.param(" - ", (), id="no word"),
    ],
)
def test_words_are_what_a_name_is_looked_up_by(text: str, expected: tuple[str, ...]):
    assert words(text) == expected
    assert words(nfd(text)) == expected


@pytest.mark.parametrize("typed", ["K'Rứ", "k ru", "kru", "KRU", "dieu kru", "Điểu K’Rứ"])
def test_a_compound_name_is_found_however_it_is_typed(typed: str):
    assert set(words(typed)) <= set(index_words("Điểu K'Rứ"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("NGUYỄN THỊ MINH ÁNH", "Nguyễn Thị Minh Ánh", id="capitals"),
        pytest.param("nguyễn văn ba", "Nguyễn Văn Ba", id="small letters"),
        pytest.param("Trần Văn  Bình ", "Trần Văn Bình", id="spaces"),
        pytest.param("Điểu K'Rứ", "Điểu K'Rứ", id="as it should be"),
        pytest.param("ĐIỂU K'RỨ", "Điểu K'Rứ", id="apostrophe"),
        pytest.param("H’HEN NIÊ", "H'Hen Niê", id="typographic apostrophe"),
        pytest.param("Y-BLÔ ÊBAN", "Y-Blô Êban", id="hyphen"),
        pytest.param("BƠ\u0306K", "Bơ\u0306k", id="a mark that never composes"),
        pytest.param(nfd("LÊ THỊ HỒNG"), "Lê Thị Hồng", id="decomposed"),
    ],
)
def test_a_persons_name_is_tidied(written: str, expected: str):
    assert tidy_name(written, person=True) == expected


def test_an_organisations_capitals_are_left_alone():
    name = "CÔNG TY TNHH MTV CAO SU  PHÚ RIỀNG"
    assert tidy_name(name, person=False) == "CÔNG TY TNHH MTV CAO SU PHÚ RIỀNG"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("NguyÔn V¨n Ba", id="TCVN3 name"),
        pytest.param("Lª ThÞ Hång", id="TCVN3 end of word"),
        pytest.param("§iÓu Hµ", id="TCVN3 capital đ"),
        pytest.param("®Êt ®ai", id="TCVN3 small đ"),
        pytest.param("B×nh Ph­íc", id="TCVN3 province"),
        pytest.param("C«ng ty", id="TCVN3 ô"),
        pytest.param("Nguyeãn Vaên Haûi", id="VNI name"),
        pytest.param("Traàn Thò Leä", id="VNI acute pair"),
        pytest.param("NGUYEÃN VAÊN", id="VNI capitals"),
        pytest.param("Ñieåu Ñaëng", id="VNI đ"),
    ],
)
def test_text_in_an_old_font_encoding_is_noticed(text: str):
    assert looks_legacy_encoded(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Thị Minh Ánh",
        "NGUYỄN VĂN BA",
        "Điểu K'Rứ, H'Hen Niê, Y Ñoan",
        "Giấy chứng nhận «Văn bản» số 12, diện tích 100 m², 30°C",
        "hoà thuý khoẻ loé toà xoã quý giá giò uý xuý",
        "ĐÔng Xoài, HÀ Nội, lÊ THỊ hồng",
        "Quán Cà phê Abc® © 2024",
        "plain text",
        "",
    ],
)
def test_ordinary_vietnamese_is_not_taken_for_an_old_encoding(text: str):
    assert not looks_legacy_encoded(text)
    assert not looks_legacy_encoded(ACCENTED)
