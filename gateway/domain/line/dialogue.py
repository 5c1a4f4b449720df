"""Where a caller is on the line, and where a key leads.

The menu: 1 how does my dossier stand, 2 is this message genuine, 3 hours and address, 0 the
centre's number. Three mistakes in a row (a key that means nothing, too few digits, a wrong code,
silence) end with the centre's number.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.domain.check_code import DIGITS as CHECK_DIGITS

LEAST_DIGITS = 4
MOST_MISTAKES = 3


class Place(StrEnum):
    """What the caller is asked for."""

    MENU = "menu"
    ENDING = "ending"
    SECRET = "secret"  # noqa: S105
    CHECK = "check"
    AGAIN = "again"
    OVER = "over"


class Words(StrEnum):
    """What is said, by the name of its text. ANSWER is what the last question was answered with."""

    GREETING = "greeting"
    NOT_A_KEY = "not_a_key"
    TOO_FEW = "too_few"
    ADDRESS = "address"
    NUMBER = "number"
    NOT_FOUND = "not_found"
    NOT_GENUINE = "not_genuine"
    TOO_MANY = "too_many"
    ANSWER = "answer"
    GOODBYE = "goodbye"


class Asked(StrEnum):
    """A question that only the ledger can answer."""

    OWN = "own"  # the dossiers of the number that calls
    DOSSIER = "dossier"  # the one with this ending and this secret
    GENUINE = "genuine"  # the notice with this check code


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    TOO_MANY = "too_many"  # wrong tries from this number, or about this dossier


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One call. `ending` is what was typed first of two parts."""

    place: Place = Place.MENU
    ending: str = ""
    mistakes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What is said now and where the caller then is; with `asked`, only once that is answered.
    `typed` is what the question is about."""

    line: Line
    said: tuple[Words, ...] = ()
    asked: Asked | None = None
    typed: tuple[str, ...] = ()


_FROM_THE_MENU = {
    "2": Reply(line=Line(place=Place.CHECK)),
    "3": Reply(line=Line(), said=(Words.ADDRESS,)),
    "0": Reply(line=Line(), said=(Words.NUMBER,)),
}
_AFTER_AN_ANSWER = {
    "1": Reply(line=Line(place=Place.AGAIN), said=(Words.ANSWER,)),
    "2": Reply(line=Line(place=Place.ENDING)),
    "3": Reply(line=Line(place=Place.CHECK)),
    "0": Reply(line=Line(place=Place.AGAIN), said=(Words.NUMBER,)),
}


def begin() -> Reply:
    return Reply(line=Line(), said=(Words.GREETING,))


def heard(line: Line, keys: str | None) -> Reply:
    """Where these keys lead; None: nothing was pressed in time."""
    match line.place:
        case Place.MENU if keys == "1":
            return Reply(line=line, asked=Asked.OWN)
        case Place.MENU:
            return _FROM_THE_MENU.get(keys or "") or _mistaken(line, keys)
        case Place.AGAIN if keys is None:
            return _over(Words.GOODBYE)
        case Place.AGAIN:
            return _AFTER_AN_ANSWER.get(keys or "") or _mistaken(line, keys)
        case Place.ENDING if _has(keys, LEAST_DIGITS):
            return Reply(line=replace(line, place=Place.SECRET, ending=_digits(keys)))
        case Place.SECRET if _has(keys, LEAST_DIGITS):
            return Reply(line=line, asked=Asked.DOSSIER, typed=(line.ending, _digits(keys)))
        case Place.CHECK if _has(keys, CHECK_DIGITS):
            return Reply(line=line, asked=Asked.GENUINE, typed=(_digits(keys),))
        case Place.OVER:
            return _over()
    return _mistaken(line, keys)


def answered(reply: Reply, answer: Answer) -> Reply:
    """What is said once the question is answered."""
    asked, line = reply.asked, reply.line
    if answer is Answer.TOO_MANY:
        return _over(Words.TOO_MANY, Words.NUMBER)
    if answer is Answer.YES:
        return Reply(line=Line(place=Place.AGAIN), said=(Words.ANSWER,))
    if asked is Asked.OWN:
        return Reply(line=replace(line, place=Place.ENDING))
    genuine = asked is Asked.GENUINE
    back = replace(line, place=Place.CHECK if genuine else Place.ENDING, ending="")
    return _again(back, Words.NOT_GENUINE if genuine else Words.NOT_FOUND)


def _mistaken(line: Line, keys: str | None) -> Reply:
    if keys is None:
        return _again(line)
    one_key = line.place in (Place.MENU, Place.AGAIN)
    return _again(line, Words.NOT_A_KEY if one_key else Words.TOO_FEW)


def _again(line: Line, *said: Words) -> Reply:
    mistakes = line.mistakes + 1
    if mistakes >= MOST_MISTAKES:
        return _over(*said, Words.NUMBER, Words.GOODBYE)
    return Reply(line=replace(line, mistakes=mistakes), said=said)


def _over(*said: Words) -> Reply:
    return Reply(line=Line(place=Place.OVER), said=said)


def _has(keys: str | None, least: int) -> bool:
    return len(_digits(keys)) >= least


def _digits(keys: str | None) -> str:
    return "".join(filter(str.isdecimal, keys or ""))
