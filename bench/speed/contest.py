"""Peers at the same work: the same texts, the same stand-in, a durable row per message.

Each has four worker processes. Ours is run with what the others have: no signatures, no reports
coming back, events posted a hundred at a time; the sealing, the rules and the history stay, since
they cannot be switched off.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from subprocess import Popen

import asyncpg

from bench.peers.work import TABLE
from bench.rig import cpu
from bench.rig.site import ROOT, Site
from bench.speed.pipeline import Work, measure
from gateway.tether import Program, spawn

WORKERS = 4
_LATENCY_MS = 50
_SETTLE_S = 4.0
_LONGEST_S = 600.0


@dataclass(frozen=True, kw_only=True)
class Contender:
    """`cost_ms` is CPU milliseconds per message: producer, workers and stores."""

    name: str
    sent_per_s: float
    cost_ms: float


@dataclass(frozen=True, kw_only=True)
class _Peer:
    name: str
    workers: Sequence[Sequence[str]]
    producer: Sequence[str]


def _peers(count: int) -> list[_Peer]:
    rq = ("-m", "bench.peers.rq_peer")
    celery = ("-m", "celery", "-A", "bench.peers.celery_peer", "--quiet", "worker", "-P", "prefork")
    options = ("-c", str(WORKERS), "--without-gossip", "--without-mingle", "-l", "WARNING")
    rq_peers = [
        _Peer(
            name=name,
            workers=[(*rq, "work", kind)] * WORKERS,
            producer=(*rq, "produce", str(count)),
        )
        for name, kind in (("RQ, Worker (forks)", "Worker"), ("RQ, SimpleWorker", "SimpleWorker"))
    ]
    celery_peer = _Peer(
        name="Celery, prefork",
        workers=[(*celery, *options)],
        producer=("-m", "bench.peers.celery_peer", str(count)),
    )
    return [*rq_peers, celery_peer]


def run_peers(site: Site, count: int) -> list[Contender]:
    """Each of the peers in turn, over the site's stores and stand-in."""
    asyncio.run(_create_table(site))
    return [_run(site, peer, count) for peer in _peers(count)]


async def _create_table(site: Site) -> None:
    connection = await asyncpg.connect(site.one.database_url)
    await connection.execute(TABLE)
    await connection.close()


def _run(site: Site, peer: _Peer, count: int) -> Contender:
    environment = _environment(site)
    site.standin("empty")
    site.standin("set", latency_ms=_LATENCY_MS, receipts=False)
    log = site.one.folder / "peers.log"
    workers = [
        spawn(Program(argv=[sys.executable, *argv], env=environment, cwd=ROOT, log=log))
        for argv in peer.workers
    ]
    try:
        time.sleep(_SETTLE_S)
        before, began = _spent(site, workers), time.monotonic()
        producer_s = _produce(peer.producer, environment)
        stats = asyncio.run(site.calls_reach(count, _LONGEST_S))
        time.sleep(1)
        spent = sum(_spent(site, workers).since(before).values()) + producer_s
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            _end(worker)
    return Contender(
        name=peer.name,
        sent_per_s=count / (stats["last_at"] - began),
        cost_ms=spent * 1000 / count,
    )


def _produce(argv: Sequence[str], environment: Mapping[str, str]) -> float:
    """CPU seconds of the producer."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *argv], env={**os.environ, **environment}, cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _spent(site: Site, workers: Sequence[Popen[bytes]]) -> cpu.Spent:
    stores = {name: pids for name, pids in site.groups().items() if name in ("postgres", "redis")}
    return cpu.spent({**stores, "workers": [worker.pid for worker in workers]})


def _end(worker: Popen[bytes]) -> None:
    try:
        worker.wait(timeout=15)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _environment(site: Site) -> dict[str, str]:
    redis_url = site.redis.url()
    return {
        "PEER_DATABASE": site.postgres.url(),
        "PEER_REDIS": redis_url,
        "PEER_BROKER": redis_url.replace("unix://", "redis+socket://"),
        "PEER_PROVIDER": f"{site.one.sandbox_url}/esms/MainService.svc/json"
        "/SendMultipleMessage_V4_post_json/",
    }


async def run_ours(site: Site, count: int) -> Contender:
    """The gateway with the features the peers have."""
    work = Work(name="ours, reduced", count=count, clients=4, batch=100, signed=False)
    measured = await measure(site, work)
    return Contender(name="baotin", sent_per_s=measured.sent_per_s, cost_ms=measured.total_ms)


def run_bare(site: Site, count: int, concurrency: int) -> dict[str, float]:
    """The bare client: calls a second and CPU milliseconds a call."""
    url = f"{site.one.sandbox_url}/zalo/message/template"
    argv = [sys.executable, "-m", "bench.peers.bare", url, str(count), str(concurrency)]
    done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
