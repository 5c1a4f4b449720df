"""Proof-reading: a text that is being written, tried on sample dossiers, with a remark at each
place.

What stands in the text itself is looked for there, box by box (`written`); what only shows once
facts are put in is found by the rules that every message is held to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.message import Body
from gateway.rendering import remarks
from gateway.rendering.aloud import PLAINLY, Aloud
from gateway.rendering.facts import Facts
from gateway.rendering.fields import WHOLE, Taken, put_together, take_apart
from gateway.rendering.grammar import Refused
from gateway.rendering.procedures import Procedures
from gateway.rendering.publication import DEFAULT_LANGUAGE
from gateway.rendering.remarks import Place, Remark
from gateway.rendering.renderer import Ready, prepare, shown
from gateway.rendering.rules import RULES, Tried
from gateway.rendering.written import PLACED, in_field, line_of

_MAIN = {Channel.SMS: WHOLE, Channel.VOICE: "core"}


@dataclass(frozen=True, kw_only=True)
class Example:
    """A dossier that a text is tried on."""

    name: str
    facts: Facts


@dataclass(frozen=True, kw_only=True)
class Made:
    """What became of one example: `body` None where nothing could be made."""

    example: Example
    body: Body | None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Proof:
    remarks: tuple[Remark, ...]
    made: tuple[Made, ...]
    taken: Taken

    @property
    def grave(self) -> tuple[Remark, ...]:
        return tuple(one for one in self.remarks if one.grave)


def proof_read(
    kind: EventKind,
    channel: Channel,
    body: str,
    examples: Sequence[Example],
    procedures: Procedures,
    language: str = DEFAULT_LANGUAGE,
    aloud: Aloud = PLAINLY,
) -> Proof:
    taken = take_apart(channel, body)
    accented = bool(taken.accented)
    parts = (in_field(channel, accented, field, procedures, aloud) for field in taken.fields)
    found = [one for part in parts for one in part]
    prepared = _prepared(channel, body, language, aloud)
    if isinstance(prepared, Refused):
        if not any(one.grave for one in found):
            found.append(remarks.of_refusal(prepared, _whole_line(taken, prepared)))
        return Proof(remarks=tuple(found), made=(), taken=taken)
    made, later = [], []
    for example in examples:
        one, said = _tried(kind, prepared, example, _Places(taken, channel), aloud)
        made.append(one)
        later += said
    known = {(one.rule, one.place) for one in found}
    rules = {one.rule for one in found if one.rule in PLACED}
    for each in later:
        if each.rule not in rules and (each.rule, each.place) not in known:
            known.add((each.rule, each.place))
            found.append(each)
    return Proof(remarks=tuple(found), made=tuple(made), taken=taken)


@lru_cache(maxsize=256)
def _prepared(
    channel: Channel, body: str, language: str = DEFAULT_LANGUAGE, aloud: Aloud = PLAINLY
) -> Ready | Refused:
    """Compiled once, however many dossiers it is tried on and however often it is looked at."""
    try:
        return prepare(channel, body, aloud.reader, language, aloud.prompts)
    except Refused as refusal:
        # What is kept holds on to nothing of the work that failed.
        return refusal.with_traceback(None)


def _tried(
    kind: EventKind, prepared: Ready, example: Example, places: "_Places", aloud: Aloud
) -> tuple[Made, list[Remark]]:
    try:
        body = prepared.body(example.facts)
    except Refused as refusal:
        place = _part(places.taken, refusal.part)
        return (
            Made(example=example, body=None),
            [remarks.of_refusal(refusal, place, example.name)],
        )
    text = shown(prepared, body)
    tried = Tried(kind=kind, facts=example.facts, body=body, text=text, reader=aloud.reader)
    broken = ((rule, check(tried)) for rule, check in RULES.items())
    end = _end(places.taken, places.channel)
    said = [remarks.of_breach(rule, one, example.name, end) for rule, one in broken if one]
    return Made(example=example, body=body, text=text), said


@dataclass(frozen=True)
class _Places:
    taken: Taken
    channel: Channel


def _end(taken: Taken, channel: Channel) -> Place | None:
    """Where something that is missing may be put."""
    field = taken.field(_MAIN.get(channel, ""))
    if field is None:
        return None
    end = len(field.text.rstrip())
    return Place.of(field.name, field.text, end, end)


def _part(taken: Taken, name: str) -> Place | None:
    field = taken.field(name) if name else None
    return Place.of(field.name, field.text, 0, len(field.text)) if field else None


def _whole_line(taken: Taken, refusal: Refused) -> Place | None:
    """A refusal of the whole counts the lines of the whole, which only one box has."""
    if refusal.part:
        return _part(taken, refusal.part)
    [*fields] = taken.fields
    if len(fields) == 1 and taken.accented is None:
        return line_of(fields[0].name, fields[0].text, refusal.line)
    return None


def reworded(channel: Channel, body: str, example: Example, *, accented: bool) -> Body:
    """The same message in plain or in accented letters, whatever the text or the unit chooses.
    Raises Refused."""
    taken = take_apart(channel, body)
    prepared = _prepared(channel, put_together(channel, replace(taken, accented=accented)))
    if isinstance(prepared, Refused):
        raise prepared.with_traceback(None)
    return prepared.body(example.facts)
