"""Every request has a name, in its answer and in whatever it causes to be logged."""

import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.ledger.groups import GroupCommit
from gateway.logs import configure_logs
from gateway.web.answers import answer, errors_become_problems
from gateway.web.request_ids import name_requests

_log = structlog.get_logger()
_GROUPS = web.AppKey("groups", GroupCommit[str, str])
_ID = re.compile(r"req_[0-9a-f]{20}")


async def _write(items: Sequence[str]) -> list[str]:
    _log.info("written", items=len(items))
    return list(items)


async def _take(request: web.Request) -> web.Response:
    _log.info("taken")
    await request.app[_GROUPS].put("one")
    return answer(200, {})


async def _fail(_: web.Request) -> web.Response:
    raise RuntimeError


async def _move(_: web.Request) -> web.Response:
    raise web.HTTPFound("/take")


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application(middlewares=[name_requests, errors_become_problems])
    app[_GROUPS] = GroupCommit(_write, key=lambda item: item, largest=5)
    app.add_routes([web.get("/take", _take), web.get("/fail", _fail), web.get("/move", _move)])
    async with TestClient(TestServer(app)) as opened:
        yield opened


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    written = io.StringIO()
    configure_logs("info", stream=written)
    yield written
    root.handlers[:], root.level, sys.excepthook = before
    logging.captureWarnings(capture=False)
    logging.getLogger("rq").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def _lines(logs: io.StringIO) -> dict[str, dict[str, Any]]:
    return {line["event"]: line for line in map(json.loads, logs.getvalue().splitlines())}


async def test_what_a_request_logs_bears_the_id_of_its_answer(
    client: TestClient[Any, Any], logs: io.StringIO
) -> None:
    said = await client.get("/take")
    shown = said.headers["X-Request-Id"]
    assert _ID.fullmatch(shown)
    assert _lines(logs)["taken"]["request_id"] == shown


async def test_each_request_has_its_own_also_over_one_connection(
    client: TestClient[Any, Any],
) -> None:
    shown = [(await client.get("/take")).headers["X-Request-Id"] for _ in range(3)]
    assert len(set(shown)) == 3


async def test_what_is_written_for_many_bears_no_ones(
    client: TestClient[Any, Any], logs: io.StringIO
) -> None:
    await client.get("/take")
    assert "request_id" not in _lines(logs)["written"]


async def test_an_error_has_it_in_the_log_and_in_the_answer(
    client: TestClient[Any, Any], logs: io.StringIO
) -> None:
    said = await client.get("/fail")
    assert said.status == 500
    [line] = [one for one in _lines(logs).values() if one["level"] == "error"]
    assert line["request_id"] == said.headers["X-Request-Id"]


async def test_so_has_a_redirection(client: TestClient[Any, Any]) -> None:
    said = await client.get("/move", allow_redirects=False)
    assert _ID.fullmatch(said.headers["X-Request-Id"])


async def test_what_a_caller_calls_it_is_not_repeated(
    client: TestClient[Any, Any], logs: io.StringIO
) -> None:
    said = await client.get("/take", headers={"X-Request-Id": "Nguyen-Van-A"})
    assert "Nguyen" not in said.headers["X-Request-Id"] + logs.getvalue()
