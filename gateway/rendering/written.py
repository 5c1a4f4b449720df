"""What can be said of a text as it is written, box by box, before any facts are put in."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from gateway.domain.channel import Channel
from gateway.domain.text import Unsendable, plain
from gateway.rendering import remarks
from gateway.rendering.aloud import Aloud
from gateway.rendering.facts import VOCABULARY
from gateway.rendering.fields import Field
from gateway.rendering.free_text import LINK, has_link
from gateway.rendering.grammar import Fault, Refused, Vocabulary
from gateway.rendering.naming import CAN_BE_EMPTY, literal, named, required, unknown
from gateway.rendering.private_words import betraying, folded_with_places
from gateway.rendering.procedures import Procedures
from gateway.rendering.remarks import Place, Remark
from gateway.rendering.rules import ADVERTISING, REQUESTS, Breach, advertisement, request
from gateway.rendering.sms import SMS_VOCABULARY
from gateway.rendering.text import compiled

# Rules that find a place in the text itself. Nothing more is said of them where they have.
PLACED = ("link", "request", "advertising", "unsendable")


@lru_cache(maxsize=1024)
def in_field(
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
            yield remarks.of_refusal(refusal, line_of(name, text, refusal.line))
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


def line_of(field: str, text: str, line: int) -> Place:
    """A line of a box, counted from one; the last where it has fewer."""
    lines = text.split("\n")
    line = min(line, len(lines))
    start = sum(len(one) + 1 for one in lines[: line - 1])
    return Place.of(field, text, start, start + len(lines[line - 1]))
