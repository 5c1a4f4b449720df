"""What each fault does on the wire and in the books, seen with the simulated eSMS; and what is
particular to the others."""

import time
from typing import Any

import pytest
from aiohttp import ClientError, ClientTimeout
from sandbox_site import SEND, Site

from gateway.sandbox.faults import BEHAVIOURS, Fault, fault_of


def number(fault: Fault) -> str:
    return next(f"84900000{nnn}" for nnn, one in BEHAVIOURS.items() if one.fault is fault)


async def meeting(site: Site, fault: Fault, **changes: Any) -> tuple[int, str, bytes]:
    async with await site.esms_raw(Phone=number(fault), **changes) as answer:
        return answer.status, answer.content_type, await answer.read()


async def taken(site: Site) -> int:
    return (await site.get("/books?summary=1"))["taken"]


def test_every_fault_has_one_number() -> None:
    faults = [behaviour.fault for behaviour in BEHAVIOURS.values()]
    assert sorted(faults) == sorted(set(Fault) - {Fault.NONE})


@pytest.mark.parametrize(
    ("phone", "fault"),
    [
        pytest.param("84900000033", Fault.ERROR_500, id="with a meaning"),
        pytest.param("84900000999", None, id="without a meaning"),
        pytest.param("84984765033", None, id="of a person"),
    ],
)
def test_a_phone_number_asks_for_a_fault(phone: str, fault: Fault | None) -> None:
    assert fault_of(phone) is fault


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.ERROR_500, 500), (Fault.THROTTLED, 429), (Fault.THROTTLED_RETRY_AFTER, 429)],
)
async def test_a_refusal_by_status_takes_nothing(site: Site, fault: Fault, status: int) -> None:
    assert (await meeting(site, fault))[0] == status
    assert await taken(site) == 0


async def test_retry_after_is_said_only_where_it_should_be(site: Site) -> None:
    for fault, said in ((Fault.THROTTLED, None), (Fault.THROTTLED_RETRY_AFTER, "2")):
        async with await site.esms_raw(Phone=number(fault)) as answer:
            assert answer.headers.get("Retry-After") == said


async def test_an_error_that_happens_once_is_followed_by_success(site: Site) -> None:
    assert (await meeting(site, Fault.ERROR_500_ONCE))[0] == 500
    assert (await meeting(site, Fault.ERROR_500_ONCE))[0] == 200
    row = await site.row()
    assert (row["submissions"], row["taken"]) == (2, 1)


async def test_an_error_inside_a_200_takes_nothing(site: Site) -> None:
    assert await meeting(site, Fault.ERROR_IN_200) == (
        200,
        "application/json",
        b'{"error": "Invalid request"}',
    )
    assert await taken(site) == 0


async def test_a_page_in_place_of_an_answer_takes_nothing(site: Site) -> None:
    status, content_type, body = await meeting(site, Fault.HTML_200)
    assert (status, content_type) == (200, "text/html")
    assert body.startswith(b"<html>")
    assert await taken(site) == 0


async def test_an_empty_answer_is_given_to_a_message_that_was_taken(site: Site) -> None:
    status, _, body = await meeting(site, Fault.EMPTY_200)
    assert (status, body) == (200, b"")
    assert await taken(site) == 1


async def test_a_wrong_content_type_stands_over_a_right_answer(site: Site) -> None:
    _, content_type, body = await meeting(site, Fault.WRONG_CONTENT_TYPE)
    assert content_type == "text/html"
    assert b'"CodeResult": "100"' in body


@pytest.mark.parametrize(("fault", "count"), [(Fault.RESET_UNTAKEN, 0), (Fault.RESET_TAKEN, 1)])
async def test_a_reset_ends_the_connection(site: Site, fault: Fault, count: int) -> None:
    with pytest.raises(ClientError):
        await meeting(site, fault)
    assert await taken(site) == count


@pytest.mark.parametrize(("fault", "count"), [(Fault.SILENT_UNTAKEN, 0), (Fault.SILENT_TAKEN, 1)])
async def test_silence_outlasts_the_callers_patience(site: Site, fault: Fault, count: int) -> None:
    fields = {
        "ApiKey": "key",
        "SecretKey": "secret",
        "Content": "x",
        "Phone": number(fault),
        "Brandname": "TTHCC",
        "SmsType": "2",
    }
    with pytest.raises(TimeoutError):
        await site.client.post(site.url + SEND, json=fields, timeout=ClientTimeout(total=0.2))
    assert await taken(site) == count


async def test_after_a_silence_asking_again_tells_what_was_taken(site: Site) -> None:
    with pytest.raises(TimeoutError):
        async with site.client.post(
            site.url + SEND,
            json={
                "ApiKey": "key",
                "SecretKey": "secret",
                "Content": "x",
                "Phone": number(Fault.SILENT_TAKEN),
                "Brandname": "TTHCC",
                "SmsType": "2",
                "RequestId": "request-1",
            },
            timeout=ClientTimeout(total=0.2),
        ):
            pass
    answer = await site.esms(Phone=number(Fault.SILENT_TAKEN))
    assert (answer["CodeResult"], bool(answer["SMSID"])) == ("124", True)
    assert (await site.row())["delivered"] == 1


@pytest.mark.parametrize(
    ("fault", "at_least_s"),
    [
        pytest.param(Fault.ANSWERED_LATE, 0.3, id="answered after 0.3 s"),
        pytest.param(Fault.SLOW_DRIP, 0.5, id="some 80 bytes at 0.01 s each"),
    ],
)
async def test_a_slow_answer_is_right_in_the_end(
    site: Site, fault: Fault, at_least_s: float
) -> None:
    began = time.monotonic()
    status, _, body = await meeting(site, fault)
    assert time.monotonic() - began >= at_least_s
    assert status == 200
    assert b'"CodeResult": "100"' in body


@pytest.mark.parametrize(
    ("fault", "esms", "zalo", "twilio"),
    [
        (Fault.WALLET_EMPTY, "103", -115, (403, 30002)),
        (Fault.CREDENTIALS, "101", -104, (401, 20003)),
        (Fault.BLOCKED, "99", -141, (400, 21610)),
        (Fault.NO_ZALO, "100", -118, (201, None)),
        (Fault.REFUSES, "100", -139, (201, None)),
        (Fault.NIGHT, "100", -133, (201, None)),
        (Fault.QUOTA, "100", -144, (201, None)),
    ],
)
async def test_each_provider_refuses_in_its_own_words(
    site: Site, fault: Fault, esms: str, zalo: int, twilio: tuple[int, int | None]
) -> None:
    phone = number(fault)
    assert (await site.esms(Phone=phone))["CodeResult"] == esms
    assert (await site.zalo(phone=phone))["error"] == zalo
    status, answer = await site.twilio(To=f"+{phone}")
    assert (status, answer.get("code")) == twilio


async def test_a_token_that_expires_in_mid_batch_is_good_again_once_renewed(site: Site) -> None:
    phone = number(Fault.TOKEN_EXPIRED)
    assert (await site.zalo(phone=phone))["error"] == -124
    assert (await site.zalo())["error"] == -124
    pair = await site.refresh("refresh-0")
    assert (await site.zalo(token=pair["access_token"], phone=phone))["error"] == 0


async def test_an_account_set_to_a_fault_meets_it_with_every_ordinary_phone(site: Site) -> None:
    await site.post("/control", json={"account": "esms", "fault": "wallet-empty"})
    assert (await site.esms())["CodeResult"] == "103"
    assert (await site.esms(Phone=number(Fault.NO_RECEIPT)))["CodeResult"] == "100"
    await site.post("/control", json={"account": "esms", "fault": "none"})
    assert (await site.esms(RequestId="request-2"))["CodeResult"] == "100"


async def test_a_share_meets_the_fault_about_so_often(site: Site) -> None:
    wish = {"account": "esms", "fault": "wallet-empty", "share": 0.25}
    await site.post("/control", json=wish)
    answers = [await site.esms(RequestId=f"request-{n}") for n in range(200)]
    refused = sum(one["CodeResult"] == "103" for one in answers)
    assert 25 <= refused <= 75


@pytest.mark.parametrize(
    "wish",
    [
        {"account": "nobody"},
        {"account": "esms", "fault": "no-such-fault"},
        {"account": "esms", "latency": 5},
        {"account": "esms", "share": "often"},
        {"account": "esms", "quota_left": 1},
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused(site: Site, wish: dict[str, Any]) -> None:
    async with site.client.post(f"{site.url}/control", json=wish) as answer:
        assert answer.status == 422
