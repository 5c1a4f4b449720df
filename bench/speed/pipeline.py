"""The whole path under load: posted, accepted, sent, reported; its rate and its cost.

The cost is CPU time of the gateway's own processes and stores, read every few seconds. The middle
of these readings is what a notification costs on this machine at this hour; the least of them is
of these readings is what a notification costs on this machine at this hour; the least of them is
what it costs while nobody else uses the machine. How fast plain Python ran just before stands
beside it, since on a shared machine that differs by the hour.
"""

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from bench.rig.clients import Posted
from bench.rig.cpu import Spent
from bench.rig.ground import python_speed
from bench.rig.site import Site

GROUPS = ("api", "workers", "clock", "postgres", "redis")
_LOOK_EVERY_S = 2.0
_LAST_WRITES_S = 1.0
_LONGEST_S = 300.0
_ALL_DELIVERED = """
SELECT count(*) = $1 FROM (SELECT state FROM notification ORDER BY id DESC LIMIT $1) last
WHERE state = 'delivered'
"""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One load: how many notifications, posted how, and how the provider behaves."""

    name: str
    count: int
    clients: int = 50
    rate_per_s: float = 0.0
    latency_ms: int = 50
    receipts: bool = False
    callbacks: bool = False
    batch: int = 1
    signed: bool = True


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Rates a second; costs in CPU milliseconds per notification, by group. `loops` is the speed
    of Python before it began, in millions a second."""

    work: Work
    accepted_per_s: float
    sent_per_s: float
    ended_per_s: float | None
    cost_ms: Mapping[str, float]
    middle_ms: float
    least_ms: float
    loops: float

    @property
    def total_ms(self) -> float:
        return sum(self.cost_ms.values())


@dataclass(frozen=True)
class _Reading:
    done: int
    spent: Spent


async def measure(site: Site, work: Work) -> Measured:
    """Post the load, wait until the provider has had every message and all reports are in."""
    loops = python_speed() / 1e6
    site.standin("empty")
    site.standin("set", latency_ms=work.latency_ms, receipts=work.receipts)
    first = site.spent()
    load = site.load(
        work.count,
        clients=work.clients,
        rate_per_s=work.rate_per_s,
        batch=work.batch,
        signed=work.signed,
    )
    posting = asyncio.create_task(site.post(load))
    readings = await _until_done(site, work, first)
    posted = await posting
    _require_all_accepted(posted, work)
    stats = site.standin("stats")
    ended_at = stats["told_at"] if work.callbacks else stats["reported_at"]
    await asyncio.sleep(_LAST_WRITES_S)
    spent = site.spent().since(first)
    await _require_all_done(site, work, stats)
    slices = _slices(readings)
    return Measured(
        work=work,
        accepted_per_s=work.count / (posted.ended_at - posted.began_at),
        sent_per_s=work.count / (stats["last_at"] - posted.began_at),
        ended_per_s=work.count / (ended_at - posted.began_at) if work.receipts else None,
        cost_ms={group: spent[group] * 1000 / work.count for group in GROUPS},
        middle_ms=statistics.median(slices),
        least_ms=min(slices),
        loops=loops,
    )


async def _until_done(site: Site, work: Work, first: Spent) -> list[_Reading]:
    readings = [_Reading(0, first)]
    async with asyncio.timeout(_LONGEST_S):
        while readings[-1].done < work.count:
            await asyncio.sleep(_LOOK_EVERY_S)
            stats = await asyncio.to_thread(site.standin, "stats")
            readings.append(_Reading(_done(stats, work), site.spent()))
    return readings


def _done(stats: Mapping[str, int], work: Work) -> int:
    if work.callbacks:
        return stats["callbacks"]
    return stats["reported"] if work.receipts else stats["messages"]


def _slices(readings: list[_Reading]) -> list[float]:
    """The cost per notification between readings; those at the edges are not whole."""
    pairs = list(pairwise(readings))
    whole = pairs[1:-1] if len(pairs) > 3 else pairs
    return [
        sum(after.spent.since(before.spent).values()) * 1000 / (after.done - before.done)
        for before, after in whole
        if after.done > before.done
    ]


async def _require_all_done(site: Site, work: Work, stats: Mapping[str, int]) -> None:
    if stats["messages"] != work.count or stats["doubled"]:
        raise RuntimeError(f"{work.name}: the provider had {stats}")
    if work.receipts:
        await site.until(_ALL_DELIVERED, within_s=30, arguments=(work.count,))


def _require_all_accepted(posted: Posted, work: Work) -> None:
    accepted = posted.answers.get("202", 0)
    if accepted != work.count:
        raise RuntimeError(
            f"{work.name}: {work.count - accepted} events were not accepted: {posted.answers}"
        )
