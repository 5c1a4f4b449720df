"""JSON bodies of calls, read by the models that also describe them in the OpenAPI document."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gateway.intake.json_body import NotJson, read_json, unstorable
from gateway.intake.problems import FieldProblem, Refusal, pointer_to
from gateway.web.answers import Problem, problem

Body = TypeVar("Body", bound=BaseModel)


def read_body(model: type[Body], body: bytes, code: str) -> Body:
    """Raises a 400 problem for what is not JSON, a 422 problem `code` for wrong fields."""
    try:
        value = read_json(body)
        if problems := unstorable(value):
            raise Problem(_refusal(problems, code))
        return model.model_validate(value)
    except NotJson as error:
        raise problem(400, "not_json", str(error)) from None
    except ValidationError as error:
        raise Problem(_refusal(_problems(error), code)) from None


def _problems(error: ValidationError) -> list[FieldProblem]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        FieldProblem(pointer=pointer_to(*one["loc"]), code=one["type"], detail=one["msg"] + ".")
        for one in found
    ]


def _refusal(problems: Sequence[FieldProblem], code: str) -> Refusal:
    return Refusal(
        status=422,
        code=code,
        detail="Some fields of the body must be put right.",
        errors=tuple(problems),
    )
