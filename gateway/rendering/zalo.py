"""A Zalo template made ready: our name for it, its registered wording, and its short parameters.

Zalo keeps the wording; we send only parameters, each with its own limit and never empty. The
wording stands in our file as well, so that staff can see and check what a citizen will read.
"""

import re
import tomllib
from typing import Annotated

from jinja2.runtime import Context
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.directory import Code
from gateway.domain.message import ZaloBody
from gateway.domain.text import nfc
from gateway.rendering.facts import VOCABULARY, Facts
from gateway.rendering.grammar import Fault, Refused
from gateway.rendering.text import Text, compiled, scope_of

_PLACEHOLDER = re.compile(r"<(\w+)>")


class Parameter(BaseModel):
    """`short` are the texts to try in turn when `value` is longer than `max` characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    max: Annotated[int, Field(ge=1, le=400)]
    short: tuple[str, ...] = ()


class ZaloFile(BaseModel):
    """The file as staff write it. `text` is the registered wording with `<parameter>` in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: Code
    text: str
    params: dict[str, Parameter]


class ZaloTemplate:
    def __init__(self, source: str) -> None:
        self.file = read_zalo_file(source)
        self._params = {
            name: _Prepared(name, parameter, _line_of(source, name))
            for name, parameter in self.file.params.items()
        }
        _require_same_names(self.file)

    def body(self, facts: Facts) -> ZaloBody:
        """Raises Refused, naming the parameter, for one that is empty or too long in every form."""
        scope = scope_of(vars(facts))
        params = {name: prepared.text(scope) for name, prepared in self._params.items()}
        return ZaloBody(template=self.file.template, params=params)

    def shown(self, body: ZaloBody) -> str:
        """The message as the citizen sees it, by the registered wording."""
        return _PLACEHOLDER.sub(lambda found: body.params[found[1]], self.file.text).strip()


class _Prepared:
    def __init__(self, name: str, parameter: Parameter, line: int) -> None:
        self._name, self._longest, self._line = name, parameter.max, line
        self._forms = [self._compiled(form) for form in (parameter.value, *parameter.short)]

    def _compiled(self, source: str) -> Text:
        try:
            return compiled(source, VOCABULARY)
        except Refused as refusal:
            raise self._refused(refusal.problem, refusal.fault, refusal.subject) from None

    def text(self, scope: Context) -> str:
        for form in self._forms:
            text = self._written(form, scope)
            if len(text) <= self._longest:
                return text
        problem = f"is longer than {self._longest} characters in every form"
        raise self._refused(problem, Fault.TOO_LONG, str(self._longest))

    def _written(self, form: Text, scope: Context) -> str:
        try:
            text = nfc(" ".join(form.write(scope).split()))
        except Refused as refusal:
            raise self._refused(refusal.problem, refusal.fault, refusal.subject) from None
        if not text:
            raise self._refused("is empty, which Zalo does not take", Fault.EMPTY)
        return text

    def _refused(self, problem: str, fault: Fault, subject: str = "") -> Refused:
        return Refused(
            f"parameter '{self._name}' {problem}",
            self._line,
            fault=fault,
            subject=subject,
            part=self._name,
        )


def read_zalo_file(source: str) -> ZaloFile:
    """Raises Refused."""
    try:
        return ZaloFile.model_validate(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise Refused("is not TOML", int(found[1]) if found else 1) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(f"{where}: {first['msg']}") from None


def _require_same_names(file: ZaloFile) -> None:
    shown = set(_PLACEHOLDER.findall(file.text))
    if differing := sorted(shown ^ set(file.params)):
        raise Refused(f"has '{differing[0]}' in its text or in its parameters, but not in both")


def _line_of(source: str, name: str) -> int:
    found = re.search(rf"^\s*(?:\[params\.)?{re.escape(name)}\b", source, re.MULTILINE)
    return source.count("\n", 0, found.end()) + 1 if found else 1
