"""The simulated eSMS, from its documentation: developers.esms.vn."""

import asyncio

import pytest
from sandbox_site import SEND, Site


async def test_a_right_request_is_accepted_under_an_id(site: Site) -> None:
    answer = await site.esms()
    assert answer["CodeResult"] == "100"
    assert answer["SMSID"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"ApiKey": "other"}, "101", id="unknown key"),
        pytest.param({"SecretKey": "other"}, "101", id="wrong secret"),
        pytest.param({"SecretKey": None}, "101", id="no secret"),
        pytest.param({"Brandname": "OTHER"}, "104", id="unregistered brandname"),
        pytest.param({"Phone": "842713568123"}, "108", id="landline"),
        pytest.param({"Phone": "+84984765321"}, "108", id="phone with plus"),
        pytest.param({"Phone": "0984765321,0984765322"}, "163", id="two phones"),
        pytest.param({"SmsType": "1"}, "118", id="another type"),
        pytest.param({"Content": None}, "110", id="no text"),
        pytest.param({"Content": "Hồ sơ"}, "110", id="accents declared plain"),
        pytest.param({"IsUnicode": 0}, "110", id="a number in place of text"),
        pytest.param({"RequestId": "x" * 51}, "110", id="reference too long"),
        pytest.param({"CallbackURL": "http://x"}, "110", id="unknown field"),
    ],
)
async def test_a_wrong_request_is_refused_with_its_code(
    site: Site, changes: dict[str, object], code: str
) -> None:
    answer = await site.esms(**changes)
    assert answer["CodeResult"] == code
    assert await site.rows() == []


async def test_a_body_that_is_not_json_is_refused(site: Site) -> None:
    answer = await site.post(SEND, data=b"ApiKey=key")
    assert answer["CodeResult"] == "110"


async def test_a_repeated_request_id_is_named_as_such_and_not_sent_again(site: Site) -> None:
    first = await site.esms()
    again = await site.esms()
    assert (again["CodeResult"], again["SMSID"]) == ("124", first["SMSID"])
    assert again["SendStatus"] in ("2", "5", "7")
    row = await site.row()
    assert (row["submissions"], row["taken"], row["delivered"]) == (2, 1, 1)


async def test_of_two_equal_requests_at_once_one_is_taken(site: Site) -> None:
    await site.post("/control", json={"account": "esms", "latency_ms": 50})
    answers = await asyncio.gather(site.esms(), site.esms())
    assert sorted(one["CodeResult"] for one in answers) == ["100", "124"]


async def test_without_a_request_id_the_same_text_is_sent_twice(site: Site) -> None:
    await site.esms(RequestId=None)
    await site.esms(RequestId=None)
    assert len(await site.rows()) == 2


async def test_a_message_in_their_sandbox_reaches_nobody(site: Site) -> None:
    assert (await site.esms(Sandbox="1"))["CodeResult"] == "100"
    assert await site.rows() == []


async def test_the_report_is_a_get_of_the_address_that_was_given(site: Site) -> None:
    sent = await site.esms(CallbackUrl=f"{site.listener.url}/receipts/esms/door?unit=H10")
    report = await site.listener.next()
    assert report.method == "GET"
    assert dict(report.query) == {
        "unit": "H10",
        "SMSID": sent["SMSID"],
        "SendStatus": "5",
        "SendSuccess": "1",
        "SendFailed": "0",
        "TotalReceiver": "1",
        "TotalSent": "1",
        "TotalPrice": "800.0000",
        "RequestId": "request-1",
        "TypeId": "2",
        "telcoid": "1",
        "phonenumber": "0984765321",
        "switchsmsid": "",
    }


async def test_a_report_that_is_not_answered_well_is_repeated(site: Site) -> None:
    site.listener.statuses = [503, 500]
    await site.esms()
    reports = [await site.listener.next() for _ in range(3)]
    assert len({report.url for report in reports}) == 1
    assert await site.listener.silent()


async def test_a_report_is_given_up_after_five_tries(site: Site) -> None:
    site.listener.statuses = [503] * 9
    await site.esms()
    for _ in range(5):
        await site.listener.next()
    assert await site.listener.silent()


async def test_the_status_tells_the_way_and_the_end(site: Site) -> None:
    await site.post("/control", json={"account": "esms", "receipt_delay_ms": 300})
    sent = await site.esms()
    assert (await site.esms_status(sent["SMSID"]))["SendStatus"] == 2
    await site.listener.next()
    status = await site.esms_status(sent["SMSID"])
    assert (status["CodeResponse"], status["SendStatus"]) == ("100", 5)
    assert (status["SendSuccess"], status["SendFailed"]) == (1, 0)


async def test_the_status_of_an_unknown_id_is_105(site: Site) -> None:
    assert (await site.esms_status("nobody"))["CodeResponse"] == "105"


async def test_each_receiver_is_listed_with_its_result(site: Site) -> None:
    sent = await site.esms(Phone="84900000010")
    await site.listener.next()
    query = {"RefId": sent["SMSID"], "ApiKey": "key", "SecretKey": "secret"}
    path = "/esms/MainService.svc/json/GetSmsReceiverStatus_get"
    (receiver,) = (await site.get(path, params=query))["ReceiverList"]
    assert (receiver["Phone"], receiver["SentResult"]) == ("0900000010", False)
