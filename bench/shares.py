"""`python -m bench.shares`: two SMS accounts in a pool under load, one of which gets into trouble.

The real gateway with two workers, simulated providers, time passing fifteen times as fast as the
settings' defaults. Prints every five seconds who got which part of the traffic, then compares the
books. Exits with 1 when something was lost or doubled, or when a share went up and down and up.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.rig import ground
from bench.rig.report import Report, Table, say
from bench.rig.site import Site, opened, work_folder
from bench.survive import books
from bench.survive.crowd import Crowd
from bench.survive.stage import Stage
from tests.installation import Installation, event

ILL, WELL = "esms-main", "esms-other"
RATE_PER_S = 30.0
LOOK_EVERY_S = 5.0
# Answers that were lost are asked for again after 2, 10, 60 and 600 seconds.
ALL_ENDED_WITHIN_S = 780.0
SETTINGS = {
    "BAOTIN_POOLS_WINDOW_S": "20",
    "BAOTIN_POOLS_DEAD_TIME_S": "4",
    "BAOTIN_POOLS_DRIFT_BACK_S": "60",
    "BAOTIN_POOLS_LATE_AFTER_S": "6",
    "BAOTIN_POOLS_SLOW_CALL_S": "1",
    "BAOTIN_POOLS_BREAKER_LONGEST_S": "20",
}
RESET = "DELETE FROM account_share RETURNING 1"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What befalls one account, for how long, and for how long it is watched afterwards."""

    name: str
    wish: Mapping[str, Any]
    lasts_s: float
    watched_s: float = 20.0


WELL_AGAIN = {"fault": "none", "share": 1.0, "latency_ms": 20, "receipt_delay_ms": 200}
TROUBLES = (
    Trouble(name="fails always", wish={"fault": "error-500"}, lasts_s=60, watched_s=60),
    Trouble(name="fails one in five", wish={"fault": "error-500", "share": 0.2}, lasts_s=90),
    Trouble(name="answers slowly", wish={"latency_ms": 1500}, lasts_s=60),
    Trouble(name="delivers late", wish={"receipt_delay_ms": 12_000}, lasts_s=75),
)


def main() -> int:
    report = Report("shares", ground.describe(work_folder()))
    with opened("shares", _second_account, **SETTINGS) as site:
        return asyncio.run(_watched(site, report))


def _second_account(config: dict[str, Any]) -> None:
    [one] = [account for account in config["account"] if account["code"] == ILL]
    config["account"].append({**one, "code": WELL, "api_key": "other-key"})


async def _watched(site: Site, report: Report) -> int:
    one = site.one
    await one.route_only("sms")
    secrets = {"api_key": "other-key", "secret_key": one.env["DEMO_ESMS_SECRET_KEY"]}
    secrets["callback_token"] = "other-token"
    await one.add_account("sms", WELL, like=ILL, secrets=secrets)
    one.start("sandbox", "api", "worker-1", "worker-2", "clock")
    lasts_s = sum(each.lasts_s + each.watched_s + 10 for each in TROUBLES)
    count = int(lasts_s * RATE_PER_S)
    phones = (f"09{12_000_000 + n:08d}" for n in range(count))
    events = [event(n, phone) for n, phone in enumerate(phones, 1)]
    async with Stage(site) as stage:
        for code in (ILL, WELL):
            await stage.control(account=code, **WELL_AGAIN)
        crowd = stage.crowd = Crowd(one, events, RATE_PER_S)
        posting = asyncio.create_task(crowd.post_all())
        flapped = [await _play(stage, report, trouble) for trouble in TROUBLES]
        await posting
        say("the load is over; what was asked for again is waited for")
        ended = await stage.all_ended(ALL_ENDED_WITHIN_S)
        verdict = books.compare(
            crowd.heard,
            await one.rows(books.NOTIFICATIONS),
            await one.rows(books.ATTEMPTS),
            await stage.delivered(),
        )
    wrong = [*verdict.wrong, *(each for each in flapped if each)]
    wrong += [] if ended else ["not all ended in time"]
    say(f"accepted {verdict.accepted}, {dict(verdict.states)}; wrong: {wrong or 'nothing'}")
    report.finish()
    return 1 if wrong else 0


async def _play(stage: Stage, report: Report, trouble: Trouble) -> str:
    """Lets it happen and watches; answers what flapped, if anything did."""
    table = Table(
        title=f"{ILL} {trouble.name} for {trouble.lasts_s:.0f} s",
        columns=("s", "trouble", f"{ILL} calls/s", f"{WELL} calls/s", "part", "share kept"),
    )
    await stage.one.rows(RESET)
    began, before = time.monotonic(), await _calls(stage)
    moves_before = len(_moves(stage.one))
    await asyncio.sleep(5)
    struck = False
    while (passed_s := time.monotonic() - began) < 5 + trouble.lasts_s + trouble.watched_s:
        should = 5 <= passed_s < 5 + trouble.lasts_s
        if should != struck:
            struck = should
            await stage.control(
                account=ILL, **(WELL_AGAIN | trouble.wish if struck else WELL_AGAIN)
            )
        await asyncio.sleep(LOOK_EVERY_S)
        now = await _calls(stage)
        calls = {code: now[code] - before[code] for code in (ILL, WELL)}
        before = now
        part = calls[ILL] / max(1, sum(calls.values()))
        table.add(
            f"{time.monotonic() - began:.0f}",
            trouble.name if struck else "",
            calls[ILL] / LOOK_EVERY_S,
            calls[WELL] / LOOK_EVERY_S,
            f"{part:.0%}",
            await _kept(stage),
        )
    report.show(table)
    moves = _moves(stage.one)[moves_before:]
    say(f"moves of {ILL}: {' '.join(f'{kept:.2f}' for kept in moves) or 'none'}")
    return f"{trouble.name}: its share went up and down" if _flapped(moves) else ""


async def _calls(stage: Stage) -> Mapping[str, int]:
    url = f"{stage.one.sandbox_url}/books?summary=1"
    async with stage.session.get(url) as answer:
        accounts = (await answer.json())["accounts"]
    return {code: accounts.get(code, {}).get("submissions", 0) for code in (ILL, WELL)}


async def _kept(stage: Stage) -> float:
    rows = await stage.one.rows("SELECT kept FROM account_share WHERE account = $1", ILL)
    return float(rows[0]["kept"]) if rows else 1.0


def _moves(one: Installation) -> Sequence[float]:
    """What the clock made of the share of the account in trouble, in order."""
    lines = (one.folder / "clock.log").read_text().splitlines()
    told = [json.loads(line) for line in lines if "share_moved" in line]
    return [each["kept"] for each in told if each["account"] == ILL]


def _flapped(moves: Sequence[float]) -> bool:
    """Whether a share came back and was taken away again."""
    steps = [after - before for before, after in zip((1.0, *moves), moves, strict=False)]
    rose = next((n for n, step in enumerate(steps) if step > 0), len(steps))
    return any(step < 0 for step in steps[rose:])


if __name__ == "__main__":
    sys.exit(main())
