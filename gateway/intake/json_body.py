"""How bytes become JSON that the rest may trust: strict UTF-8, no name twice, no NaN, not too deep.

Also says where a value holds text that PostgreSQL cannot store.
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

import orjson

from gateway.intake.problems import FieldProblem, ProblemCode, pointer_to

MAX_DEPTH = 32


class NotJson(ValueError):
    """The body is not JSON."""


def read_json(body: bytes) -> Any:
    """The value in `body`. Raises NotJson with a sentence that repeats nothing of the body."""
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotJson("Send JSON encoded as UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"Send valid JSON; reading stopped at {where}.") from None
    except RecursionError:
        raise _too_deep() from None
    except NotJson:
        raise
    except ValueError:  # an integer of thousands of digits
        raise NotJson("Send numbers of ordinary length.") from None
    if _brackets(body) > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise _too_deep()
    return value


def unstorable(value: Any) -> list[FieldProblem]:
    """Where `value` (a JSON value) holds a NUL or half a surrogate pair."""
    try:
        suspicious = b"\\u0000" in orjson.dumps(value)
    except orjson.JSONEncodeError:  # half a surrogate pair, or a number that is merely long
        suspicious = True
    return list(_unstorable(value, "")) if suspicious else []


def _unstorable(value: Any, pointer: str) -> Iterator[FieldProblem]:
    if isinstance(value, str):
        if not _storable(value):
            yield _unstorable_at(pointer, "this text")
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _unstorable(entry, pointer + pointer_to(index))
    elif isinstance(value, dict):
        for name, entry in value.items():
            if _storable(name):
                yield from _unstorable(entry, pointer + pointer_to(name))
            else:
                yield _unstorable_at(pointer, "a field name in this object")


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _unstorable_at(pointer: str, what: str) -> FieldProblem:
    return FieldProblem(
        pointer=pointer,
        code=ProblemCode.UNSTORABLE,
        detail=f"Remove the NUL character or the lone surrogate from {what}.",
    )


def _brackets(body: bytes) -> int:
    """No value is nested deeper than it has brackets."""
    return body.count(b"[") + body.count(b"{")


def _deeper_than(value: Any, limit: int) -> bool:
    level: list[Any] = [[value]]
    for _ in range(limit + 1):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _too_deep() -> NotJson:
    return NotJson(f"Send JSON nested at most {MAX_DEPTH} levels deep.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("Send every field of an object once; one stands there twice.")
    return found


def _constant(_: str) -> float:
    raise NotJson("NaN and Infinity are not JSON; send a number or null.")


def _float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise NotJson("A number is too large; send one that fits a double.")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
