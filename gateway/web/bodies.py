"""Bodies of requests: taken in whole, and read by the models that also describe them in the OpenAPI
document."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.intake.json_body import NotJson, read_json, unstorable
from gateway.intake.problems import FieldProblem, Refusal, pointer_to
from gateway.web.answers import Problem, problem

Body = TypeVar("Body", bound=BaseModel)
Read = TypeVar("Read")

# Whoever is slower than the largest body in this time keeps its memory for nothing.
_PATIENCE_S = 60.0


async def whole_body(request: web.Request) -> bytes:
    """Raises a 400 problem for one that breaks off or cannot be unpacked, 408 for one that takes
    too long, web.HTTPRequestEntityTooLarge."""
    return await read_patiently(request.read())


async def read_patiently(reading: Awaitable[Read], patience_s: float = _PATIENCE_S) -> Read:
    """The same for whatever else reads a body."""
    try:
        async with asyncio.timeout(patience_s):
            return await reading
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None


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
