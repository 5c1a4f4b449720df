"""What a template may say: people, places, hours and sums as a letter writes them."""

import unicodedata
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
from bu_dop import (
    AROUND,
    CENTRE,
    FRIDAY_MORNING,
    HANOI,
    MINH_ANH,
    POST_OFFICE,
    SAO_MAI,
    facts_about,
)

from gateway.domain.directory import CalendarDay, Directory, OpeningHours, PickupPoint
from gateway.domain.dossier import Details, Party, PersonKind, Pickup, ReturnBy
from gateway.domain.hours import Calendar
from gateway.errors import DirectoryError
from gateway.rendering.phrases import written_week
from gateway.rendering.procedures import Procedures

DECOMPOSED = unicodedata.normalize("NFD", "Cấp đổi giấy phép lái xe")
ON_TUESDAY_AND_THURSDAY = OpeningHours(days=(2, 4), opens=time(8), closes=time(10))


def test_a_person_is_greeted_by_title_and_full_name() -> None:
    said = facts_about()
    assert (said.you, said.greeting) == ("Ông/Bà", "Ông/Bà Nguyễn Thị Minh Ánh")
    assert not said.organisation


def test_an_organisation_is_never_ong_ba() -> None:
    said = facts_about(applicant=SAO_MAI)
    assert (said.you, said.greeting) == ("Quý đơn vị", "Công ty TNHH Sao Mai Xanh")
    assert said.organisation


@pytest.mark.parametrize(
    ("kind", "greeting"),
    [(PersonKind.PERSON, "Ông/Bà"), (PersonKind.ORGANISATION, "Quý đơn vị")],
)
def test_without_a_name_the_form_of_address_remains(kind: PersonKind, greeting: str) -> None:
    assert facts_about(applicant=Party(name="  ", kind=kind)).greeting == greeting


def test_who_is_authorised_is_greeted_and_the_owner_named() -> None:
    said = facts_about(authorised=Party(name="Lê Văn Thử"))
    assert said.authorised
    assert (said.greeting, said.owner) == ("Ông/Bà Lê Văn Thử", "Ông/Bà Nguyễn Thị Minh Ánh")


def test_the_applicant_is_greeted_when_written_to_in_place_of_the_authorised() -> None:
    said = facts_about(authorised=Party(name="Lê Văn Thử"), addressee=MINH_ANH)
    assert not said.authorised
    assert said.greeting == said.owner == "Ông/Bà Nguyễn Thị Minh Ánh"


@pytest.mark.parametrize(
    ("code", "name", "printed"),
    [
        ("9.999999", "Đăng ký nhận con nuôi", ""),
        ("1.002835", "Đổi giấy phép lái xe", "Đổi giấy phép lái xe"),
        ("1.002835.000.00.00.H10", "Đổi giấy phép lái xe", "Đổi giấy phép lái xe"),
        (None, "cấp đổi  GIẤY PHÉP lái xe", "cấp đổi GIẤY PHÉP lái xe"),
        (None, DECOMPOSED, "Cấp đổi giấy phép lái xe"),
        ("1.00283", "Đăng ký kết hôn", ""),
        (None, None, ""),
    ],
    ids=["not-listed", "code", "local-suffix", "name", "nfd-name", "part-of-a-code", "none"],
)
def test_a_procedure_is_named_only_if_it_is_on_the_list(
    code: str | None, name: str | None, printed: str
) -> None:
    assert facts_about(procedure_code=code, procedure_name=name).procedure == printed


def test_the_next_opening_is_told_with_its_day_and_hours() -> None:
    said = facts_about()
    assert said.opening == "thứ Hai, 25/11/2024, 7:00–11:30"
    assert said.when == "từ thứ Hai, 25/11/2024 (7:00–11:30, 13:30–17:00)"
    assert not said.opens_today


def test_an_open_desk_is_open_today_with_the_hours_that_are_left() -> None:
    said = facts_about(now=datetime(2024, 11, 22, 12, 0, tzinfo=HANOI))
    assert said.opens_today
    assert said.when == "từ thứ Sáu, 22/11/2024 (13:30–17:00)"


def test_a_desk_open_at_this_moment_tells_the_whole_of_its_hours() -> None:
    assert facts_about(now=FRIDAY_MORNING).opening == "thứ Sáu, 22/11/2024, 7:00–11:30"


def test_a_closed_day_of_the_calendar_is_passed_over() -> None:
    monday = CalendarDay(code="2024-11-25", day=date(2024, 11, 25), works=False)
    around = replace(AROUND, calendar=Calendar.of([monday]))
    assert facts_about(around=around).opening_day == "thứ Ba, 26/11/2024"


def test_a_saturday_worked_in_exchange_keeps_the_hours_of_a_monday() -> None:
    saturday = CalendarDay(code="2024-11-23", day=date(2024, 11, 23), works=True)
    around = replace(AROUND, calendar=Calendar.of([saturday]))
    assert facts_about(around=around).when == "từ thứ Bảy, 23/11/2024 (7:00–11:30, 13:30–17:00)"


def test_the_place_is_the_point_the_event_names() -> None:
    said = facts_about(pickup=Pickup(point="buu-dien"))
    assert said.where == "Bưu điện Thanh Hòa, ấp 7, xã Thanh Hòa"
    assert said.place_phone == "0271 3560 000"
    assert said.opening == "thứ Bảy, 23/11/2024, 8:00–11:00"


def test_without_a_point_the_result_is_at_the_units_own() -> None:
    assert facts_about(pickup=Pickup()).address == "đường Lê Hồng Phong, thị trấn Thanh Bình"


def test_a_place_that_is_the_centre_is_not_named_twice() -> None:
    said = facts_about()
    assert said.where == "đường Lê Hồng Phong, thị trấn Thanh Bình"
    assert said.place.startswith("Trung tâm Phục vụ hành chính công huyện Bù Đốp, đường")


def test_a_place_spelled_out_keeps_the_hours_as_the_source_wrote_them() -> None:
    pickup = Pickup(name="UBND xã Thiện Hưng", address="thôn 1", hours="sáng thứ Ba hằng tuần")
    said = facts_about(pickup=pickup)
    assert said.where == "UBND xã Thiện Hưng, thôn 1"
    assert said.when == "trong giờ làm việc (sáng thứ Ba hằng tuần)"
    assert said.place_phone == CENTRE.verify_phone


def test_a_place_of_unknown_hours_is_open_in_working_hours() -> None:
    assert facts_about(pickup=Pickup(name="UBND xã Thiện Hưng")).when == "trong giờ làm việc"


def test_an_unknown_point_is_an_error_and_not_another_address() -> None:
    with pytest.raises(DirectoryError):
        facts_about(pickup=Pickup(point="cho-khac"))


def test_an_unknown_unit_is_an_error() -> None:
    with pytest.raises(DirectoryError):
        facts_about(unit="H99")


def test_a_unit_that_has_ended_is_named_by_its_successor() -> None:
    ended = CENTRE.model_copy(update={"valid_to": date(2024, 6, 30), "successor": "xa-thanh-hoa"})
    heir = CENTRE.model_copy(
        update={"code": "xa-thanh-hoa", "name": "Trung tâm Phục vụ hành chính công xã Thanh Hòa"}
    )
    directory = Directory(
        revision=2,
        units={ended.code: ended, heir.code: heir},
        pickup_points=AROUND.directory.pickup_points,
    )
    said = facts_about(around=replace(AROUND, directory=directory))
    assert said.centre == "Trung tâm Phục vụ hành chính công xã Thanh Hòa"


@pytest.mark.parametrize(
    ("amount_vnd", "fee"),
    [(50_000, "50.000 đồng"), (1_250_000, "1.250.000 đồng"), (0, ""), (None, "")],
)
def test_a_fee_is_written_as_money_or_not_at_all(amount_vnd: int | None, fee: str) -> None:
    assert facts_about(details=Details(amount_vnd=amount_vnd)).fee == fee


def test_dates_are_those_of_vietnam() -> None:
    late_in_utc = datetime.fromisoformat("2024-11-20T20:00:00+00:00")
    assert facts_about(due_at=late_in_utc).due_on == "21/11/2024"


def test_decomposed_letters_become_composed() -> None:
    decomposed = Party(name=unicodedata.normalize("NFD", "Nguyễn Thị Hường"))
    assert facts_about(applicant=decomposed).greeting == "Ông/Bà Nguyễn Thị Hường"


@pytest.mark.parametrize(
    "reason",
    ["xem tại http://lua-dao.example", "vào bit.ly/abc", "dichvucong.gov.vn", "www.xyz"],
)
def test_a_reason_with_a_link_is_left_out(reason: str) -> None:
    assert facts_about(details=Details(reason=reason)).reason == ""


@pytest.mark.parametrize(
    "reason", ["thiếu bản sao", "theo mẫu số 02.H10-2024", "nộp tại TP.Đồng Xoài", "v.v"]
)
def test_a_reason_that_only_has_dots_stays(reason: str) -> None:
    assert facts_about(details=Details(reason=reason)).reason == reason


def test_free_text_is_one_line_without_invisible_characters() -> None:
    details = Details(reason=" thiếu\n bản\u200b sao\x00. ", items=("Đơn;", " ", "Ảnh"))
    said = facts_about(details=details)
    assert said.reason == "thiếu bản sao"
    assert said.items == ("Đơn", "Ảnh")
    assert said.items_text == "Đơn; Ảnh"


def test_facts_show_nobody_in_their_repr() -> None:
    assert "Minh" not in repr(facts_about())


def test_a_result_by_post_says_so() -> None:
    assert facts_about(return_by=ReturnBy.POST).by_post


@pytest.mark.parametrize(
    ("hours", "week"),
    [
        (POST_OFFICE.hours, "thứ Bảy, 8:00–11:00"),
        (
            (
                OpeningHours(days=(1, 2, 3, 4, 5, 6), opens=time(7), closes=time(11, 30)),
                OpeningHours(opens=time(13, 30), closes=time(17)),
            ),
            "thứ Hai đến thứ Sáu, 7:00–11:30, 13:30–17:00; thứ Bảy, 7:00–11:30",
        ),
        ((ON_TUESDAY_AND_THURSDAY,), "thứ Ba, thứ Năm, 8:00–10:00"),
        ((OpeningHours(days=(7,), opens=time(8), closes=time(9, 5)),), "Chủ nhật, 8:00–9:05"),
        ((), ""),
    ],
    ids=["one-day", "saturday-mornings", "two-days-apart", "sunday", "unknown"],
)
def test_a_week_of_hours_is_summed_up(hours: tuple[OpeningHours, ...], week: str) -> None:
    assert written_week(hours) == week


def test_the_list_of_printable_procedures_is_read_from_a_file() -> None:
    listed = Procedures.load(Path(__file__).parents[3] / "config" / "procedures.toml")
    assert listed.named("1.002835", "Đổi bằng") == "Đổi bằng"
    assert listed.named("1.000894", "Đăng ký kết hôn") == ""


def test_a_point_without_hours_falls_back_to_working_hours() -> None:
    bare_point = PickupPoint(code="bu-dop", name="Bộ phận Một cửa", address="ấp 1")
    directory = Directory(
        revision=3, units={CENTRE.code: CENTRE}, pickup_points={"bu-dop": bare_point}
    )
    said = facts_about(around=replace(AROUND, directory=directory))
    assert (said.opening, said.when) == ("", "trong giờ làm việc")
