"""A test key runs the whole path into the sandbox and never through a real account."""

from collections.abc import Callable

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]


@pytest.mark.parametrize(
    ("phone", "channel", "state"),
    [
        ("0984765321", "zalo", "delivered"),
        ("0900000043", "sms", "delivered"),
        ("02713568123", "voice", "acknowledged"),
    ],
    ids=["zalo", "sms", "voice"],
)
async def test_a_test_key_reaches_the_sandbox_over_every_channel(
    install: Install, session: aiohttp.ClientSession, phone: str, channel: str, state: str
) -> None:
    one = install()
    one.prepare()
    # Were one of the directory's own accounts used, nothing would answer there.
    await one.retune_accounts(base_url="http://127.0.0.1:9")
    one.demo["api_key"] = (
        await one.baotin("keys", "create", "igate-bu-dop", "--mode", "test")
    ).strip()
    one.start("api", "worker-1", "clock", "sandbox")
    status, answer = await one.post(session, event(1, phone))
    assert status == 202
    ended = await one.ended(session, answer["notifications"][0]["id"])
    assert (ended["mode"], ended["state"]) == ("test", state)
    assert ended["attempts"][-1]["account"] == f"rehearsal-{channel}"
