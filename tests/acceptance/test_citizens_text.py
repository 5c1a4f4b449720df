"""A text to each provider that brings texts, through separate processes, and back to the phone."""

from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import pytest
from installation import Installation

Install = Callable[..., Installation]

HELP = (
    "Xem tinh trang ho so, soan: TC (ma ho so) (ma bi mat)."
    " Kiem tra tin nhan that hay gia, soan: KT (ma kiem tra). Hoi dap: goi 0271 1022."
)
DOOR = "only-the-provider-knows"
SPEEDSMS = {"access_token": "speedsms-token"}
INFOBIP = {"api_key": "infobip-key"}
# By our code of the account: the provider, its simulator's other settings, our secrets.
BESIDE_TWILIO: Mapping[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "speedsms-two-way": ("speedsms", {"number": "8428730001", **SPEEDSMS}, SPEEDSMS),
    "infobip-two-way": ("infobip", {"number": "8428730002", **INFOBIP}, INFOBIP),
}
ACCOUNTS = ("twilio-sms", *BESIDE_TWILIO)


@pytest.fixture
async def texting(install: Install) -> Installation:
    """The demo with two more accounts, whose only address with us is that for texts."""
    one = install(BAOTIN_TEXTS_REPLIES_PER_HOUR="4")

    def tune(config: dict[str, Any]) -> None:
        for code, (provider, setting, _) in BESIDE_TWILIO.items():
            here = f"{one.base_url}/inbound/{code}/{DOOR}"
            urls = {"webhook_url": here} if provider == "speedsms" else {"inbound_url": here}
            simulated = {"provider": provider, "code": code, "senders": ["TTPVHCC"]}
            config["account"].append({**simulated, **setting, **urls})

    one.prepare(tune)
    for code, (provider, _, secrets) in BESIDE_TWILIO.items():
        await one.add_account(
            "sms",
            code,
            like="esms-main",
            provider=provider,
            base_url=f"{one.sandbox_url}/{provider}",
            secrets={**secrets, "callback_token": DOOR},
        )
    one.start("api", "sandbox")
    return one


async def text(
    texting: Installation, session: aiohttp.ClientSession, account: str, **wish: Any
) -> dict[str, Any]:
    wish = {"account": account, "phone": "84984765321", "text": "xin chao"} | wish
    async with session.post(f"{texting.sandbox_url}/control/text", json=wish) as answer:
        assert answer.status == 200, await answer.text()
        told: dict[str, Any] = await answer.json()
        return told


async def test_a_citizen_s_text_is_answered_once_through_every_provider(
    texting: Installation, session: aiohttp.ClientSession
) -> None:
    for account in ACCOUNTS:
        told = await text(texting, session, account, id="m-1")
        again = await text(texting, session, account, id="m-1")
        assert told["status"] == again["status"] == 200
        assert told["reply"] == again["reply"] == (HELP if account == "twilio-sms" else None)
    sent = {book["account"]: book for book in await texting.books(session)}
    assert set(sent) == set(BESIDE_TWILIO)
    assert {(one["content"], one["submissions"]) for one in sent.values()} == {(HELP, 1)}

    async with session.get(f"{texting.sandbox_url}/phones/84984765321") as answer:
        assert (await answer.text()).count("Hoi dap: goi 0271 1022.") == 4

    for account in ACCOUNTS:
        told = await text(texting, session, account, id="m-2", forged=True)
        assert told == {"id": "m-2", "status": 403, "reply": None}
    assert await texting.rows("SELECT FROM notification") == []
    assert "84984765321" not in texting.logs()

    await texting.rows(
        "UPDATE inbound_text SET answered_at = NULL, in_hand_until = now() + interval '1 h'"
        " RETURNING 1"
    )
    told = await text(texting, session, "twilio-sms", id="m-1")
    assert (told["status"], told["reply"]) == (503, None)

    # The fourth reply within the hour is the last one.
    assert (await text(texting, session, "twilio-sms"))["reply"] == HELP
    told = await text(texting, session, "twilio-sms")
    assert (told["status"], told["reply"]) == (200, None)
