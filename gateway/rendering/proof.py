"""Proof-reading: a text that is being written, tried on sample dossiers, with a remark at each
place.

What stands in the text itself is looked for there, box by box; what only shows once facts are put
in is found by the rules that every message is held to.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gateway.domain.call import NO_PROMPTS, Prompts
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.message import Body
from gateway.domain.speech import READER, Reader
from gateway.domain.text import Unsendable, plain
from gateway.rendering import remarks
from gateway.rendering.facts import VOCABULARY, Facts
from gateway.rendering.fields import WHOLE, Field, Taken, put_together, take_apart
from gateway.rendering.free_text import LINK, has_link
from gateway.rendering.grammar import Fault, Refused, Vocabulary
from gateway.rendering.naming import CAN_BE_EMPTY, literal, named, required, unknown
from gateway.rendering.private_words import betraying, folded_with_places
from gateway.rendering.procedures import Procedures
from gateway.rendering.publication import DEFAULT_LANGUAGE
from gateway.rendering.remarks import Place, Remark
from gateway.rendering.renderer import Ready, prepare, shown
from gateway.rendering.rules import (
    ADVERTISING,
    REQUESTS,
    RULES,
    Breach,
    Tried,
    advertisement,
    request,
)
from gateway.rendering.sms import SMS_VOCABULARY
from gateway.rendering.text import compiled

# Found in the text itself where they stand there, and only otherwise in what was made of it.
_PLACED = ("link", "request", "advertising", "unsendable")
_MAIN = {Channel.SMS: WHOLE, Channel.VOICE: "core"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Aloud:
    """How a site reads calls aloud, and what it has recorded. Told apart by identity: one for each
    process."""

    reader: Reader = READER
    prompts: Prompts = field(default_factory=lambda: NO_PROMPTS)


_PLAINLY = Aloud()


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
    aloud: Aloud = _PLAINLY,
) -> Proof:
    taken = take_apart(channel, body)
    accented = bool(taken.accented)
    parts = (_in_field(channel, accented, field, procedures, aloud) for field in taken.fields)
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
    rules = {one.rule for one in found if one.rule in _PLACED}
    for each in later:
        if each.rule not in rules and (each.rule, each.place) not in known:
            known.add((each.rule, each.place))
            found.append(each)
    return Proof(remarks=tuple(found), made=tuple(made), taken=taken)


@lru_cache(maxsize=256)
def _prepared(
    channel: Channel, body: str, language: str = DEFAULT_LANGUAGE, aloud: Aloud = _PLAINLY
) -> Ready | Refused:
    """Compiled once, however many dossiers it is tried on and however often it is looked at."""
    try:
        return prepare(channel, body, aloud.reader, language, aloud.prompts)
    except Refused as refusal:
        # What is kept holds on to nothing of the work that failed.
        return refusal.with_traceback(None)


@lru_cache(maxsize=1024)
def _in_field(
    channel: Channel, accented: bool, field: Field, procedures: Procedures, aloud: Aloud
) -> tuple[Remark, ...]:
    """What stands in one box; those that nobody types into are not read again."""
    found: list[Remark] = []
    if field.is_template:
        vocabulary = _vocabulary(channel, aloud)
        found += _as_template(field.name, field.text, vocabulary, channel)
        if field.short:
            found += _as_template(f"{field.name}.short", field.short, vocabulary, channel)
    needs_plain = channel is Channel.SMS and not accented
    return (*found, *_as_words(field, procedures, needs_plain=needs_plain))


def _vocabulary(channel: Channel, aloud: Aloud) -> Vocabulary:
    match channel:
        case Channel.SMS:
            return SMS_VOCABULARY
        case Channel.VOICE:
            return replace(VOCABULARY, prompts=frozenset(aloud.prompts))
        case Channel.ZALO:
            return VOCABULARY


def _as_template(
    name: str, text: str, vocabulary: Vocabulary, channel: Channel
) -> Iterator[Remark]:
    try:
        for one in unknown(text, vocabulary):
            yield _unknown(name, text, one.name, one.start, one.is_filter, vocabulary)
        compiled(text, vocabulary)
        empty = required(text) & CAN_BE_EMPTY
    except Refused as refusal:
        if refusal.fault not in (Fault.UNKNOWN_WORD, Fault.UNKNOWN_FILTER):
            yield remarks.of_refusal(refusal, _line(name, text, refusal.line))
        return
    if channel is Channel.ZALO:
        return  # An empty parameter is refused as a whole.
    for one in named(text):
        if one.name in empty:
            empty -= {one.name}
            place = Place.of(name, text, one.start, one.end)
            yield remarks.remark("may_be_empty", *remarks.may_be_empty(one.name), place)


def _unknown(
    field: str, text: str, name: str, start: int, is_filter: bool, vocabulary: Vocabulary
) -> Remark:
    place = Place.of(field, text, start, start + len(name))
    if is_filter:
        return remarks.remark("unknown_filter", *remarks.unknown_filter(name), place)
    near = difflib.get_close_matches(name, vocabulary.words | vocabulary.lists, n=1, cutoff=0.6)
    return remarks.remark("unknown_word", *remarks.unknown_word(name, *near), place)


def _as_words(field: Field, procedures: Procedures, *, needs_plain: bool) -> Iterator[Remark]:
    pieces = literal(field.text) if field.is_template else [(field.text, 0)]
    for piece, start in pieces:

        def place(one: int, end: int, start: int = start) -> Place:
            return Place.of(field.name, field.text, start + one, start + end)

        yield from _links(piece, place)
        folded, places = folded_with_places(piece)
        for pattern, rule, breach in (
            (REQUESTS, "request", request),
            (ADVERTISING, "advertising", advertisement),
        ):
            for found in pattern.finditer(folded):
                begins, ends = places[found.start()], places[found.end() - 1] + 1
                said = breach(piece[begins:ends])
                yield remarks.of_breach(rule, said, place=place(begins, ends))
        for one, end in betraying(piece, procedures):
            yield remarks.remark("procedure_name", *_BETRAYS, place(one, end))
        for at in (n for n, letter in enumerate(piece) if letter == "?"):
            yield remarks.remark("question_mark", *_QUESTION, place(at, at + 1))
        if needs_plain:
            yield from _unsendable(piece, place)


_BETRAYS = (
    "Tên thủ tục này không có trong danh sách được nêu tên, có thể lộ chuyện riêng của người dân;"
    " hãy viết “hồ sơ số {{ code }}”, hoặc dùng {% if procedure %}{{ procedure }}{% endif %}.",
    "This procedure is not on the list of those that may be named and could betray a private"
    " matter; write “hồ sơ số {{ code }}”, or use {% if procedure %}{{ procedure }}{% endif %}.",
)


_QUESTION = (
    "Có dấu “?”: thường là chữ bị hỏng khi dán từ nơi khác. Nếu đúng vậy, hãy gõ lại chữ ấy.",
    "There is a “?”, often a letter that was broken when pasted. If so, type it anew.",
)


def _links(piece: str, place: Callable[[int, int], Place]) -> Iterator[Remark]:
    if has_link(piece):
        end = 0
        for found in LINK.finditer(piece):
            if found.start() < end:
                continue
            end = found.start() + len(piece[found.start() :].split()[0])
            breach = Breach("có đường liên kết", "has a link")
            yield remarks.of_breach("link", breach, place=place(found.start(), end))


def _unsendable(piece: str, place: Callable[[int, int], Place]) -> Iterator[Remark]:
    try:
        plain(piece)
    except Unsendable as refusal:
        for one in refusal.characters:
            where = place(one.position, one.position + 1)
            yield remarks.remark("unsendable", *remarks.unsendable(one.character), where)


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


def _line(field: str, text: str, line: int) -> Place:
    lines = text.split("\n")
    line = min(line, len(lines))
    start = sum(len(one) + 1 for one in lines[: line - 1])
    return Place.of(field, text, start, start + len(lines[line - 1]))


def _whole_line(taken: Taken, refusal: Refused) -> Place | None:
    """A refusal of the whole counts the lines of the whole, which only one box has."""
    if refusal.part:
        return _part(taken, refusal.part)
    [*fields] = taken.fields
    if len(fields) == 1 and taken.accented is None:
        return _line(fields[0].name, fields[0].text, refusal.line)
    return None


def reworded(channel: Channel, body: str, example: Example, *, accented: bool) -> Body:
    """The same message in plain or in accented letters, whatever the text or the unit chooses.
    Raises Refused."""
    taken = take_apart(channel, body)
    prepared = _prepared(channel, put_together(channel, replace(taken, accented=accented)))
    if isinstance(prepared, Refused):
        raise prepared.with_traceback(None)
    return prepared.body(example.facts)
