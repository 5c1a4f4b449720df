"""How the payloads of dossier systems become events."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.dossier import EventKind, Party, PersonKind, ReturnBy
from gateway.intake.digest import canonical
from gateway.intake.mapping import Faulty, Ignored, ItemAnswer, MappedEvent, Mapping
from gateway.intake.problems import FieldProblem, RequestRefused

ROOT = Path(__file__).parents[3]
VIETNAM = timezone(timedelta(hours=7))

NATIONAL = Mapping.from_toml(ROOT / "config/sources/dong-bo-ho-so-mc.toml")
BARE = Mapping.from_toml(ROOT / "config/sources/dong-bo-ho-so-mc-array.toml")
IGATE = Mapping.from_toml(ROOT / "config/sources/igate.toml")


def sample() -> dict[str, Any]:
    payload: dict[str, Any] = json.loads((ROOT / "tests/data/dong_bo_ho_so.json").read_bytes())
    return payload


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=VIETNAM)  # type: ignore[arg-type, misc]


def mapped(changes: dict[str, Any], *, dossier: int = 0) -> MappedEvent | Ignored | Faulty:
    """One dossier of the sample with some members changed."""
    payload = sample()
    payload["data"] = [{**payload["data"][dossier], **changes}]
    (result,) = NATIONAL.read(payload)
    return result


def event_of(changes: dict[str, Any], *, dossier: int = 0) -> MappedEvent:
    result = mapped(changes, dossier=dossier)
    assert isinstance(result, MappedEvent), result
    return result


def problems_of(changes: dict[str, Any], *, dossier: int = 0) -> list[tuple[str, str]]:
    result = mapped(changes, dossier=dossier)
    assert isinstance(result, Faulty)
    return [(problem.pointer, problem.code) for problem in result.problems]


EXPECTED = {
    "0001": (EventKind.RESULT_READY, "NGUYỄN THỊ MINH ÁNH", ("0984765321",)),
    "0002": (EventKind.RESULT_READY, "Điểu K'Rứ", ("01667 123 456",)),
    "0003": (EventKind.RESULT_READY, "Trần Văn Bình", ("+84 912 345 678 / 0271.3568.123",)),
    "0004": (
        EventKind.SUPPLEMENT_REQUIRED,
        "CÔNG TY TNHH MTV CAO SU PHÚ RIỀNG",
        ("0651 3777 111",),
    ),
    "0005": (EventKind.RESULT_READY, "Nguyễn Văn Ba", ("0912345678 (con gái)",)),
    "0006": (EventKind.RESULT_READY, "Lê Thị Hồng", ()),
    "0007": (EventKind.RETURNED, "Hoàng Văn Sáu", ("84972000111",)),
    "0008": (EventKind.FEE_DUE, "Phạm Quốc Dũng", ("O987654321",)),
    "0009": (EventKind.REFUSED, "Vũ Thị Lan", ("0999",)),
}


@pytest.fixture(scope="module")
def results() -> dict[str, MappedEvent | Ignored | Faulty]:
    return {result.code_ending: result for result in NATIONAL.read(sample())}


Results = dict[str, MappedEvent | Ignored | Faulty]


def test_the_dossiers_of_the_sample_keep_their_order() -> None:
    read = NATIONAL.read(sample())
    assert [result.position for result in read] == list(range(10))
    assert [result.code_ending for result in read] == [f"{n:04}" for n in range(1, 11)]


@pytest.mark.parametrize("ending", EXPECTED)
def test_a_dossier_of_the_sample_has_its_kind_name_and_phones(
    results: Results, ending: str
) -> None:
    result = results[ending]
    assert isinstance(result, MappedEvent)
    kind, name, phones = EXPECTED[ending]
    assert result.event.kind is kind
    assert result.event.applicant.name == name
    assert result.event.applicant.phones == phones


def test_a_dossier_in_progress_is_ignored(results: Results) -> None:
    assert results["0010"] == Ignored(
        position=9, dossier_code="000.00.12.H10-241108-0010", status="4", listed=True
    )


@pytest.mark.parametrize(
    ("ending", "read", "expected"),
    [
        pytest.param("0003", lambda e: e.return_by, ReturnBy.POST, id="return by post"),
        pytest.param("0001", lambda e: e.return_by, ReturnBy.DESK, id="return at the desk"),
        pytest.param("0003", lambda e: e.details.amount_vnd, 50_000, id="fee on return"),
        pytest.param("0008", lambda e: e.details.amount_vnd, 135_000, id="fee that is due"),
        pytest.param("0001", lambda e: e.details.amount_vnd, None, id="no fee"),
        pytest.param(
            "0004", lambda e: e.applicant.kind, PersonKind.ORGANISATION, id="an organisation"
        ),
        pytest.param("0001", lambda e: e.applicant.kind, PersonKind.PERSON, id="a person"),
        pytest.param(
            "0004",
            lambda e: e.details.reason,
            "Bản sao giấy chứng nhận quyền sử dụng đất",
            id="what is to be supplemented",
        ),
        pytest.param(
            "0004", lambda e: e.details.new_due_at, at(2024, 12, 13, 17), id="new date promised"
        ),
        pytest.param("0004", lambda e: e.due_at, at(2024, 12, 6, 17), id="first date promised"),
        pytest.param(
            "0009", lambda e: e.due_at, at(2024, 11, 22, 17), id="date in the other format"
        ),
        pytest.param("0001", lambda e: e.received_at, at(2024, 11, 5, 8, 30), id="received"),
        pytest.param("0001", lambda e: e.occurred_at, at(2024, 11, 20, 9, 30), id="finished"),
        pytest.param("0004", lambda e: e.occurred_at, at(2024, 11, 10, 9), id="asked"),
        pytest.param("0007", lambda e: e.occurred_at, at(2024, 11, 21, 9, 30), id="returned"),
        pytest.param("0008", lambda e: e.occurred_at, None, id="fee due: no time is sent"),
        pytest.param("0009", lambda e: e.occurred_at, at(2024, 11, 9, 8), id="refused"),
        pytest.param("0002", lambda e: e.unit, "000.00.12.H10", id="unit of the envelope"),
        pytest.param("0002", lambda e: e.procedure_code, "1.001612.000.00.00.H10", id="procedure"),
        pytest.param("0001", lambda e: e.authorised, None, id="nobody authorised"),
    ],
)
def test_a_dossier_of_the_sample_is_read_in_full(
    results: Results, ending: str, read: Callable[[Any], Any], expected: Any
) -> None:
    result = results[ending]
    assert isinstance(result, MappedEvent)
    assert read(result.event) == expected


@pytest.mark.parametrize(
    ("ending", "event_id"),
    [
        ("0001", "000.00.12.H10-241105-0001.result-ready.20241120093000"),
        ("0004", "000.00.12.H10-241106-0004.supplement-required.20241110090000"),
        ("0007", "000.00.12.H10-241107-0007.returned.20241121093000"),
        ("0008", "000.00.12.H10-241108-0008.fee-due.135000"),
        ("0009", "000.00.12.H10-241108-0009.refused.20241109080000"),
    ],
)
def test_the_event_id_is_code_kind_and_occurrence(
    results: Results, ending: str, event_id: str
) -> None:
    result = results[ending]
    assert isinstance(result, MappedEvent)
    assert result.event.event_id == event_id


def test_a_repeat_has_the_same_id_and_the_same_content() -> None:
    one, other = event_of({}), event_of({})
    assert one.event.event_id == other.event.event_id
    assert canonical(one.raw["type"], one.raw["data"]) == canonical(
        other.raw["type"], other.raw["data"]
    )


def test_a_repeat_in_another_date_format_has_the_same_id() -> None:
    other = event_of({"NgayKetThucXuLy": "2024-11-20T09:30:00"})
    assert other.event.event_id == event_of({}).event.event_id


def test_a_repeat_with_another_phone_has_the_same_id_and_other_content() -> None:
    one, other = event_of({}), event_of({"SoDienThoai": "0912345678"})
    assert one.event.event_id == other.event.event_id
    assert one.raw["data"] != other.raw["data"]


def test_members_that_are_not_mapped_do_not_change_the_content() -> None:
    assert event_of({"GhiChu": "x", "Email": "a@example.vn"}).raw == event_of({}).raw


def test_a_result_found_again_later_is_another_event() -> None:
    again = event_of({"NgayKetThucXuLy": "20241203140000"})
    assert again.event.event_id != event_of({}).event.event_id


def test_numbers_may_travel_as_numbers() -> None:
    as_numbers = event_of(
        {"TrangThaiHoSo": 9, "HinhThuc": 1, "LoaiDoiTuong": 2, "NgayHenTra": 20241121170000}
    ).event
    assert as_numbers.kind is EventKind.RESULT_READY
    assert as_numbers.return_by is ReturnBy.POST
    assert as_numbers.applicant.kind is PersonKind.ORGANISATION
    assert as_numbers.due_at == at(2024, 11, 21, 17)


@pytest.mark.parametrize(
    ("fees", "on_return", "due"),
    [
        pytest.param([], None, None, id="no fees"),
        pytest.param(None, None, None, id="null"),
        pytest.param([("1", "20000", None), ("4", "50000", None)], 50_000, 70_000, id="two times"),
        pytest.param([(4, 30000, None), (4, 20000, None)], 50_000, 50_000, id="as numbers"),
        pytest.param([("4", "50000", "1"), ("4", "7000", "0")], 7_000, 7_000, id="one is paid"),
        pytest.param([("4", "", None), ("4", "0", None)], None, None, id="nothing to pay"),
    ],
)
def test_the_fee_told_is_the_one_to_be_paid_then(
    fees: list[tuple[Any, Any, Any]] | None, on_return: int | None, due: int | None
) -> None:
    listed = fees and [
        {"HinhThucThu": when, "Gia": price, "TrangThaiThanhToan": paid}
        for when, price, paid in fees
    ]
    ready = event_of({"DanhSachLePhi": listed, "TrangThaiHoSo": "9"})
    asked = event_of({"DanhSachLePhi": listed, "TrangThaiHoSo": "6"})
    assert ready.event.details.amount_vnd == on_return
    assert asked.event.details.amount_vnd == due


def supplement(asked_at: str, received_at: str, content: str) -> dict[str, Any]:
    return {
        "NgayBoSung": asked_at,
        "NgayTiepNhanBoSung": received_at,
        "NoiDungBoSung": content,
        "DanhSachGiayToBoSung": [{"TenGiayTo": f"Giấy {content}"}],
        "NgayHenTraMoi": "",
    }


def test_the_last_open_supplement_is_told_whatever_the_order_of_the_list() -> None:
    listed = [
        supplement("2024-11-12 09:00:00", "", "B"),
        supplement("20241110090000", "", "A"),
        supplement("20241115090000", "20241116090000", "C"),
    ]
    event = event_of({"DanhSachHoSoBoSung": listed}, dossier=3).event
    assert event.details.reason == "B"
    assert event.details.items == ("Giấy B",)
    assert event.details.new_due_at is None
    assert event.event_id.endswith(".supplement-required.20241112090000")


def test_a_supplement_that_is_no_longer_open_is_not_told() -> None:
    listed = [supplement("20241110090000", "20241111090000", "A")]
    event = event_of({"DanhSachHoSoBoSung": listed}, dossier=3).event
    assert event.details.reason is None


def test_the_supplement_is_told_only_where_one_is_required() -> None:
    listed = [supplement("20241110090000", "", "A")]
    assert event_of({"DanhSachHoSoBoSung": listed}).event.details.reason is None


@pytest.mark.parametrize("blank", ["", None, "00010101000000", "0001-01-01T00:00:00"])
def test_a_date_may_be_blank_in_several_ways(blank: str | None) -> None:
    assert event_of({"NgayHenTra": blank}).event.due_at is None


@pytest.mark.parametrize(
    ("status", "listed"), [("1", True), ("7", True), ("11", False), ("released", False)]
)
def test_states_that_nobody_is_told_about_are_ignored(status: str, listed: bool) -> None:
    result = mapped({"TrangThaiHoSo": status})
    assert isinstance(result, Ignored)
    assert (result.status, result.listed) == (status, listed)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"MaHoSo": ""}, ("/data/0/MaHoSo", "missing"), id="empty code"),
        pytest.param({"MaHoSo": ["x"]}, ("/data/0/MaHoSo", "wrong_type"), id="code a list"),
        pytest.param({"NgayHenTra": "soon"}, ("/data/0/NgayHenTra", "bad_time"), id="bad date"),
        pytest.param(
            {"SoDienThoai": "1" * 101}, ("/data/0/SoDienThoai", "too_long"), id="long phone"
        ),
        pytest.param({"ChuHoSo": "a\0"}, ("/data/0/ChuHoSo", "unstorable"), id="NUL in the name"),
        pytest.param({"TrangThaiHoSo": ""}, ("/data/0/TrangThaiHoSo", "missing"), id="no state"),
        pytest.param(
            {"DanhSachLePhi": [{"HinhThucThu": "4", "Gia": "free"}]},
            ("/data/0", "wrong_format"),
            id="price not a number",
        ),
    ],
)
def test_a_dossier_that_cannot_be_read_points_into_what_was_sent(
    changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert problems_of(changes) == [problem]


def test_a_missing_unit_points_to_the_envelope() -> None:
    payload = sample()
    del payload["madonvi"]
    result = NATIONAL.read(payload)[0]
    assert isinstance(result, Faulty)
    assert [(problem.pointer, problem.code) for problem in result.problems] == [
        ("/madonvi", "missing")
    ]


def test_one_faulty_dossier_leaves_the_others_as_they_are() -> None:
    payload = sample()
    payload["data"][1] = 7
    read = NATIONAL.read(payload)
    assert isinstance(read[1], Faulty)
    assert [type(result) for result in read].count(Faulty) == 1


def test_results_show_no_person() -> None:
    shown = repr(NATIONAL.read(sample()))
    assert "MINH ÁNH" not in shown
    assert "0984765321" not in shown


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"service": "CapNhatTienDoHoSoMC", "data": []}, id="another service"),
        pytest.param({"service": "DongBoHoSoMC"}, id="no list"),
        pytest.param({"service": "DongBoHoSoMC", "data": "x"}, id="a text for the list"),
        pytest.param([], id="the bare form"),
        pytest.param(None, id="null"),
    ],
)
def test_another_payload_is_refused_as_a_whole(payload: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        NATIONAL.read(payload)
    assert (refused.value.refusal.status, refused.value.refusal.code) == (422, "not_this_payload")


def test_more_than_500_dossiers_are_refused_at_once() -> None:
    payload = sample()
    payload["data"] = payload["data"][:1] * 501
    with pytest.raises(RequestRefused) as refused:
        NATIONAL.read(payload)
    assert refused.value.refusal.status == 413


def test_the_bare_form_gives_the_same_events_as_the_envelope() -> None:
    payload = sample()
    bare = BARE.read(copy.deepcopy(payload["data"]), {"MaDinhDanhDV": payload["madonvi"]})
    assert bare == NATIONAL.read(payload)


def test_an_igate_dossier_is_read() -> None:
    payload = json.loads((ROOT / "tests/data/igate.json").read_bytes())
    (result,) = IGATE.read(payload)
    assert isinstance(result, MappedEvent)
    event = result.event
    assert event.kind is EventKind.RESULT_READY
    assert event.event_id == "000.00.33.H48-220921-0099.result-ready.20220927151530"
    assert event.procedure_name == "Đăng ký thành lập hộ kinh doanh"
    assert event.applicant == Party(name="Chí Văn Phèo", phones=("+84912345678",))
    assert event.authorised == Party(name="Phạm Thị Nở", phones=("+84912345678",))
    assert event.unit == "000.00.33.H48"
    assert event.due_at == at(2022, 9, 28, 17)
    assert event.return_by is ReturnBy.DESK


def test_an_igate_owner_who_filed_is_written_to_directly() -> None:
    payload = json.loads((ROOT / "tests/data/igate.json").read_bytes())
    payload["applicant"]["data"]["ownerFullname"] = payload["applicant"]["data"]["fullname"]
    (result,) = IGATE.read([payload])
    assert isinstance(result, MappedEvent)
    assert result.event.authorised is None


def test_an_igate_dossier_just_registered_is_ignored() -> None:
    (result,) = IGATE.read({"code": "x", "dossierStatus": 0})
    assert isinstance(result, Ignored)


def answered(outcome: str) -> ItemAnswer:
    return ItemAnswer(
        position=0, dossier_code="A-1", outcome=outcome, notifications=("ntf_1",), detail="why"
    )


@pytest.mark.parametrize(
    ("outcomes", "error_code"),
    [
        pytest.param(["accepted", "repeated", "ignored"], "0", id="all taken"),
        pytest.param(["accepted", "refused"], "1", id="one refused"),
        pytest.param([], "0", id="none sent"),
    ],
)
def test_the_answer_has_the_shape_such_a_client_knows(outcomes: list[str], error_code: str) -> None:
    body = NATIONAL.answer([answered(outcome) for outcome in outcomes])
    assert body["error_code"] == error_code
    assert [entry["KetQua"] for entry in body["data"]] == outcomes


def test_the_answer_names_each_dossier() -> None:
    (entry,) = NATIONAL.answer([answered("accepted")])["data"]
    assert entry == {
        "MaHoSo": "A-1",
        "KetQua": "accepted",
        "ThayDoi": False,
        "ThongBao": ("ntf_1",),
        "MoTa": "why",
        "Loi": [],
    }


def test_the_answer_points_at_what_must_be_put_right() -> None:
    problem = FieldProblem(pointer="/data/0/NgayHenTra", code="bad_time", detail="Send a time.")
    refused = replace(answered("refused"), problems=(problem,))
    (entry,) = NATIONAL.answer([refused])["data"]
    assert entry["Loi"] == [
        {"pointer": "/data/0/NgayHenTra", "code": "bad_time", "detail": "Send a time."}
    ]


def test_a_problem_found_later_points_into_the_payload_as_it_was_sent() -> None:
    event = event_of({})
    later = FieldProblem(pointer="/data/unit", code="unknown_unit", detail="No such unit.")
    (problem,) = event.as_sent([later])
    assert problem.pointer == "/madonvi"
