"""Logs: one event word plus fields per line, on standard error, without personal data.

Everything passes one chain, also what aiohttp, asyncpg, rq and alembic log. The chain masks what
looks personal; it is a net below the rule that such things are never given to a log.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.errors import BaotinError

MASK = "[masked]"
# Fields that hold personal data or secrets by their name.
_PERSONAL = frozenset(
    {
        *("applicant", "authorised", "full_name", "name", "phone", "phones", "recipient", "to"),
        *("address", "email", "body", "content", "params", "payload", "text"),
        *("api_key", "authorization", "password", "secret", "token"),
    }
)
# Vietnamese numbers as people write them. Not inside an id, which may hold as many digits.
_PHONE = re.compile(r"(?<![\w-])(?:\+|00)?\(?(?:84|0)(?:[\s.()-]{0,3}\d){8,10}(?![\w-])")
_QUERY = re.compile(r"(/[^\s?\"']*)\?[^\s\"']+")
_LONGEST_FOREIGN_LINE = 300
_log = structlog.get_logger(__name__)


def configure_logs(
    level: str,
    *,
    style: Literal["json", "text"] = "json",
    process: str = "",
    stream: TextIO | None = None,
) -> None:
    """Route all logs of this process through the chain. `process` names it in every line."""
    stream = stream or sys.stderr
    shared = _shared_processors(process)
    render = _renderer(style, colors=stream.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _first_line, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    # rq writes several lines for every job, and a job is only a bell.
    logging.getLogger("rq").setLevel(max(number, logging.WARNING))


class AccessLogger(AbstractAccessLogger):
    """One line per request, without its query string. Give it to aiohttp as access_log_class."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        _log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status,
            bytes=response.body_length,
            ms=round(time * 1000, 1),
        )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    _log.critical("uncaught_exception", exc_info=(kind, error, traceback))


def _shared_processors(process: str) -> list[Processor]:
    def name_process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**event, "process": process} if process else event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        name_process,
        _outline_exception,
        mask_personal,
    ]


def _renderer(style: str, *, colors: bool) -> list[Processor]:
    if style == "text":
        return [structlog.dev.ConsoleRenderer(colors=colors)]
    return [_lead, structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]


def _lead(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**{key: event[key] for key in ("time", "level", "event")}, **event}


def mask_personal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask fields that are personal by name, and phones and query strings in every text."""
    return _masked_fields(event)


def _masked_fields(fields: Mapping[Any, Any]) -> MutableMapping[Any, Any]:
    return {key: MASK if key in _PERSONAL else _masked(value) for key, value in fields.items()}


def _masked(value: object) -> object:
    match value:
        case str():
            return _PHONE.sub(MASK, _QUERY.sub(r"\1?" + MASK, value))
        case Mapping():
            return _masked_fields(value)
        case list() | tuple() | set() | frozenset():
            return [_masked(each) for each in value]
        case None | bool() | int() | float():
            return value
        case _:
            return _masked(str(value))


def _first_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Later lines of a library's message may show values, such as the repr of a failed task."""
    line, *_rest = str(event["event"]).splitlines() or [""]
    return {**event, "event": line[:_LONGEST_FOREIGN_LINE]}


def _outline_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Types and places instead of a traceback: messages of PostgreSQL quote rows."""
    given = event.pop("exc_info", None)
    error = _given_exception(given)
    return {**event, "exception": "; then ".join(_outline(error))} if error else event


def _given_exception(given: object) -> BaseException | None:
    match given:
        case BaseException():
            return given
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exception()
    return None


def _outline(error: BaseException) -> list[str]:
    """The chain from the first cause to the error, each with the place where it was raised."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    said = f": {error}" if isinstance(error, BaotinError) else ""
    kind = type(error)
    line = f"{kind.__module__}.{kind.__qualname__}{said} at {_places(error.__traceback__)}"
    return [*(_outline(cause) if cause else []), line]


def _places(traceback: TracebackType | None) -> str:
    places = []
    while traceback:
        code = traceback.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return " > ".join(places[-8:]) or "nowhere"
