"""An invented centre, its desk, and an event about one dossier, with what may be said of it."""

from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from typing import Any

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory, OpeningHours, PickupPoint, RouteStep, Unit
from gateway.domain.dossier import (
    Details,
    DossierEvent,
    EventKind,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.domain.hours import Calendar
from gateway.rendering.facts import Facts, Surroundings, facts_of
from gateway.rendering.procedures import Procedures

HANOI = timezone(timedelta(hours=7))
FRIDAY_EVENING = datetime(2024, 11, 22, 18, 30, tzinfo=HANOI)
FRIDAY_MORNING = datetime(2024, 11, 22, 9, 0, tzinfo=HANOI)

CENTRE = Unit(
    code="H10.12",
    name="Trung tâm Phục vụ hành chính công huyện Bù Đốp",
    short_name="Trung tâm HCC huyện Bù Đốp",
    verify_phone="0271 3568 123",
    pickup_point="bu-dop",
    route=(RouteStep(channel=Channel.SMS, pool="sms"),),
)
DESK = PickupPoint(
    code="bu-dop",
    name="Trung tâm Phục vụ hành chính công huyện Bù Đốp",
    address="đường Lê Hồng Phong, thị trấn Thanh Bình",
    hours=(
        OpeningHours(opens=time(7), closes=time(11, 30)),
        OpeningHours(opens=time(13, 30), closes=time(17)),
    ),
)
POST_OFFICE = PickupPoint(
    code="buu-dien",
    name="Bưu điện Thanh Hòa",
    address="ấp 7, xã Thanh Hòa",
    phone="0271 3560 000",
    hours=(OpeningHours(days=(6,), opens=time(8), closes=time(11)),),
)
AROUND = Surroundings(
    directory=Directory(
        revision=1,
        units={CENTRE.code: CENTRE},
        pickup_points={DESK.code: DESK, POST_OFFICE.code: POST_OFFICE},
    ),
    calendar=Calendar(),
    procedures=Procedures.of(codes=["1.002835"], names=["Cấp đổi giấy phép lái xe"]),
)
MINH_ANH = Party(name="NGUYỄN THỊ MINH  ÁNH")
SAO_MAI = Party(name="Công ty TNHH Sao Mai Xanh", kind=PersonKind.ORGANISATION)
READY = DossierEvent(
    event_id="e-1",
    source_uri="/h10/igate",
    kind=EventKind.RESULT_READY,
    occurred_at=FRIDAY_MORNING,
    dossier_code="000.00.12.H10-241105-0001",
    procedure_code="9.999999",
    procedure_name="Đăng ký nhận con nuôi",
    received_at=datetime(2024, 11, 5, 8, 30, tzinfo=HANOI),
    due_at=datetime(2024, 11, 21, 17, 0, tzinfo=HANOI),
    applicant=MINH_ANH,
    authorised=None,
    unit="H10.12",
    pickup=Pickup(point="bu-dop"),
    return_by=ReturnBy.DESK,
    language="vi",
    details=Details(),
    again=False,
)


def facts_about(
    *,
    now: datetime = FRIDAY_EVENING,
    around: Surroundings = AROUND,
    addressee: Party | None = None,
    **changes: Any,
) -> Facts:
    """Facts of `READY` with the given fields changed, as of a Friday evening."""
    event = replace(READY, **changes)
    written_to = addressee or event.authorised or event.applicant
    return facts_of(event, written_to, around, now)
