"""Templates in boxes: what staff did not touch stays as it is, what they did is kept."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.channel import Channel
from gateway.rendering.fields import WHOLE, put_together, take_apart, with_texts
from gateway.rendering.renderer import prepare

TEMPLATES = Path(__file__).parents[3] / "templates"
ZALO = (TEMPLATES / "result-ready" / "zalo.vi.toml").read_text(encoding="utf-8")
VOICE = (TEMPLATES / "result-ready" / "voice.vi.j2").read_text(encoding="utf-8")
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


def test_an_sms_is_one_box_beside_its_choice_of_letters() -> None:
    taken = take_apart(Channel.SMS, "{% set accented = true %}\nXin chào {{ you }}")
    assert (taken.accented, taken.fields[0].text) == (True, "Xin chào {{ you }}")
    assert take_apart(Channel.SMS, "Xin chào").accented is None


@pytest.mark.parametrize("accented", [None, True, False])
def test_the_choice_of_letters_comes_back(accented: bool | None) -> None:
    taken = with_texts(take_apart(Channel.SMS, "a"), {WHOLE: "b\r\nc"}, accented)
    assert take_apart(Channel.SMS, put_together(Channel.SMS, taken)) == with_texts(
        take_apart(Channel.SMS, "a"), {WHOLE: "b\nc\n"}, accented
    )


def test_a_call_has_a_box_for_each_part() -> None:
    taken = take_apart(Channel.VOICE, VOICE)
    assert [one.name for one in taken.fields][:2] == ["core", "ask"]
    changed = with_texts(taken, {"ask": "Bấm phím 2."}, None)
    body = put_together(Channel.VOICE, changed)
    assert "{% block ask %}\nBấm phím 2.\n{% endblock %}" in body
    prepare(Channel.VOICE, body)


def test_a_call_with_words_beside_its_parts_stays_whole() -> None:
    body = VOICE + "thừa"
    taken = take_apart(Channel.VOICE, body)
    assert [one.name for one in taken.fields] == [WHOLE]


def test_a_zalo_message_has_a_box_for_each_parameter() -> None:
    taken = take_apart(Channel.ZALO, ZALO)
    name = taken.field("name")
    assert name is not None
    assert (name.longest, name.short) == (30, "{{ name }}\n{{ name|short(30) }}")
    changed = with_texts(taken, {"name": "{{ name }}", "name.short": "", "name.max": "25"}, None)
    body = put_together(Channel.ZALO, changed)
    assert '[params.name]\nvalue = "{{ name }}"\nmax = 25\n' in body
    prepare(Channel.ZALO, body)


@pytest.mark.parametrize("most", ["0", "401", "9999999999", "-1", "ba", ""])
def test_a_limit_that_is_none_stays_what_it_was(most: str) -> None:
    name = with_texts(take_apart(Channel.ZALO, ZALO), {"name.max": most}, None).field("name")
    assert name is not None
    assert name.longest == 30


def test_a_zalo_file_that_cannot_be_read_is_one_box() -> None:
    taken = take_apart(Channel.ZALO, "template = ")
    assert [one.name for one in taken.fields] == [WHOLE]
    assert put_together(Channel.ZALO, taken) == "template = \n"


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3))
def test_whatever_is_typed_into_zalo_boxes_is_kept(
    wording: str, value: str, short: list[str]
) -> None:
    shorter = "\n".join(" ".join(one.split()) for one in short if one.strip())
    texts = {"wording": wording, "name": value, "name.short": shorter}
    taken = with_texts(take_apart(Channel.ZALO, ZALO), texts, None)
    again = take_apart(Channel.ZALO, put_together(Channel.ZALO, taken))
    for one, other in zip(taken.fields, again.fields, strict=True):
        assert (one.name, one.text, one.short) == (other.name, other.text, other.short)
