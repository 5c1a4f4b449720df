"""The rules for one event: what is taken, what is refused, and in which words."""

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from gateway.domain.dossier import (
    Details,
    DossierEvent,
    EventKind,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.intake.events import read_event
from gateway.intake.models import DossierCloudEvent
from gateway.intake.problems import ProblemCode

SAMPLE = Path(__file__).parents[2] / "data" / "result_ready.json"
VIETNAM = timezone(timedelta(hours=7))


def minimal() -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "/s",
        "type": "vn.dossier.result-ready",
        "data": {"dossier": {"code": "A-1"}, "applicant": {"name": "Nguyễn Văn An"}, "unit": "u"},
    }


ABSENT = object()


def posted(changes: dict[str, Any]) -> dict[str, Any]:
    """The minimal event with the values at some paths (`data.unit`) put in or taken out."""
    event = minimal()
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = event
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
    return event


def taken(changes: dict[str, Any]) -> DossierEvent:
    event = read_event(posted(changes))
    assert isinstance(event, DossierEvent)
    return event


def problems(changes: dict[str, Any]) -> list[tuple[str, str]]:
    found = read_event(posted(changes))
    assert isinstance(found, list)
    return [(problem.pointer, problem.code) for problem in found]


def test_the_sample_event_is_read_as_it_was_meant() -> None:
    assert read_event(json.loads(SAMPLE.read_bytes())) == DossierEvent(
        event_id="igate-000.00.12.H10-241105-0001-9",
        source_uri="/h10/bu-dop/igate",
        kind=EventKind.RESULT_READY,
        occurred_at=datetime(2024, 11, 20, 9, 30, tzinfo=VIETNAM),
        dossier_code="000.00.12.H10-241105-0001",
        procedure_code="1.002835",
        procedure_name="Đổi giấy phép lái xe do ngành Giao thông vận tải cấp",
        received_at=datetime(2024, 11, 5, 8, 30, tzinfo=VIETNAM),
        due_at=datetime(2024, 11, 21, 17, 0, tzinfo=VIETNAM),
        applicant=Party(name="NGUYỄN THỊ MINH ÁNH", phones=("0984 765 321",)),
        authorised=None,
        unit="H10.12",
        pickup=Pickup(point="bu-dop"),
        return_by=ReturnBy.DESK,
        language="vi",
        details=Details(),
        again=False,
    )


def test_what_may_be_absent_has_a_default() -> None:
    assert taken({}) == DossierEvent(
        event_id="1",
        source_uri="/s",
        kind=EventKind.RESULT_READY,
        occurred_at=None,
        dossier_code="A-1",
        procedure_code=None,
        procedure_name=None,
        received_at=None,
        due_at=None,
        applicant=Party(name="Nguyễn Văn An", kind=PersonKind.PERSON, phones=()),
        authorised=None,
        unit="u",
        pickup=Pickup(),
        return_by=ReturnBy.DESK,
        language="vi",
        details=Details(),
        again=False,
    )


@pytest.mark.parametrize(
    "path",
    [
        "time",
        "data.authorised",
        "data.pickup",
        "data.return_by",
        "data.language",
        "data.details",
        "data.again",
        "data.dossier.procedure",
        "data.dossier.due_at",
        "data.applicant.kind",
        "data.applicant.phones",
        "data.details.items",
        "data.details.amount_vnd",
    ],
)
def test_null_means_absent(path: str) -> None:
    assert taken({path: None}) == taken({})


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_has_its_type(kind: EventKind) -> None:
    changes = {"type": f"vn.dossier.{kind}", "data.details.corrects": "other-event"}
    assert taken(changes).kind is kind


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("2024-11-21T17:00:00+07:00", (2024, 11, 21, 10, 0, 0), id="local offset"),
        pytest.param("2024-11-21T10:00:00Z", (2024, 11, 21, 10, 0, 0), id="UTC"),
        pytest.param("2024-11-21T17:00:00", (2024, 11, 21, 10, 0, 0), id="no zone: Vietnam"),
        pytest.param("2024-11-21 17:00:00", (2024, 11, 21, 10, 0, 0), id="a space for the T"),
        pytest.param("2024-11-21t10:00:00z", (2024, 11, 21, 10, 0, 0), id="small letters"),
        pytest.param("2024-11-21T17:00:00.9", (2024, 11, 21, 10, 0, 0, 900_000), id="a fraction"),
    ],
)
def test_times_are_read_with_vietnam_as_the_zone_not_named(
    written: str, meant: tuple[int, ...]
) -> None:
    due_at = taken({"data.dossier.due_at": written}).due_at
    assert due_at is not None
    assert due_at.tzinfo is not None
    assert due_at == datetime(*meant, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("2024-11-21", id="only a date"),
        pytest.param("20241121170000", id="digits only"),
        pytest.param("21/11/2024 17:00:00", id="day first"),
        pytest.param("2024-02-30T17:00:00+07:00", id="a day that does not exist"),
        pytest.param("2024-11-21T25:00:00+07:00", id="an hour that does not exist"),
        pytest.param("2024-11-21T17:00:00+0700", id="offset without a colon"),
        pytest.param("0001-01-01T00:00:00", id="the year 1"),
        pytest.param("9999-12-31T23:59:59", id="the year 9999"),
        pytest.param("２０２４-11-21T17:00:00", id="full-width digits"),
        pytest.param("1732183200", id="seconds since 1970 as text"),
    ],
)
def test_other_times_are_refused(written: str) -> None:
    changes = {"data.dossier.due_at": written}
    assert problems(changes) == [("/data/dossier/due_at", "bad_time")]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        pytest.param({"data": ABSENT}, "/data", "missing", id="no data"),
        pytest.param({"data": "text"}, "/data", "wrong_type", id="data is a text"),
        pytest.param({"type": "vn.dossier.lost"}, "/type", "unknown_type", id="type not ours"),
        pytest.param({"type": 9}, "/type", "unknown_type", id="type is a number"),
        pytest.param({"id": ""}, "/id", "blank", id="empty id"),
        pytest.param({"id": "x" * 257}, "/id", "too_long", id="long id"),
        pytest.param({"specversion": "0.3"}, "/specversion", "unknown_value", id="old version"),
        pytest.param({"time": 1732183200}, "/time", "wrong_type", id="time is a number"),
        pytest.param(
            {"datacontenttype": "text/xml"}, "/datacontenttype", "wrong_format", id="XML data"
        ),
        pytest.param({"data.unit": ABSENT}, "/data/unit", "missing", id="no unit"),
        pytest.param({"data.unit": "  "}, "/data/unit", "blank", id="blank unit"),
        pytest.param(
            {"data.dossier.code": "x" * 65}, "/data/dossier/code", "too_long", id="long code"
        ),
        pytest.param(
            {"data.dossier.code": 241105}, "/data/dossier/code", "wrong_type", id="code a number"
        ),
        pytest.param(
            {"data.applicant.name": ABSENT}, "/data/applicant/name", "missing", id="no name"
        ),
        pytest.param(
            {"data.applicant.name": "x" * 501}, "/data/applicant/name", "too_long", id="long name"
        ),
        pytest.param(
            {"data.applicant.kind": "company"},
            "/data/applicant/kind",
            "unknown_value",
            id="unknown kind of person",
        ),
        pytest.param(
            {"data.applicant.phones": "0912345678"},
            "/data/applicant/phones",
            "wrong_type",
            id="phones as one text",
        ),
        pytest.param(
            {"data.applicant.phones": ["0912345678"] * 11},
            "/data/applicant/phones",
            "too_many",
            id="eleven phones",
        ),
        pytest.param(
            {"data.applicant.phones": ["0912345678", "1" * 101]},
            "/data/applicant/phones/1",
            "too_long",
            id="a long phone field",
        ),
        pytest.param(
            {"data.details.amount_vnd": "50000"},
            "/data/details/amount_vnd",
            "wrong_type",
            id="amount as text",
        ),
        pytest.param(
            {"data.details.amount_vnd": True},
            "/data/details/amount_vnd",
            "wrong_type",
            id="amount is true",
        ),
        pytest.param(
            {"data.details.amount_vnd": 50000.5},
            "/data/details/amount_vnd",
            "wrong_type",
            id="amount with a fraction",
        ),
        pytest.param(
            {"data.details.amount_vnd": -1},
            "/data/details/amount_vnd",
            "out_of_range",
            id="negative amount",
        ),
        pytest.param({"data.again": "yes"}, "/data/again", "wrong_type", id="again is a word"),
        pytest.param({"data.again": 1}, "/data/again", "wrong_type", id="again is a number"),
        pytest.param(
            {"data.return_by": "ship"}, "/data/return_by", "unknown_value", id="return by ship"
        ),
        pytest.param(
            {"data.language": "Vietnamese"}, "/data/language", "wrong_format", id="language a name"
        ),
        pytest.param(
            {"data.pickup": {"point": "p", "name": "n"}},
            "/data/pickup",
            "conflict",
            id="a point and a place",
        ),
        pytest.param(
            {"data.pickup": {"address": "a"}},
            "/data/pickup/name",
            "missing",
            id="an address without a name",
        ),
        pytest.param(
            {"type": "vn.dossier.correction"},
            "/data/details/corrects",
            "missing",
            id="a correction of nothing",
        ),
        pytest.param(
            {"data.applicant.name": "a\0b"},
            "/data/applicant/name",
            "unstorable",
            id="NUL in a name",
        ),
        pytest.param(
            {"data.extra": ["\ud800"]}, "/data/extra/0", "unstorable", id="surrogate in an extra"
        ),
    ],
)
def test_a_wrong_field_is_named_with_a_stable_word(
    changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert problems(changes) == [(pointer, code)]


def test_all_wrong_fields_are_named_at_once() -> None:
    changes = {"data.unit": ABSENT, "data.dossier.due_at": "soon", "data.applicant.phones": 9}
    assert set(problems(changes)) == {
        ("/data/unit", "missing"),
        ("/data/dossier/due_at", "bad_time"),
        ("/data/applicant/phones", "wrong_type"),
    }


def test_every_problem_has_a_known_code_and_a_sentence() -> None:
    found = read_event({"specversion": 1, "type": None, "data": {"dossier": [], "pickup": 1}})
    assert isinstance(found, list)
    for problem in found:
        assert problem.code in list(ProblemCode)
        assert problem.code != ProblemCode.INVALID
        assert problem.detail.endswith(".")


def test_a_problem_repeats_nothing_that_was_sent() -> None:
    name, phone = "Trần Thị Bưởi", "0912000111"
    found = read_event(
        posted(
            {
                "data.applicant.kind": name,
                "data.applicant.phones": phone,
                "data.dossier.due_at": phone,
                "data.language": name,
                "data.unit": name * 10,
            }
        )
    )
    assert isinstance(found, list)
    assert len(found) == 5
    assert not any(name in repr(problem) or phone in repr(problem) for problem in found)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        pytest.param({"data.applicant.phone": ["1"]}, "/data/applicant/phone", id="letter gone"),
        pytest.param({"data.applicant.phnoes": ["1"]}, "/data/applicant/phnoes", id="two swapped"),
        pytest.param({"data.dossier.dueAt": "x"}, "/data/dossier/dueAt", id="camel case"),
        pytest.param({"data.details.amount": 5}, "/data/details/amount", id="only the beginning"),
        pytest.param({"data.pickup.points": "x"}, "/data/pickup/points", id="letter too many"),
        pytest.param({"data.return-by": "post"}, "/data/return-by", id="another hyphen"),
    ],
)
def test_a_field_that_looks_like_a_slip_is_refused(changes: dict[str, Any], pointer: str) -> None:
    assert problems(changes) == [(pointer, "misspelt")]


@pytest.mark.parametrize(
    "path",
    [
        "data.email",
        "data.dossier.received_by",
        "data.dossier.id",
        "data.applicant.birthday",
        "data.applicant.nationality",
        "data.details.note",
        "subject",
        "traceparent",
    ],
)
def test_a_field_that_we_do_not_know_is_ignored(path: str) -> None:
    assert taken({path: "anything"}) == taken({})


def test_a_misspelt_field_beside_the_right_one_is_only_an_extra() -> None:
    changes = {"data.applicant.phones": ["1"], "data.applicant.phone": "2"}
    assert taken(changes).applicant.phones == ("1",)


def test_texts_are_composed_and_on_one_line() -> None:
    decomposed = normalize("NFD", " Điểu \n K'Rứ ")
    assert taken({"data.applicant.name": decomposed}).applicant.name == "Điểu K'Rứ"


def test_a_length_is_counted_in_composed_letters() -> None:
    name = normalize("NFD", "ễ" * 500)
    assert taken({"data.applicant.name": name}).applicant.name == "ễ" * 500


def test_phone_fields_stay_as_they_were_typed() -> None:
    typed = " +84 912 345 678 /  0271.3568.123"
    assert taken({"data.applicant.phones": [typed]}).applicant.phones == (typed,)


def test_a_name_may_be_unknown() -> None:
    assert taken({"data.applicant.name": None}).applicant.name == ""


def test_an_authorised_person_is_read() -> None:
    person = {"name": "Lê Văn Hai", "phones": ["0912345678"]}
    assert taken({"data.authorised": person}).authorised == Party(
        name="Lê Văn Hai", phones=("0912345678",)
    )


def test_an_empty_authorised_person_is_nobody() -> None:
    assert taken({"data.authorised": {"name": "", "phones": []}}).authorised is None


def test_a_whole_amount_may_be_written_with_a_point() -> None:
    assert taken({"data.details.amount_vnd": 50000.0}).details.amount_vnd == 50_000


def test_reading_leaves_the_posted_event_as_it_was() -> None:
    event = posted({"data.applicant.name": normalize("NFD", "Nguyễn  Văn An")})
    before = copy.deepcopy(event)
    read_event(event)
    assert event == before


def test_the_schema_names_every_type_and_every_field_of_the_contract() -> None:
    schema = DossierCloudEvent.model_json_schema()
    assert set(schema["properties"]["type"]["enum"]) == {k.cloudevents_type for k in EventKind}
    assert set(schema["$defs"]["DossierData"]["properties"]) == {
        "dossier",
        "applicant",
        "authorised",
        "unit",
        "pickup",
        "return_by",
        "language",
        "details",
        "again",
    }
    assert schema["$defs"]["Dossier"]["properties"]["due_at"]["anyOf"][0]["format"] == "date-time"
