"""Which words a template names, where they stand, and which of them it cannot do without."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import nodes

from gateway.rendering.filters import FILTERS
from gateway.rendering.grammar import PROMPT, Vocabulary
from gateway.rendering.text import parsed, tokens

# What an event may come without; all else stands in every event or in the directory.
OPTIONAL = frozenset(
    {
        *("procedure", "fee", "reason", "items", "items_text", "received_on", "due_on"),
        *("new_due_on", "happened_on"),
    }
)
_HOURS = frozenset({"opening", "opening_day", "opening_hours", "hours"})
_KNOWN_FILTERS = frozenset(FILTERS) | {PROMPT}
CAN_BE_EMPTY = OPTIONAL | _HOURS | {"check_code"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A word or a filter as it stands in a text, counted from 0."""

    name: str
    start: int
    is_filter: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.name)


def named(source: str) -> Iterator[Named]:
    """Words and filters in the order in which they stand."""
    before = ""
    for kind, piece, start in tokens(source):
        if kind == "name":
            yield Named(name=piece, start=start, is_filter=before == "|")
        if kind != "whitespace":
            before = piece


def unknown(source: str, vocabulary: Vocabulary) -> list[Named]:
    """Words and filters that templates lack. Raises Refused for what is no template."""
    tree = parsed(source)
    own = {name for loop in tree.find_all(nodes.For) for name in _names(loop.target)}
    own |= {name for each in tree.find_all(nodes.Assign) for name in _names(each.target)}
    words = {one.name for one in tree.find_all(nodes.Name) if one.name not in vocabulary}
    words -= own | {"loop"}
    filters = {one.name for one in tree.find_all(nodes.Filter) if one.name not in _KNOWN_FILTERS}
    return [one for one in named(source) if one.name in (filters if one.is_filter else words)]


def literal(source: str) -> Iterator[tuple[str, int]]:
    """The plain words between what is put in, each piece with where it stands."""
    for kind, piece, start in tokens(source):
        if kind == "data":
            yield piece, start


def words_of(source: str) -> frozenset[str]:
    """All that a text names. Raises Refused for what is no template."""
    return frozenset(one.name for one in parsed(source).find_all(nodes.Name))


def required(source: str) -> frozenset[str]:
    """The words a text prints without having asked whether there is anything to print. Raises
    Refused for what is no template."""
    return frozenset(_printed(parsed(source).body, frozenset()))


def _printed(body: Iterable[nodes.Node], asked: frozenset[str]) -> Iterator[str]:
    for node in body:
        if isinstance(node, nodes.If | nodes.CondExpr):
            yield from _branches(node, asked)
        elif isinstance(node, nodes.For):
            yield from _printed(node.body, asked)
        elif isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in asked:
                yield node.name
        else:
            yield from _printed(node.iter_child_nodes(), asked)


def _branches(node: nodes.If | nodes.CondExpr, asked: frozenset[str]) -> Iterator[str]:
    """What was asked for holds in its own branch, and for what comes after `else` as well: who asks
    has thought of both."""
    known = asked | _names(node.test)
    if known & _HOURS:
        known |= _HOURS
    if isinstance(node, nodes.CondExpr):
        others = [node.expr1, *([node.expr2] if node.expr2 else [])]
        yield from _printed(others, known)
        return
    yield from _printed(node.body, known)
    yield from _printed(node.elif_, known)
    yield from _printed(node.else_, known)


def _names(node: nodes.Node) -> frozenset[str]:
    found = frozenset(one.name for one in node.find_all(nodes.Name))
    return found | {node.name} if isinstance(node, nodes.Name) else found
