"""One thing has one word: those that stood for it before, or nearly mean it, are not used."""

import re
from pathlib import Path

import pytest

from gateway.services.tell_operators import words as told
from gateway.web.console.words_book import Language, words_in

DOCS = Path(__file__).parents[3] / "docs"
MANUALS = ("huong-dan-van-hanh.md", "huong-dan-mau-tin.md")
# What is not said, and what is said instead: see docs/glossary.md.
NOT_SAID = {
    Language.VI: {
        "máy gửi|tiến trình gửi tin": "tiến trình gửi",
        "tiến trình đồng hồ": "tiến trình điều phối",
        "báo phát": "báo cáo phát",
        "danh bạ": "danh mục",
        "tin (đang|bị|được) giữ": "thông báo đang giữ",
        "tài khoản nhà cung cấp": "tài khoản gửi",
        "khóa tài khoản|tài khoản của (tôi|anh/chị)": "người dùng",
        "báo kỹ thuật|người quản trị hệ thống": "người quản trị máy chủ",
        "điểm trả|nơi trả kết quả": "nơi nhận kết quả",
    },
    Language.EN: {r"\bnotices?\b|\bnotifications?\b": "message"},
}
# The name of the product.
NAMES = {"frame.product"}


@pytest.mark.parametrize(
    ("language", "wrong"),
    [(language, wrong) for language, words in NOT_SAID.items() for wrong in words],
)
def test_the_console_has_one_word_for_one_thing(language: Language, wrong: str) -> None:
    said = words_in(language).sentences
    found = [key for key, sentence in said.items() if re.search(wrong, sentence, re.IGNORECASE)]
    assert set(found) - NAMES == set(), f"say {NOT_SAID[language][wrong]}"


@pytest.mark.parametrize("wrong", NOT_SAID[Language.VI])
def test_manuals_and_mails_say_it_in_the_words_of_the_console(wrong: str) -> None:
    texts = [(DOCS / name).read_text(encoding="utf-8") for name in MANUALS]
    texts.append(Path(told.__file__).read_text(encoding="utf-8"))
    found = [re.findall(wrong, text, re.IGNORECASE) for text in texts]
    assert found == [[], [], []], f"say {NOT_SAID[Language.VI][wrong]}"
