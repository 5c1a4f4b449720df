"""Calls whose provider fetches the script, reports to one address for all, and answers no query."""

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]

CODE, CALLER = "twilio-voice", "842873000000"
SETTINGS = {"key_sid": "SK.0.1"}
SECRETS = {"key_secret": "stringee-secret", "signing_secret": "stringee-signing"}


@pytest.fixture
async def calling(install: Install) -> Installation:
    """An installation that only calls, through Stringee."""
    one = install()

    def tune(config: dict[str, Any]) -> None:
        simulated = {"provider": "stringee_voice", "code": "stringee", "numbers": [CALLER]}
        events = {"event_url": f"{one.base_url}/receipts/{CODE}"}
        config["account"].append(simulated | SETTINGS | SECRETS | events)

    one.prepare(tune)
    await one.replace_account(
        CODE,
        provider="stringee_voice",
        base_url=f"{one.sandbox_url}/stringee-voice",
        sender=f"+{CALLER}",
        settings=SETTINGS,
        secrets=SECRETS,
        timeout_s=1,
    )
    await one.route_only("voice", tries_s=[0])
    one.start("api", "worker-1", "clock", "sandbox")
    return one


@pytest.mark.parametrize(
    ("phone", "state", "reason"),
    [
        pytest.param("0984765321", "acknowledged", None, id="understood"),
        pytest.param("0900000055", "delivered", None, id="heard, no key"),
        pytest.param("0900000050", "failed", "busy", id="busy"),
        pytest.param("0900000058", "delivered", None, id="wants no calls"),
        pytest.param("0900000059", "delivered", None, id="hung up at the question"),
        pytest.param("0900000021", "acknowledged", None, id="answer lost, call made"),
    ],
)
async def test_a_call_ends_as_the_person_took_it(
    phone: str,
    state: str,
    reason: str | None,
    calling: Installation,
    session: aiohttp.ClientSession,
) -> None:
    status, answer = await calling.post(session, event(1, phone))
    assert status == 202, answer
    ended = await calling.ended(session, answer["notifications"][0]["id"])
    assert (ended["state"], ended["reason"]) == (state, reason)
    [book] = await calling.books(session)
    assert book["submissions"] == 1
    assert book["reference"] == ended["attempts"][0]["reference"]
