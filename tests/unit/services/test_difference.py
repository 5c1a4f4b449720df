"""What two texts do not share, and that texts without end cost no more than a moment."""

from time import process_time

import pytest

from gateway.services.desk.difference import Mark, Stretch, difference


def shown(stretches: list[Stretch]) -> str:
    ends = {Mark.SAME: ("", ""), Mark.GONE: ("[-", "-]"), Mark.NEW: ("[+", "+]")}
    return "".join(ends[one.mark][0] + one.text + ends[one.mark][1] for one in stretches)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("", "", ""),
        ("một hai", "một hai", "một hai"),
        ("một hai ba", "một bốn ba", "một [-hai-][+bốn+] ba"),
        ("hai", "một hai", "[+một +]hai"),
        ("a a", "a a a", "a a[+ a+]"),
        ("số {{ code }} đã", "số {{ owner }} đã", "số [-{{ code }}-][+{{ owner }}+] đã"),
        ("{% if fee %}x", "{% if not fee %}x", "[-{% if fee %}-][+{% if not fee %}+]x"),
        ("a b c d e", "a x c y e", "a [-b-][+x+] c [-d-][+y+] e"),
    ],
)
def test_words_that_went_and_came_are_marked(before: str, after: str, found: str) -> None:
    assert shown(difference(before, after)) == found


@pytest.mark.parametrize(
    ("before", "after"),
    [("!" * 20_000, "?" + "!" * 19_000 + "?"), ("{{" * 10_000, "a"), (" !" * 10_000, "! " * 999)],
    ids=["marks", "braces", "blanks"],
)
def test_texts_without_end_cost_a_moment(before: str, after: str) -> None:
    began = process_time()
    found = difference(before, after)
    assert process_time() - began < 2
    assert "".join(one.text for one in found if one.mark is not Mark.GONE) == after
    assert "".join(one.text for one in found if one.mark is not Mark.NEW) == before
