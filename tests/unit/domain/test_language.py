import pytest

from gateway.domain.call import Prompt
from gateway.domain.language import serving


@pytest.mark.parametrize(
    ("wish", "served_by"),
    [
        ("vi", ("vi",)),
        ("km", ("km",)),
        ("km-KH", ("km-KH", "km")),
        ("km-Khmr-KH", ("km-Khmr-KH", "km-Khmr", "km")),
    ],
)
def test_a_wish_is_served_by_its_own_language_and_by_wider_ones(
    wish: str, served_by: tuple[str, ...]
) -> None:
    assert serving(wish) == served_by


@pytest.mark.parametrize(
    ("language", "file", "lacking"),
    [
        ("km", "a.wav", False),
        ("km-KH", "a.wav", False),
        ("sti", None, True),
        ("vi", None, False),
        ("vi-VN", None, False),
    ],
)
def test_a_prompt_lacks_what_was_not_recorded_but_never_vietnamese(
    language: str, file: str | None, *, lacking: bool
) -> None:
    prompt = Prompt(words="Xin chào.", files={"km": "a.wav"})
    assert (prompt.in_language(language), prompt.is_lacking(language)) == (file, lacking)
