"""The small language templates are written in: Jinja2 cut down to what a letter needs.

Variables, filters of a fixed list, recorded prompts (`"name"|prompt`, in calls), comparisons, `if`,
one level of `for` over a list of facts, and blocks. Everything else Jinja2 can do (calls,
attributes, arithmetic, macros, includes …) is refused when a template is compiled, so the cost of a
text is bounded by its own length and its facts'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from jinja2 import nodes

from gateway.rendering.filters import FILTERS

# Stands for a recorded prompt in a call; the one filter whose result is not text.
PROMPT = "prompt"
LOOP_ATTRIBUTES = frozenset({"first", "last", "index"})

_PLAIN_NODES: tuple[type[nodes.Node], ...] = (
    nodes.TemplateData, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What templates may name: single facts, lists of facts to walk over, recorded prompts."""

    words: frozenset[str]
    lists: frozenset[str] = frozenset()
    prompts: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in self.words or name in self.lists


def prompts_of(tree: nodes.Template) -> frozenset[str]:
    """The prompts that a template plays, whether there are any such or not."""
    found = (node for node in tree.find_all(nodes.Filter) if node.name == PROMPT)
    return frozenset(str(node.node.value) for node in found if isinstance(node.node, nodes.Const))


class Fault(StrEnum):
    """What is wrong with a template, for sentences in the language of whoever writes it."""

    LANGUAGE = "language"
    SYNTAX = "syntax"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_FILTER = "unknown_filter"
    UNSENDABLE = "unsendable"
    EMPTY = "empty"
    TOO_LONG = "too_long"


class Refused(Exception):
    """A template says something the language does not have, or failed; `line` counts from 1.

    `subject` is the word or filter it is about, or the longest length allowed; `part` the parameter
    or block it happened in.
    """

    def __init__(
        self,
        problem: str,
        line: int = 1,
        *,
        fault: Fault = Fault.LANGUAGE,
        subject: str = "",
        part: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.fault = fault
        self.subject = subject
        self.part = part


def settings_of(tree: nodes.Template, vocabulary: Vocabulary) -> Mapping[str, Any]:
    """The constants a template sets. Raises Refused for the first thing the language lacks."""
    _require_finite(tree)
    return _Check(vocabulary).settings_of(tree)


def _require_finite(tree: nodes.Template) -> None:
    """Jinja2 would compile a number without end to a name that nothing has."""
    for node in tree.find_all(nodes.Const):
        if isinstance(node.value, float) and not isfinite(node.value):
            raise Refused("has a number that is too large", node.lineno)


def require_blocks(
    tree: nodes.Template, wanted: frozenset[str], optional: frozenset[str] = frozenset()
) -> None:
    found = {node.name for node in tree.find_all(nodes.Block)}
    for missing in sorted(wanted - found):
        raise Refused(f"has no block '{missing}'")
    for surplus in sorted(found - wanted - optional):
        raise Refused(f"has a block '{surplus}' that nothing reads")
    if wanted:
        for node in tree.body:
            _require_nothing_to_read(node)


def _require_nothing_to_read(node: nodes.Node) -> None:
    blank = isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )
    if not blank and not isinstance(node, nodes.Block | nodes.Assign):
        raise Refused("has text outside its blocks", node.lineno)


class _Check:
    """One walk over a parsed template that refuses all it does not know."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._settings: dict[str, Any] = {}

    def settings_of(self, tree: nodes.Template) -> Mapping[str, Any]:
        for node in tree.body:
            if isinstance(node, nodes.Block):
                self._children(node, None)
            elif isinstance(node, nodes.Assign):
                self._setting(node)
            else:
                self._visit(node, None)
        return self._settings

    def _visit(self, node: nodes.Node, item: str | None) -> None:
        """`item` is the name the enclosing `for` gives to the entry at hand."""
        match node:
            case nodes.Output():
                self._output(node, item)
            case nodes.Name():
                self._name(node, item)
            case nodes.Getattr():
                self._loop_attribute(node, item)
            case nodes.Filter():
                self._filter(node, item)
            case nodes.For():
                self._for(node, item)
            case _ if isinstance(node, _PLAIN_NODES):
                self._children(node, item)
            case _:
                raise Refused(f"uses {type(node).__name__}, which templates lack", node.lineno)

    def _children(self, node: nodes.Node, item: str | None) -> None:
        for child in node.iter_child_nodes():
            self._visit(child, item)

    def _output(self, node: nodes.Output, item: str | None) -> None:
        for part in node.nodes:
            if isinstance(part, nodes.Name) and part.name in self._vocabulary.lists:
                raise Refused(f"prints the list '{part.name}' as a whole", part.lineno)
            self._visit(part, item)

    def _name(self, node: nodes.Name, item: str | None) -> None:
        if node.name != item and node.name not in self._vocabulary:
            raise Refused(
                f"names '{node.name}', which is not a fact",
                node.lineno,
                fault=Fault.UNKNOWN_WORD,
                subject=node.name,
            )

    def _loop_attribute(self, node: nodes.Getattr, item: str | None) -> None:
        of_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
        if not (item and of_loop and node.attr in LOOP_ATTRIBUTES):
            raise Refused(f"reaches for '.{node.attr}'", node.lineno)

    def _filter(self, node: nodes.Filter, item: str | None) -> None:
        if node.name == PROMPT:
            self._prompt(node)
            return
        if any(inner.name == PROMPT for inner in node.find_all(nodes.Filter)):
            raise Refused(f"changes a recorded prompt with '{node.name}'", node.lineno)
        arguments = [*node.args, *node.kwargs]
        if node.name not in FILTERS or node.node is None:
            raise Refused(
                f"uses the filter '{node.name}', which templates lack",
                node.lineno,
                fault=Fault.UNKNOWN_FILTER,
                subject=node.name,
            )
        if not all(isinstance(argument, nodes.Const) for argument in arguments):
            raise Refused(f"gives '{node.name}' more than a plain value", node.lineno)
        self._visit(node.node, item)

    def _prompt(self, node: nodes.Filter) -> None:
        name = node.node.value if isinstance(node.node, nodes.Const) else None
        if name is None or node.args or node.kwargs:
            raise Refused("plays something other than a prompt's name", node.lineno)
        if name not in self._vocabulary.prompts:
            raise Refused(
                f"plays the prompt '{name}', which is not among the recorded ones", node.lineno
            )

    def _for(self, node: nodes.For, item: str | None) -> None:
        walks = isinstance(node.iter, nodes.Name) and node.iter.name in self._vocabulary.lists
        if item or not walks or node.recursive or node.test:
            raise Refused("has a loop that is not a plain walk over one list of facts", node.lineno)
        if not isinstance(node.target, nodes.Name):
            raise Refused("has a loop with more than one name", node.lineno)
        for child in [*node.body, *node.else_]:
            self._visit(child, node.target.name)

    def _setting(self, node: nodes.Assign) -> None:
        constant = isinstance(node.target, nodes.Name) and isinstance(node.node, nodes.Const)
        if not constant or node.target.name in self._vocabulary:  # type: ignore[attr-defined]
            raise Refused("sets something other than a new name to a plain value", node.lineno)
        self._settings[node.target.name] = node.node.value  # type: ignore[attr-defined]
