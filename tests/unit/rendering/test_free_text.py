"""What counts as a link in a text, and that looking for one takes no time worth mentioning."""

from time import process_time

import pytest

from gateway.rendering.free_text import has_link


@pytest.mark.parametrize(
    "text", ["xem https://a.b", "x" * 200 + "http://a", "www.a.b", "dichvucong.gov.vn", "a.bc/"]
)
def test_a_link_is_found_whatever_stands_before_it(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize("text", ["hồ sơ số 1.2.3", "xong. Mời", "://", "a.b c"])
def test_other_dots_and_slashes_are_none(text: str) -> None:
    assert not has_link(text)


@pytest.mark.parametrize("piece", ["a.", "a", "http:/", "www"])
def test_a_long_text_without_blanks_is_read_once(piece: str) -> None:
    text = "." + piece * (20_000 // len(piece))
    began = process_time()
    has_link(text)
    assert process_time() - began < 0.5
