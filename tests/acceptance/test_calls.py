"""Calls along the whole path, through each provider: how the person took it is how it ends.

Twilio is told everything with the call and can be asked; Stringee reports to one address for all
calls, answers no query and does not tell a machine from a person.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from installation import TERMINAL, Installation, event

Install = Callable[..., Installation]

ACCOUNT, NUMBER = "twilio-voice", "842873000000"
SETTINGS = {"key_sid": "SK.0.1"}
SECRETS = {"key_secret": "stringee-secret", "signing_secret": "stringee-signing"}
SECOND_TRY_S = 1.0
DECLINED = "0900000058"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How a call was taken, and what becomes of the notice. `talked` tells for each call whether
    anybody took it."""

    phone: str
    state: str
    reason: str | None = None
    keys: tuple[str, ...] = ()
    talked: tuple[bool, ...] = (True,)


TWICE, TWICE_UNTAKEN = (True, True), (False, False)
CASES = {
    "understood": Taken(phone="0984765321", state="acknowledged", keys=("2",)),
    "no key": Taken(phone="0900000055", state="delivered"),
    "again, then understood": Taken(phone="0900000056", state="acknowledged", keys=("1", "2")),
    "wrong key": Taken(phone="0900000057", state="delivered", keys=("5",)),
    "wants no calls": Taken(phone=DECLINED, state="delivered", keys=("9",)),
    "hung up at the question": Taken(phone="0900000059", state="delivered"),
    "answer lost, call made": Taken(phone="0900000021", state="acknowledged", keys=("2",)),
    "hung up at once": Taken(phone="0900000054", state="failed", reason="hung_up", talked=TWICE),
    "busy": Taken(phone="0900000050", state="failed", reason="busy", talked=TWICE_UNTAKEN),
    "no answer": Taken(
        phone="0900000051", state="failed", reason="no_answer", talked=TWICE_UNTAKEN
    ),
    "no such number": Taken(
        phone="0900000010", state="failed", reason="recipient_unavailable", talked=(False,)
    ),
}
MACHINES = {
    "twilio": {
        "machine": Taken(phone="0900000052", state="failed", reason="machine", talked=TWICE),
        "fax": Taken(phone="0900000053", state="failed", reason="fax"),
    },
    "stringee": {"machine": Taken(phone="0900000052", state="delivered")},
}


# Answered is not heard, and heard is not understood.
ENDINGS = {"understood": 3, "declined": 1, "hung_up": 2, "busy": 2, "no_answer": 2}
ENDINGS |= {"recipient_unavailable": 1}
COUNTED = {
    "twilio": {
        "calls": 17,
        "answered": 12,
        "heard": 7,
        "understood": 3,
        "by_ending": ENDINGS | {"heard": 3, "machine": 2, "fax": 1},
    },
    "stringee": {
        "calls": 15,
        "answered": 10,
        "heard": 8,
        "understood": 3,
        "by_ending": ENDINGS | {"heard": 4},
    },
}


def as_stringee(one: Installation) -> Callable[[dict[str, Any]], None]:
    def tune(config: dict[str, Any]) -> None:
        simulated = {"provider": "stringee_voice", "code": "stringee", "numbers": [NUMBER]}
        events = {"event_url": f"{one.base_url}/receipts/{ACCOUNT}"}
        config["account"].append(simulated | SETTINGS | SECRETS | events)

    return tune


async def calling(one: Installation, provider: str) -> None:
    """An installation that only calls, through this provider, twice at most."""
    changes: dict[str, Any] = {"timeout_s": 1}
    if provider == "stringee":
        one.prepare(as_stringee(one))
        changes |= {
            "provider": "stringee_voice",
            "base_url": f"{one.sandbox_url}/stringee-voice",
            "sender": f"+{NUMBER}",
            "settings": SETTINGS,
            "secrets": SECRETS,
        }
    else:
        one.prepare()
    await one.replace_account(ACCOUNT, **changes)
    await one.route_only("voice", tries_s=[0, SECOND_TRY_S])
    one.start("api", "worker-1", "clock", "sandbox")


@pytest.mark.parametrize("provider", ["twilio", "stringee"])
async def test_a_call_ends_as_the_person_took_it(
    provider: str, install: Install, session: aiohttp.ClientSession
) -> None:
    one, cases = install(), CASES | MACHINES[provider]
    await calling(one, provider)
    ended = await all_ended(one, session, cases)
    assert {name: as_taken(cases[name].phone, story) for name, story in ended.items()} == cases
    for story in ended.values():
        assert all(gap_s >= 0.8 * SECOND_TRY_S for gap_s in gaps_s(story))
    await nobody_is_called_who_declined(one, session)
    books = {row["reference"]: row["submissions"] for row in await one.books(session)}
    made = [one["reference"] for story in ended.values() for one in story["attempts"]]
    assert books == dict.fromkeys(made, 1)
    told = json.loads(await one.baotin("calls", "--json"))["outgoing"]
    assert {name: count for name, count in told.items() if name != "talked_s"} == COUNTED[provider]
    assert told["talked_s"] > 0


async def all_ended(
    one: Installation, session: aiohttp.ClientSession, cases: dict[str, Taken]
) -> dict[str, dict[str, Any]]:
    """What became of each case, all of which are under way together."""
    posted = [event(nth, case.phone) for nth, case in enumerate(cases.values())]
    answers = await asyncio.gather(*(one.post(session, each) for each in posted))
    assert {status for status, _ in answers} == {202}
    shown_ids = [answer["notifications"][0]["id"] for _, answer in answers]
    ended = await asyncio.gather(*(one.until(session, each, is_over) for each in shown_ids))
    return dict(zip(cases, ended, strict=True))


def is_over(story: dict[str, Any]) -> bool:
    """Also the calls, each of which reports its length at its end."""
    return story["state"] in TERMINAL and len(lengths_s(story)) == len(story["attempts"])


def as_taken(phone: str, story: dict[str, Any]) -> Taken:
    receipts = sorted(story["receipts"], key=lambda told: told["id"])
    return Taken(
        phone=phone,
        state=story["state"],
        reason=story["reason"],
        keys=tuple(told["keys"] for told in receipts if told["keys"]),
        talked=tuple(talked_s > 0 for talked_s in lengths_s(story)),
    )


def lengths_s(story: dict[str, Any]) -> list[float]:
    lengths = {
        told["try"]: told["talked_s"] for told in story["receipts"] if told["talked_s"] is not None
    }
    return [lengths[nth] for nth in sorted(lengths)]


def gaps_s(story: dict[str, Any]) -> list[float]:
    """Between each call and the one before."""
    begun = [datetime.fromisoformat(each["opened_at"]) for each in story["attempts"]]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(begun)]


async def nobody_is_called_who_declined(one: Installation, session: aiohttp.ClientSession) -> None:
    """Key 9 stands as a suppression of calls, and the next notice meets it."""
    status, answer = await one.post(session, event(99, DECLINED))
    assert status == 202
    again = await one.ended(session, answer["notifications"][0]["id"])
    assert (again["state"], again["attempts"]) == ("suppressed", [])
    [listed] = json.loads(await one.baotin("suppressions", "list", "--json"))
    assert (listed["channel"], listed["reason"]) == ("voice", "opted_out")
