"""How a call to the line goes: a table of keys, place by place."""

import pytest

from gateway.domain.line import (
    Answer,
    Asked,
    Line,
    Place,
    Reply,
    Words,
    answered,
    begin,
    heard,
)

MENU, AGAIN = Line(), Line(place=Place.AGAIN)
ENDING = Line(place=Place.ENDING)
SECRET = Line(place=Place.SECRET, ending="0001")
CHECK = Line(place=Place.CHECK)


def test_a_call_begins_with_the_greeting_and_the_menu() -> None:
    assert begin() == Reply(line=MENU, said=(Words.GREETING,))


@pytest.mark.parametrize(
    ("line", "keys", "place", "said"),
    [
        pytest.param(MENU, "2", Place.CHECK, (), id="menu: a notice is to be checked"),
        pytest.param(MENU, "3", Place.MENU, (Words.ADDRESS,), id="menu: hours and address"),
        pytest.param(MENU, "0", Place.MENU, (Words.NUMBER,), id="menu: the number"),
        pytest.param(MENU, "7", Place.MENU, (Words.NOT_A_KEY,), id="menu: a wrong key"),
        pytest.param(MENU, "#", Place.MENU, (Words.NOT_A_KEY,), id="menu: hash"),
        pytest.param(MENU, None, Place.MENU, (), id="menu: silence"),
        pytest.param(ENDING, "0001", Place.SECRET, (), id="ending: four digits"),
        pytest.param(ENDING, "001", Place.ENDING, (Words.TOO_FEW,), id="ending: three digits"),
        pytest.param(ENDING, "*#*#", Place.ENDING, (Words.TOO_FEW,), id="ending: no digits"),
        pytest.param(ENDING, None, Place.ENDING, (), id="ending: silence"),
        pytest.param(SECRET, "12", Place.SECRET, (Words.TOO_FEW,), id="secret: too short"),
        pytest.param(CHECK, "123456789", Place.CHECK, (Words.TOO_FEW,), id="check: nine digits"),
        pytest.param(AGAIN, "1", Place.AGAIN, (Words.ANSWER,), id="again: repeated"),
        pytest.param(AGAIN, "2", Place.ENDING, (), id="again: another dossier"),
        pytest.param(AGAIN, "3", Place.CHECK, (), id="again: a notice"),
        pytest.param(AGAIN, "0", Place.AGAIN, (Words.NUMBER,), id="again: the number"),
        pytest.param(AGAIN, "9", Place.AGAIN, (Words.NOT_A_KEY,), id="again: a wrong key"),
        pytest.param(AGAIN, None, Place.OVER, (Words.GOODBYE,), id="again: silence is an end"),
    ],
)
def test_each_key_leads_somewhere(
    line: Line, keys: str | None, place: Place, said: tuple[Words, ...]
) -> None:
    reply = heard(line, keys)
    assert (reply.line.place, reply.said, reply.asked) == (place, said, None)


@pytest.mark.parametrize(
    ("line", "keys", "asked", "typed"),
    [
        pytest.param(MENU, "1", Asked.OWN, (), id="own dossiers"),
        pytest.param(SECRET, "482913", Asked.DOSSIER, ("0001", "482913"), id="a dossier"),
        pytest.param(
            SECRET, "4829 13*", Asked.DOSSIER, ("0001", "482913"), id="digits alone count"
        ),
        pytest.param(CHECK, "1234567890", Asked.GENUINE, ("1234567890",), id="a notice"),
    ],
)
def test_some_keys_ask_what_the_ledger_must_answer(
    line: Line, keys: str, asked: Asked, typed: tuple[str, ...]
) -> None:
    reply = heard(line, keys)
    assert (reply.asked, reply.typed, reply.said) == (asked, typed, ())


@pytest.mark.parametrize(
    ("line", "keys", "answer", "place", "said"),
    [
        pytest.param(MENU, "1", Answer.YES, Place.AGAIN, (Words.ANSWER,), id="own: some"),
        pytest.param(MENU, "1", Answer.NO, Place.ENDING, (), id="own: none, so by code"),
        pytest.param(SECRET, "482913", Answer.YES, Place.AGAIN, (Words.ANSWER,), id="found"),
        pytest.param(SECRET, "4829", Answer.NO, Place.ENDING, (Words.NOT_FOUND,), id="not found"),
        pytest.param(
            CHECK, "1" * 10, Answer.NO, Place.CHECK, (Words.NOT_GENUINE,), id="not genuine"
        ),
        pytest.param(
            SECRET,
            "4829",
            Answer.TOO_MANY,
            Place.OVER,
            (Words.TOO_MANY, Words.NUMBER),
            id="too many tries",
        ),
    ],
)
def test_an_answer_leads_on(
    line: Line, keys: str, answer: Answer, place: Place, said: tuple[Words, ...]
) -> None:
    reply = answered(heard(line, keys), answer)
    assert (reply.line.place, reply.said) == (place, said)


@pytest.mark.parametrize(
    "mistakes",
    [
        pytest.param([None, None, None], id="silence"),
        pytest.param(["7", "#", None], id="wrong keys and silence"),
        pytest.param(["2", "1", "22", "333"], id="too few digits"),
    ],
)
def test_three_mistakes_in_a_row_end_with_the_centres_number(mistakes: list[str | None]) -> None:
    line = MENU
    for keys in mistakes:
        assert line.place is not Place.OVER
        reply = heard(line, keys)
        line = reply.line
    assert line.place is Place.OVER
    assert reply.said[-2:] == (Words.NUMBER, Words.GOODBYE)


def test_three_wrong_codes_end_the_call_whatever_was_right_between_the_menus() -> None:
    line = CHECK
    for _ in range(2):
        line = answered(heard(line, "1" * 10), Answer.NO).line
    over = answered(heard(line, "1" * 10), Answer.NO)
    assert over.line.place is Place.OVER
    assert over.said == (Words.NOT_GENUINE, Words.NUMBER, Words.GOODBYE)


def test_a_right_answer_forgives_earlier_mistakes() -> None:
    line = answered(heard(CHECK, "1" * 10), Answer.NO).line
    assert line.mistakes == 1
    assert answered(heard(line, "2" * 10), Answer.YES).line.mistakes == 0


def test_what_was_typed_first_is_forgotten_with_a_wrong_secret() -> None:
    assert answered(heard(SECRET, "482913"), Answer.NO).line.ending == ""
