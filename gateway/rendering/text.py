"""A template compiled for good: the environment it runs in, and what it writes from facts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.rendering.filters import FILTERS
from gateway.rendering.grammar import (
    LOOP_ATTRIBUTES,
    PROMPT,
    Fault,
    Refused,
    Vocabulary,
    prompts_of,
    require_blocks,
    settings_of,
)

LONGEST_SOURCE = 20_000
LONGEST_OUTPUT = 5_000
# Far more than a notice needs. What walks over a tree, Python's compiler included, goes no deeper.
_DEEPEST = 60
# Around a prompt's name in what was written. Facts are printable and a template's own text must not
# have them, so nothing else looks like one.
PROMPT_BEGINS, PROMPT_ENDS = "\x02", "\x03"


class _Environment(ImmutableSandboxedEnvironment):
    """Nothing is safe to call or to reach into, should the check of the grammar ever miss it."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr in LOOP_ATTRIBUTES and super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - the name is Jinja2's
        return False


def _environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, autoescape=False, cache_size=0)
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {**FILTERS, PROMPT: lambda name: f"{PROMPT_BEGINS}{name}{PROMPT_ENDS}"}
    return environment


_ENVIRONMENT = _environment()


@dataclass(frozen=True, kw_only=True, eq=False)
class Text:
    """A compiled template. `settings` are the constants it sets for its channel to read, `prompts`
    the recorded prompts it plays."""

    template: Template
    settings: Mapping[str, Any]
    prompts: frozenset[str]

    def has(self, block: str) -> bool:
        return block in self.template.blocks

    def write(self, scope: Context, block: str | None = None) -> str:
        """The text, or one block of it. Raises Refused, which never quotes a fact."""
        render = self.template.blocks[block] if block else self.template.root_render_func
        try:
            return _joined(render(scope))
        except (TemplateError, TypeError, ValueError, AttributeError) as failure:
            line = _line_of(self.template, failure.__traceback__)
            raise Refused(f"could not be rendered ({type(failure).__name__})", line) from None


def scope_of(facts: Mapping[str, Any]) -> Context:
    """The facts as templates read them: made once for all the templates of a message, since a
    template can set nothing that another could name."""
    return Context(_ENVIRONMENT, facts, None, {})  # type: ignore[arg-type]


def _joined(pieces: Iterable[str]) -> str:
    written: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_OUTPUT:
            raise Refused(f"becomes longer than {LONGEST_OUTPUT} characters")
        written.append(piece)
    return "".join(written)


def _line_of(template: Template, traceback: TracebackType | None) -> int:
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("environment") is _ENVIRONMENT:
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


def compiled(
    source: str,
    vocabulary: Vocabulary,
    blocks: Collection[str] = (),
    optional: Collection[str] = (),
) -> Text:
    """The template ready to run, made of exactly these `blocks` where any are asked for, and of
    those of the `optional` ones that it has.

    Raises Refused with the line of the first thing the language does not have. The same text is
    compiled once, however many templates and publications have it.
    """
    return _compiled(source, vocabulary, frozenset(blocks), frozenset(optional))


@lru_cache(maxsize=2048)
def _compiled(
    source: str, vocabulary: Vocabulary, blocks: frozenset[str], optional: frozenset[str]
) -> Text:
    if len(source) > LONGEST_SOURCE:
        raise Refused(f"is longer than {LONGEST_SOURCE} characters")
    if PROMPT_BEGINS in source or PROMPT_ENDS in source:
        raise Refused("has a control character")
    try:
        tree = parsed(source)
        settings = settings_of(tree, vocabulary)
        require_blocks(tree, blocks, optional)
        code = _ENVIRONMENT.compile(tree)
    except (TemplateError, SyntaxError, RecursionError, MemoryError) as error:
        raise Refused(f"is not a template ({type(error).__name__})", fault=Fault.SYNTAX) from None
    template = Template.from_code(_ENVIRONMENT, code, {})
    return Text(template=template, settings=settings, prompts=prompts_of(tree))


def parsed(source: str) -> nodes.Template:
    """The tree of a template. Raises Refused where it is none, or is nested without end."""
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        problem = error.message or "is not a template"
        raise Refused(problem, error.lineno, fault=Fault.SYNTAX, subject=problem) from None
    # A number of thousands of digits is a ValueError.
    except (TemplateError, RecursionError, ValueError) as error:
        raise Refused(f"is not a template ({type(error).__name__})", fault=Fault.SYNTAX) from None
    _require_shallow(tree)
    return tree


def _require_shallow(tree: nodes.Node) -> None:
    level = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return
    raise Refused("is nested too deeply", level[0].lineno)


def tokens(source: str) -> Iterator[tuple[str, str, int]]:
    """The pieces of a template, each with its kind and where it stands, counted from 0; up to the
    first that makes no sense."""
    at = 0
    with suppress(TemplateError):
        for _, kind, piece in _ENVIRONMENT.lex(source):
            found = source.find(piece, at) if piece else -1
            if found >= 0:
                yield kind, piece, found
                at = found + len(piece)


def prompts_played(source: str) -> frozenset[str]:
    """The prompts that a template names, also one that cannot be used."""
    try:
        return prompts_of(parsed(source))
    except Refused:
        return frozenset()
