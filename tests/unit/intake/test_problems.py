"""The form of a problem as RFC 9457 has it."""

import json

from gateway.intake.problems import FieldProblem, Refusal, invalid_event, pointer_to, problem


def test_a_problem_is_a_json_object_with_a_stable_code() -> None:
    assert problem(409, "other_content", "Conflict", "Send another id.") == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "Send another id.",
        "code": "other_content",
    }


def test_field_problems_are_listed_with_pointer_code_and_sentence() -> None:
    field = FieldProblem(pointer="/data/unit", code="missing", detail="Add this field.")
    body = invalid_event([field]).body()
    assert (body["status"], body["title"]) == (422, "Unprocessable Content")
    assert body["errors"] == [
        {"pointer": "/data/unit", "code": "missing", "detail": "Add this field."}
    ]


def test_every_refusal_can_be_written_as_json() -> None:
    for status in (400, 413, 415, 422):
        json.dumps(Refusal(status=status, code="c", detail="d").body())


def test_a_pointer_escapes_what_rfc_6901_reserves() -> None:
    assert pointer_to("a/b", "c~d", 0) == "/a~1b/c~0d/0"
