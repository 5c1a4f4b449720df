"""Whatever goes wrong is answered as an RFC 9457 problem, and says nothing it should not."""

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.errors import LedgerUnavailable
from gateway.intake.problems import FieldProblem, ProblemCode, Refusal, refused
from gateway.web.answers import Problem, answer, errors_become_problems, problem

SECRET = "Nguyễn Thị Minh Ánh 0984 765 321"


async def _answered(error: Exception) -> web.Response:
    """What a caller hears when a handler raises this."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        raise error

    response = await errors_become_problems(make_mocked_request("POST", "/v1/events"), handler)
    assert isinstance(response, web.Response)
    return response


def _body(response: web.Response) -> dict[str, Any]:
    assert isinstance(response.body, bytes)
    found: dict[str, Any] = json.loads(response.body)
    return found


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (409, "Conflict"),
        (413, "Content Too Large"),
        (415, "Unsupported Media Type"),
        (422, "Unprocessable Content"),
        (429, "Too Many Requests"),
        (500, "Internal Server Error"),
        (503, "Service Unavailable"),
    ],
)
async def test_a_problem_has_the_fields_of_the_standard(status: int, title: str) -> None:
    response = await _answered(problem(status, "a_word", "Do this.", {"X-Told": "yes"}))
    assert response.status == status
    assert response.content_type == "application/problem+json"
    assert response.headers["X-Told"] == "yes"
    assert _body(response) == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": "a_word",
        "detail": "Do this.",
    }


async def test_each_wrong_field_is_named() -> None:
    wrong = FieldProblem(pointer="/data/unit", code="unknown_unit", detail="Correct it.")
    refusal = Refusal(status=422, code="unknown_unit", detail="Correct it.", errors=(wrong,))
    assert _body(await _answered(Problem(refusal)))["errors"] == [
        {"pointer": "/data/unit", "code": "unknown_unit", "detail": "Correct it."}
    ]


async def test_a_request_that_intake_refuses_keeps_its_word() -> None:
    response = await _answered(refused(400, ProblemCode.NOT_JSON, "Send JSON."))
    assert (response.status, _body(response)["code"]) == (400, "not_json")


async def test_a_ledger_that_is_away_promises_nothing_and_says_when_to_come_back() -> None:
    response = await _answered(LedgerUnavailable())
    assert (response.status, _body(response)["code"]) == (503, "ledger_unavailable")
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(web.HTTPNotFound(), 404, "not_found", id="no-such-address"),
        pytest.param(
            web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]), 405, "method_not_allowed", id="method"
        ),
        pytest.param(
            web.HTTPRequestEntityTooLarge(max_size=10, actual_size=11), 413, "too_large", id="size"
        ),
        pytest.param(web.HTTPBadRequest(text=SECRET), 400, "bad_request", id="bad-request"),
    ],
)
async def test_what_the_server_itself_refuses_is_a_problem_too(
    error: web.HTTPException, status: int, code: str
) -> None:
    response = await _answered(error)
    assert (response.status, _body(response)["code"]) == (status, code)
    assert SECRET not in json.dumps(_body(response), ensure_ascii=False)


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    response = await _answered(web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]))
    assert response.headers["Allow"] == "GET,POST"


async def test_an_error_nobody_thought_of_says_nothing_about_anybody() -> None:
    response = await _answered(KeyError(SECRET))
    assert (response.status, _body(response)["code"]) == (500, "internal_error")
    assert SECRET not in json.dumps(_body(response), ensure_ascii=False)


async def test_a_redirect_is_no_problem() -> None:
    with pytest.raises(web.HTTPFound):
        await _answered(web.HTTPFound("/docs"))


async def test_what_went_well_is_passed_on() -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return answer(202, {"người": "Ánh"})

    response = await errors_become_problems(make_mocked_request("GET", "/"), handler)
    assert isinstance(response, web.Response)
    assert (response.status, response.content_type) == (202, "application/json")
    assert response.body == '{"người":"Ánh"}'.encode()
