"""Balances of simulated accounts: told to their owner, and less with each message."""

import pytest
from conformance import bench

from gateway.domain.outcome import Accepted
from gateway.providers.contract import TellsBalance
from gateway.providers.outbound import Call
from gateway.sandbox.faults import Fault


async def left(on: object) -> float:
    provider = on.provider  # type: ignore[attr-defined]
    assert isinstance(provider, TellsBalance)
    found = await provider.balance()
    assert found is not None
    return float(found.amount)


@pytest.mark.parametrize(("name", "price"), [("esms", 800), ("speedsms", 750), ("infobip", 900)])
async def test_a_message_costs_what_it_costs(name: str, price: int) -> None:
    async with bench(name) as on:
        assert isinstance(await on.submit(), Accepted)
        assert await left(on) == 5_000_000 - price
        await on.submit(Fault.WALLET_EMPTY)
        assert await left(on) == 5_000_000 - price


@pytest.mark.parametrize(
    ("name", "paid"),
    [("esms", 5_000_000), ("speedsms", 5_000_000), ("infobip", 5_000_000), ("twilio_sms", 200)],
)
async def test_an_empty_wallet_is_told_as_empty(name: str, paid: int) -> None:
    async with bench(name) as on:
        await on.control(fault="wallet-empty")
        assert await left(on) == 0
        await on.control(fault="none")
        assert await left(on) == paid


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"ApiKey": "key-3f9a"}, id="no secret"),
        pytest.param({"ApiKey": "key-3f9a", "SecretKey": 1}, id="no text"),
        pytest.param({"ApiKey": "key-3f9a", "SecretKey": "secret-77c1", "x": "y"}, id="more"),
        pytest.param([], id="no object"),
    ],
)
async def test_esms_refuses_what_is_not_documented(body: object) -> None:
    async with bench("esms") as on:
        url = f"{on.simulated.url}/esms/MainService.svc/json/GetBalance_json"
        reply = await on.simulated.door.request(
            Call(method="POST", url=url, json=body, timeout_s=2)
        )
        assert reply.json()["CodeResponse"] == "110"
        form = Call(method="POST", url=url, form={"ApiKey": "key-3f9a"}, timeout_s=2)
        assert (await on.simulated.door.request(form)).json()["CodeResponse"] == "110"


async def test_a_balance_that_is_no_number_is_refused_by_the_control() -> None:
    async with bench("esms") as on:
        call = Call(
            method="POST",
            url=f"{on.simulated.url}/control",
            json={"account": "esms", "balance": "much"},
            timeout_s=2,
        )
        assert (await on.simulated.door.request(call)).status == 422
