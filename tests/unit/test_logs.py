import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.errors import BaotinError
from gateway.logs import AccessLogger, configure_logs

_log = structlog.get_logger()


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Logs as they are written, with the logging of the test run put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    written = io.StringIO()
    configure_logs("info", process="api", stream=written)
    yield written
    root.handlers[:], root.level, sys.excepthook = before
    logging.captureWarnings(capture=False)
    logging.getLogger("rq").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def only_line(logs: io.StringIO) -> dict[str, object]:
    (line,) = logs.getvalue().splitlines()
    written: dict[str, object] = json.loads(line)
    return written


def test_a_line_is_an_event_with_its_fields(logs: io.StringIO) -> None:
    _log.info("lane_rung", lane="sms/live", due=3)
    line = only_line(logs)
    assert line["time"]
    assert {key: line[key] for key in line if key != "time"} == {
        "level": "info",
        "event": "lane_rung",
        "process": "api",
        "lane": "sms/live",
        "due": 3,
    }


def test_what_is_below_the_level_is_not_written(logs: io.StringIO) -> None:
    _log.debug("detail")
    logging.getLogger("asyncpg").debug("detail")
    assert logs.getvalue() == ""


@pytest.mark.parametrize(
    "text",
    [
        "0984765321",
        "gọi 0984 765 321 nhé",
        "0984.765.321",
        "(0984) 765 321",
        "+84 (0) 984 765 321",
        "0984\u00a0765\u00a0321",
        "+84984765321",
        "(0084984765321)",
        "01234567890",
        "02713 666 777",
        "phone=84984765321;",
    ],
)
def test_a_phone_in_any_text_is_masked(logs: io.StringIO, text: str) -> None:
    _log.info("event", note=text, nested={"deep": [text]}, error=ValueError(text))
    logging.getLogger("library").warning("said %s", text)
    written = logs.getvalue()
    assert written.count("[masked]") == 4
    assert text not in written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ntf_01990123-4567-7890-8123-012345678901", id="an id"),
        pytest.param("000.00.12.H10-240521-0001", id="a dossier code"),
        pytest.param("2024-05-21T07:00:00Z", id="a time"),
        pytest.param("127.0.0.1:8080", id="an address"),
    ],
)
def test_what_only_looks_like_a_number_stays(logs: io.StringIO, text: str) -> None:
    _log.info("event", note=text)
    assert only_line(logs)["note"] == text


@pytest.mark.parametrize("field", ["name", "phone", "text", "payload", "api_key", "authorization"])
def test_a_field_that_is_personal_by_its_name_is_masked(logs: io.StringIO, field: str) -> None:
    _log.info("event", **{field: "Nguyễn Thị Minh Ánh"})
    assert only_line(logs)[field] == "[masked]"


def test_a_query_string_is_masked(logs: io.StringIO) -> None:
    logging.getLogger("aiohttp.client").warning("GET %s failed", "https://sms.test/send?to=x&u=y")
    assert only_line(logs)["event"] == "GET https://sms.test/send?[masked] failed"


def test_the_access_log_has_no_query_string(logs: io.StringIO) -> None:
    request = make_mocked_request("GET", "/v1/feed?after=12&name=Anh")
    AccessLogger(logging.getLogger(), "").log(request, web.Response(status=204), 0.0123)
    line = only_line(logs)
    assert (line["path"], line["status"], line["ms"]) == ("/v1/feed", 204, 12.3)
    assert "Anh" not in json.dumps(line)


def test_an_exception_shows_its_types_and_places_but_not_its_message(
    logs: io.StringIO,
) -> None:
    try:
        try:
            raise KeyError("Nguyễn Thị Minh Ánh")
        except KeyError as error:
            raise BaotinError("the row is gone") from error
    except BaotinError:
        _log.exception("step_failed")
    written = str(only_line(logs)["exception"])
    assert written.startswith("builtins.KeyError at test_logs.py:")
    assert "; then gateway.errors.BaotinError: the row is gone at test_logs.py:" in written
    assert "Ánh" not in written


def test_an_exception_that_nobody_caught_is_a_line_too(logs: io.StringIO) -> None:
    sys.excepthook(KeyError, KeyError("Ánh"), None)
    assert only_line(logs)["exception"] == "builtins.KeyError at nowhere"


def test_only_the_first_line_of_a_librarys_message_is_kept(
    logs: io.StringIO,
) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Ánh>")
    assert only_line(logs)["event"] == "Task exception was never retrieved"
