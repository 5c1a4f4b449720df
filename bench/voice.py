"""How fast a running call is answered: 50 calls at the same time, those that bring notices and
those to the line, over one API process. Run as `python -m bench.voice`, half a minute.

Each request is signed and posted as Twilio posts it. First people listen for a second before the
next one, which is a tenth of what they do; then not at all, which no line ever sees.
"""

import asyncio
import sys
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha1
from hmac import digest
from random import Random
from xml.etree import ElementTree

import aiohttp

from bench.rig import ground
from bench.rig.report import Report, Table, Target
from bench.rig.site import Site, opened, work_folder
from tests.installation import event

CALLS, ROUNDS = 50, 5
LISTENS_S = (1.0, 0.0)
WANTED_MS = 200.0
ACCOUNT = "twilio-voice"
PHONE = "+8498476{:04}"
# Every code is wrong here, and none must be turned away.
SETTINGS = {
    "BAOTIN_VOICE_WRONG_PER_LINE": "1000000",
    "BAOTIN_VOICE_WRONG_PER_CALLER": "1000000",
}


class Caller:
    """Posts as Twilio does, and keeps how long each answer took."""

    def __init__(self, site: Site, session: aiohttp.ClientSession, listens_s: float) -> None:
        self._listens_s = listens_s
        self._dice = Random(7)
        self._root = site.one.base_url
        self._token = site.one.env["DEMO_TWILIO_TOKEN"]
        self._session = session
        self.took_s: dict[str, list[float]] = {}

    async def asks(self, what: str, path: str, form: Mapping[str, str]) -> str:
        """The address that the answer names next, if any."""
        await asyncio.sleep(self._listens_s * self._dice.uniform(0.5, 1.5))
        url = path if path.startswith("http") else self._root + path
        signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        signature = b64encode(digest(self._token.encode(), signed.encode(), sha1)).decode()
        began = time.perf_counter()
        headers = {"X-Twilio-Signature": signature}
        async with self._session.post(url, data=form, headers=headers) as answer:
            body = await answer.text()
            self.took_s.setdefault(what, []).append(time.perf_counter() - began)
            assert answer.status == 200, body
        root = ElementTree.fromstring(body)
        gather, redirect = root.find("Gather"), root.find("Redirect")
        if gather is not None:
            return gather.get("action") or ""
        return (redirect.text or "") if redirect is not None else ""

    async def outgoing(self, reference: str) -> None:
        form = {"CallSid": f"CA{reference}", "From": "+15005550006", "AnsweredBy": "human"}
        address = await self.asks("notice: taken", f"/voice/{ACCOUNT}/{reference}", form)
        address = await self.asks("notice: heard", address, form)
        await self.asks("notice: key 2", address, form | {"Digits": "2"})

    async def incoming(self, number: int, phone: str) -> None:
        form = {"CallSid": f"CA{number:032x}", "From": phone, "Direction": "inbound"}
        address = await self.asks("line: begins", f"/voice/{ACCOUNT}/inbound", form)
        for what, keys in (
            ("line: own dossiers", "1"),
            ("line: once more", "1"),
            ("line: check a notice", "3"),
            ("line: wrong code", f"{number:010}"),
        ):
            address = await self.asks(what, address, form | {"Digits": keys})


async def told(site: Site) -> list[str]:
    """References of calls that were made, one to each phone."""
    one = site.one
    await one.route_only("voice")
    one.start("api", "worker-1", "clock", "sandbox")
    async with aiohttp.ClientSession() as session:
        posted = [event(number, PHONE.format(number)) for number in range(CALLS)]
        answers = await asyncio.gather(*(one.post(session, each) for each in posted))
        ended = await asyncio.gather(
            *(one.ended(session, answer["notifications"][0]["id"]) for _, answer in answers)
        )
    for name in ("worker-1", "clock", "sandbox"):
        one.kill(name)
    return [story["attempts"][0]["reference"] for story in ended]


async def measure(site: Site) -> dict[float, dict[str, list[float]]]:
    """How long the answers took, by the seconds that people listened before."""
    references = await told(site)
    connector = aiohttp.TCPConnector(limit=0)
    found = {}
    async with aiohttp.ClientSession(connector=connector) as session:
        for number, listens_s in enumerate(LISTENS_S):
            caller = Caller(site, session, listens_s)
            await all_calls(caller, references, first=number * 100_000, rounds=1)
            caller.took_s.clear()  # the first round fills caches and connections
            await all_calls(caller, references, first=number * 100_000 + CALLS, rounds=ROUNDS)
            found[listens_s] = caller.took_s
    return found


async def all_calls(caller: Caller, references: Sequence[str], first: int, rounds: int) -> None:
    half = CALLS // 2

    async def brings(reference: str) -> None:
        for _ in range(rounds):
            await caller.outgoing(reference)

    async def comes(number: int) -> None:
        for turn in range(rounds):
            await caller.incoming(first + turn * CALLS + number, PHONE.format(number))

    await asyncio.gather(*map(brings, references[:half]), *map(comes, range(half)))


def main() -> int:
    report = Report("voice", ground.describe(work_folder()))
    with opened("voice", **SETTINGS) as site:
        found = asyncio.run(measure(site))
    for listens_s, took_s in found.items():
        title = f"answers to {CALLS} calls, each after {listens_s:.0f} s of listening, ms"
        columns = ("", "answers", "p50", "p95", "p99", "longest")
        table = Table(title=title, columns=columns)
        for what, seconds in sorted(took_s.items()):
            table.add(what, len(seconds), *_ms(seconds))
        report.show(table)
    usual = [each for seconds in found[LISTENS_S[0]].values() for each in seconds]
    report.targets.append(Target(what="p99 ms", wanted=WANTED_MS, measured=_ms(usual)[2]))
    report.finish()
    return 0 if report.targets[0].reached else 1


def _ms(seconds: list[float]) -> tuple[float, ...]:
    ordered = sorted(seconds)
    return tuple(
        round(1000 * ordered[int(share * (len(ordered) - 1))], 1) for share in (0.5, 0.95, 0.99, 1)
    )


if __name__ == "__main__":
    sys.exit(main())
