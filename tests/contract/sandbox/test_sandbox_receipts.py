"""Which reports each fault makes, and what the provider's own books say meanwhile."""

import asyncio
import hashlib
import json

import pytest
from sandbox_site import APP_ID, OA_SECRET, TOKEN, Heard, Site

from gateway.sandbox.course import course, reaches_handset, word_after
from gateway.sandbox.faults import BEHAVIOURS, Fault
from gateway.sandbox.twilio_account import signature


def number(fault: Fault) -> str:
    return next(f"84900000{nnn}" for nnn, one in BEHAVIOURS.items() if one.fault is fault)


async def heard(site: Site, count: int) -> list[Heard]:
    reports = [await site.listener.next() for _ in range(count)]
    assert await site.listener.silent(0.1)
    return reports


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(Fault.NONE, ["sent", "delivered"], id="ordinary"),
        pytest.param(Fault.RECEIPT_FIRST, ["delivered"], id="before the answer"),
        pytest.param(Fault.RECEIPT_TWICE, ["sent", "delivered", "delivered"], id="twice"),
        pytest.param(Fault.RECEIPTS_SWAPPED, ["delivered", "sent"], id="out of order"),
        pytest.param(Fault.FAILED, ["sent", "undelivered"], id="failed"),
        pytest.param(
            Fault.FAILED_THEN_DELIVERED, ["sent", "undelivered", "delivered"], id="after all"
        ),
        pytest.param(Fault.RECEIPT_LATE, ["sent", "delivered"], id="late"),
        pytest.param(Fault.NO_RECEIPT, [], id="never"),
        pytest.param(Fault.RECEIPT_LOST, [], id="lost"),
    ],
)
async def test_twilio_reports_as_the_fault_demands(
    site: Site, fault: Fault, told: list[str]
) -> None:
    phone = "84984765321" if fault is Fault.NONE else number(fault)
    await site.twilio(To=f"+{phone}")
    reports = await heard(site, len(told))
    assert [report.form["MessageStatus"] for report in reports] == told


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(Fault.RECEIPTS_SWAPPED, [("5", "1"), ("7", "0")], id="out of order"),
        pytest.param(Fault.FAILED, [("5", "0")], id="failed"),
        pytest.param(Fault.FAILED_THEN_DELIVERED, [("5", "0"), ("5", "1")], id="after all"),
    ],
)
async def test_esms_reports_as_the_fault_demands(
    site: Site, fault: Fault, told: list[tuple[str, str]]
) -> None:
    await site.esms(Phone=number(fault))
    reports = [one.query for one in await heard(site, len(told))]
    assert [(one["SendStatus"], one["SendSuccess"]) for one in reports] == told


@pytest.mark.parametrize("fault", [Fault.FAILED, Fault.NO_RECEIPT, Fault.RECEIPT_LOST])
async def test_zalo_reports_nothing_but_arrivals(site: Site, fault: Fault) -> None:
    await site.zalo(phone=number(fault))
    assert await site.listener.silent()


async def test_a_report_may_come_before_the_answer(site: Site) -> None:
    await site.esms(Phone=number(Fault.RECEIPT_FIRST))
    assert not site.listener.heard.empty()


async def test_a_late_report_takes_its_time(site: Site) -> None:
    await site.esms(Phone=number(Fault.RECEIPT_LATE))
    assert await site.listener.silent(0.2)
    assert (await site.listener.next()).query["SendStatus"] == "5"


async def test_a_respelled_report_is_about_the_same_message(site: Site) -> None:
    phone = number(Fault.RECEIPT_RESPELLED)
    sms_id = (await site.esms(Phone=phone))["SMSID"]
    told = (await site.listener.next()).query["SMSID"]
    assert told != sms_id
    assert told.lower() == sms_id
    msg_id = (await site.zalo(phone=phone))["data"]["msg_id"]
    assert json.loads((await site.listener.next()).body)["message"]["msg_id"] == f"0{msg_id}"


async def test_an_unknown_report_comes_beside_the_true_one(site: Site) -> None:
    sms_id = (await site.esms(Phone=number(Fault.RECEIPT_UNKNOWN)))["SMSID"]
    unknown, true = (one.query for one in await heard(site, 2))
    assert unknown["SMSID"] != sms_id
    assert unknown["RequestId"] != "request-1"
    assert (true["SMSID"], true["RequestId"]) == (sms_id, "request-1")


async def test_an_unknown_report_of_twilio_does_not_carry_our_reference(site: Site) -> None:
    await site.twilio(To=f"+{number(Fault.RECEIPT_UNKNOWN)}")
    unknown, true = await heard(site, 2)
    assert ("ref" in unknown.query, "ref" in true.query) == (False, True)


async def test_a_forged_report_is_not_authentic_and_not_true(site: Site) -> None:
    phone = number(Fault.RECEIPT_FORGED)
    sms_id = (await site.esms(Phone=phone))["SMSID"]
    (report,) = await heard(site, 1)
    assert "/receipts/esms/0000" in report.url
    assert (await site.esms_status(sms_id))["SendStatus"] == 7
    assert (await site.row())["delivered"] == 0


async def test_forged_signatures_do_not_hold(site: Site) -> None:
    phone = number(Fault.RECEIPT_FORGED)
    await site.twilio(To=f"+{phone}")
    (report,) = await heard(site, 1)
    assert report.headers["X-Twilio-Signature"] != signature(TOKEN, report.url, report.form)
    await site.zalo(phone=phone)
    (event,) = await heard(site, 1)
    stamp = json.loads(event.body)["timestamp"]
    signed = APP_ID.encode() + event.body + stamp.encode() + OA_SECRET.encode()
    assert hashlib.sha256(signed).hexdigest() not in event.headers["X-ZEvent-Signature"]


async def test_an_account_may_send_no_receipts_and_still_tell_when_asked(site: Site) -> None:
    await site.post("/control", json={"account": "esms", "send_receipts": False})
    sms_id = (await site.esms())["SMSID"]
    assert await site.listener.silent()
    assert (await site.esms_status(sms_id))["SendSuccess"] == 1


async def test_many_reports_do_not_hold_up_the_answers(site: Site) -> None:
    await site.post("/control", json={"account": "esms", "receipt_delay_ms": 200})
    await asyncio.gather(*(site.esms(RequestId=f"request-{n}") for n in range(50)))
    assert site.listener.heard.empty()
    assert len({one.query["RequestId"] for one in await heard(site, 50)}) == 50


@pytest.mark.parametrize(
    ("fault", "elapsed_s", "word"),
    [
        (Fault.NONE, 0.0, None),
        (Fault.NONE, 0.5, "sent"),
        (Fault.NONE, 1.0, "delivered"),
        (Fault.NO_RECEIPT, 99.0, "sent"),
        (Fault.RECEIPT_LOST, 99.0, "delivered"),
        (Fault.RECEIPT_FORGED, 99.0, "sent"),
        (Fault.RECEIPT_LATE, 9.0, "sent"),
        (Fault.RECEIPT_LATE, 10.0, "delivered"),
        (Fault.FAILED_THEN_DELIVERED, 1.0, "failed"),
        (Fault.FAILED_THEN_DELIVERED, 99.0, "delivered"),
        (Fault.RECEIPTS_SWAPPED, 99.0, "delivered"),
        (Fault.FAILED, 99.0, "failed"),
    ],
)
def test_a_query_is_told_what_is_true_by_then(
    fault: Fault, elapsed_s: float, word: str | None
) -> None:
    assert word_after(course(fault, delay_s=1.0, late_s=10.0), elapsed_s) == word


def test_what_was_forged_or_failed_never_reached_the_person() -> None:
    missed = {fault for fault in Fault if not reaches_handset(course(fault, 1.0, 10.0))}
    assert missed == {Fault.RECEIPT_FORGED, Fault.FAILED}
