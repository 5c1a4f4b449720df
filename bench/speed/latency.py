"""How long things take while the gateway is not busy: to the provider, and to the answer."""

import time
from dataclasses import dataclass

from bench.rig.clients import Posted
from bench.rig.site import Site
from bench.speed.pipeline import Work

_LAST_CALLS_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Milliseconds."""

    name: str
    samples: int
    p50_ms: float
    p99_ms: float
    longest_ms: float


def waits(name: str, seconds: list[float]) -> Waits:
    ordered = sorted(seconds)
    return Waits(
        name=name,
        samples=len(ordered),
        p50_ms=_quantile(ordered, 0.50) * 1000,
        p99_ms=_quantile(ordered, 0.99) * 1000,
        longest_ms=ordered[-1] * 1000,
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def to_provider(site: Site, work: Work) -> Waits:
    """From the moment an event leaves its source to the moment the provider is called."""
    posted, arrived = await _steady(site, work)
    return waits(work.name, [arrived[phone] - left for phone, left in posted.left.items()])


async def to_answer(site: Site, work: Work) -> Waits:
    """From the moment an event should leave to its answer; an open loop hides no pauses."""
    posted, _ = await _steady(site, work)
    return waits(work.name, posted.accept_s)


async def _steady(site: Site, work: Work) -> tuple[Posted, dict[str, float]]:
    site.standin("empty")
    site.standin("set", latency_ms=work.latency_ms, receipts=work.receipts)
    posted = await site.post(site.load(work.count, rate_per_s=work.rate_per_s))
    await site.calls_reach(work.count, _LAST_CALLS_S)
    return posted, site.standin("arrivals")


async def batch_ingest(site: Site, count: int) -> float:
    """Events accepted a second, 500 a request, with nobody delivering."""
    load = site.load(count, clients=4, batch=500)
    began = time.monotonic()
    posted = await site.post(load)
    if posted.answers.get("202") != count:
        raise RuntimeError(f"not all were accepted: {posted.answers}")
    assert posted.began_at >= began
    return count / (posted.ended_at - posted.began_at)
