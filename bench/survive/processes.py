"""Processes that are killed, told to stop, or have their clock moved, amid their work."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

from bench.survive.case import Case, Ground, Struck
from bench.survive.stage import Stage

_ALL = ("api", "worker-1", "worker-2", "clock")
_BACK_AFTER_S = 1.0
_MOVED_S = 12.0
# Longer than any lease, and than a clock may be silent.
_FROZEN_S = 40.0
# Some thirty calls are open at any moment.
LATENCY_MS = 250


async def sms_only(stage: Stage) -> None:
    """eSMS refuses a second message under one reference, so a lost answer is asked for again."""
    await stage.one.route_only("sms", window_s=30)
    await stage.control(latency_ms=LATENCY_MS)


async def zalo_first(stage: Stage) -> None:
    """Zalo cannot be asked, so a lost answer waits for its report, then goes on to SMS."""
    await stage.one.retune("zalo", window_s=20)
    await stage.one.retune("sms", window_s=30)
    await stage.control(latency_ms=LATENCY_MS)


async def _kill_worker(stage: Stage) -> Struck:
    hit, left = 0, set[UUID]()
    for _ in range(4):
        await stage.until_busy(10)
        stage.kill("worker-1")
        new = await stage.in_flight() - left
        hit, left = hit + bool(new), left | new
        await asyncio.sleep(_BACK_AFTER_S)
        await stage.start("worker-1")
        await asyncio.sleep(2)
    return Struck(
        proof=f"{hit} of 4 kills amid calls, {len(left)} open", hit=hit == 4, in_doubt=len(left)
    )


async def _freeze_worker(stage: Stage) -> Struck:
    """It stands still amid its calls for longer than its leases, while another goes on."""
    calls = await stage.until_busy(10)
    stage.send("worker-1", signal.SIGSTOP)
    left = await stage.in_flight()
    await asyncio.sleep(_FROZEN_S)
    stage.send("worker-1", signal.SIGCONT)
    return Struck(
        proof=f"stood still {_FROZEN_S:.0f} s, {len(left)} calls open",
        hit=calls >= 10,
        in_doubt=len(left),
    )


async def _freeze_clock(stage: Stage) -> Struck:
    """The leader stands still; the other one has to take its place meanwhile."""
    leads = "clock-1" if _has_led(stage, "clock-1") else "clock-2"
    other = "clock-2" if leads == "clock-1" else "clock-1"
    stage.send(leads, signal.SIGSTOP)
    await asyncio.sleep(_FROZEN_S)
    stood_in = _has_led(stage, other)
    stage.send(leads, signal.SIGCONT)
    return Struck(
        proof=f"{leads} stood still {_FROZEN_S:.0f} s, {other} led: {stood_in}",
        hit=stood_in,
        in_doubt=0,
    )


def _has_led(stage: Stage, name: str) -> bool:
    return "clock_leads" in (stage.one.folder / f"{name}.log").read_text()


async def _kill_api(stage: Stage) -> Struck:
    hit = cut = 0
    for _ in range(5):
        await stage.until_posting(2)
        under_way = stage.requests_under_way()
        stage.kill("api")
        hit, cut = hit + (under_way > 0), cut + under_way
        await asyncio.sleep(_BACK_AFTER_S)
        await stage.start("api")
        await asyncio.sleep(1)
    return Struck(
        proof=f"{hit} of 5 kills amid requests, {cut} under way", hit=hit == 5, in_doubt=0
    )


async def _kill_clock(stage: Stage) -> Struck:
    stage.kill("clock")
    await asyncio.sleep(10)
    stood = await stage.number("SELECT count(*) FROM outbox")
    await stage.start("clock")
    return Struck(proof=f"{stood} endings waited for a number", hit=stood > 0, in_doubt=0)


async def _kill_all(stage: Stage) -> Struck:
    hit, left = 0, set[UUID]()
    for _ in range(2):
        await stage.until_busy(10)
        stage.kill(*_ALL)
        new = await stage.in_flight() - left
        hit, left = hit + bool(new), left | new
        await asyncio.sleep(_BACK_AFTER_S)
        await stage.start(*_ALL)
        await asyncio.sleep(3)
    return Struck(
        proof=f"{hit} of 2 kills amid calls, {len(left)} open", hit=hit == 2, in_doubt=len(left)
    )


async def _stop_each(stage: Stage) -> Struck:
    calls = 0
    for name in _ALL:
        calls += await stage.until_busy(5)
        await stage.stop(name)
        await asyncio.sleep(_BACK_AFTER_S)
        await stage.start(name)
        await asyncio.sleep(1)
    return Struck(proof=f"each told to stop, {calls} calls open", hit=calls >= 20, in_doubt=0)


def _library() -> Path | None:
    package = find_spec("libfaketime")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"


def _needs_library(_folder: Path) -> Ground:
    library = _library()
    there = library is not None and library.exists()
    return Ground(missing="" if there else "libfaketime is not installed")


def _with_clock_of(name: str) -> Callable[[Stage], Awaitable[None]]:
    """The process reads the time through a library that adds what stands in a file."""

    async def before(stage: Stage) -> None:
        await sms_only(stage)
        step = _step_of(stage, name)
        step.write_text("+0")
        stage.one.env_of[name] = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(step),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    return before


def _moved(name: str, hours: int) -> Callable[[Stage], Awaitable[Struck]]:
    """The wall clock jumps, and jumps back after a while; monotonic time goes on."""

    async def strike(stage: Stage) -> Struck:
        _step_of(stage, name).write_text(f"{hours * 3600:+d}")
        await asyncio.sleep(_MOVED_S)
        if name == "clock":
            # It says what time it is only when it ends.
            await stage.stop(name)
        seen_s = await _OFF_BY[name](stage)
        _step_of(stage, name).write_text("+0")
        if name == "clock":
            await stage.start(name)
        return Struck(
            proof=f"off by {seen_s / 3600:+.2f} h for {_MOVED_S:.0f} s",
            hit=abs(seen_s - hours * 3600) < 60,
            in_doubt=0,
        )

    return strike


def _step_of(stage: Stage, name: str) -> Path:
    return stage.one.folder / f"time-of-{name}"


async def _ids_off_by(stage: Stage, table: str, id_column: str, moment: str) -> float:
    """How far the time inside the ids that a process minted is from the ledger's time, at most."""
    [row] = await stage.one.rows(
        f"SELECT extract(epoch FROM uuid_extract_timestamp({id_column}) - {moment})::float AS off"
        f" FROM {table} ORDER BY abs(extract(epoch FROM"
        f" uuid_extract_timestamp({id_column}) - {moment})) DESC LIMIT 1"
    )
    return float(row["off"])


async def _log_off_by(stage: Stage) -> float:
    last = (stage.one.folder / "clock.log").read_text().splitlines()[-1]
    at = datetime.fromisoformat(json.loads(last)["time"])
    return (at - datetime.now(UTC)).total_seconds()


_OFF_BY: dict[str, Callable[[Stage], Awaitable[float]]] = {
    "api": lambda stage: _ids_off_by(stage, "notification", "id", "accepted_at"),
    "worker-1": lambda stage: _ids_off_by(stage, "attempt", "id", "opened_at"),
    "clock": _log_off_by,
}

CASES = [
    Case(
        name="worker-killed",
        what="kill -9 of a worker amid its calls, four times, over SMS",
        before=sms_only,
        strike=_kill_worker,
        processes=("api", "worker-1", "clock"),
    ),
    Case(
        name="worker-killed-zalo",
        what="the same over Zalo, which cannot be asked again",
        before=zalo_first,
        strike=_kill_worker,
        processes=("api", "worker-1", "clock"),
    ),
    *(
        Case(
            name=f"worker-frozen{suffix}",
            what=f"a worker stands still amid its calls, longer than its leases, over {over}",
            before=before,
            strike=_freeze_worker,
            processes=("api", "worker-1", "worker-2", "clock"),
            count=6_000,
        )
        for suffix, over, before in (("", "SMS", sms_only), ("-zalo", "Zalo", zalo_first))
    ),
    Case(
        name="clock-frozen",
        what="the leading of two clocks stands still for 40 s",
        before=sms_only,
        strike=_freeze_clock,
        processes=("api", "worker-1", "worker-2", "clock-1", "clock-2"),
        count=6_000,
    ),
    Case(
        name="api-killed",
        what="kill -9 of the API amid requests, five times",
        before=sms_only,
        strike=_kill_api,
        count=9_000,
        rate_per_s=300,
    ),
    Case(
        name="clock-killed",
        what="kill -9 of the clock, back after 10 s",
        before=sms_only,
        strike=_kill_clock,
    ),
    Case(
        name="all-killed",
        what="kill -9 of all processes but the stores, twice",
        before=sms_only,
        strike=_kill_all,
    ),
    Case(
        name="stopped",
        what="SIGTERM of each process in turn",
        before=sms_only,
        strike=_stop_each,
    ),
    *(
        Case(
            name=f"time-of-{name}{hours:+d}h",
            what=f"the wall clock of {name} jumps by {hours:+d} h and back",
            before=_with_clock_of(name),
            strike=_moved(name, hours),
            ground=_needs_library,
            processes=("api", "worker-1", "clock"),
        )
        for name in _OFF_BY
        for hours in (1, -1)
    ),
]
