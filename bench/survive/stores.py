"""Redis and PostgreSQL: emptied, stopped, killed, cut off, full, or set back to a backup."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import psutil
import redis

from bench.survive.case import Case, Ground, Struck
from bench.survive.crowd import Crowd
from bench.survive.processes import sms_only
from bench.survive.stage import Stage

_AWAY_S = 30.0
# Enough for a load that goes on before, during and after half a minute of absence.
_LONG = 6_000
_ACCEPTED = "SELECT count(*) FROM event_key"
_OURS = "application_name = 'baotin' AND pid <> pg_backend_pid()"


async def _flush_redis(stage: Stage) -> Struck:
    keys = 0
    with redis.Redis.from_url(stage.site.redis.url()) as client:
        for _ in range(20):
            keys += _size(client)
            client.flushall()
            await asyncio.sleep(0.5)
    return Struck(proof=f"20 times, {keys} keys gone", hit=keys >= 20, in_doubt=0)


async def _stop_redis(stage: Stage) -> Struck:
    before = await stage.number(_ACCEPTED)
    await asyncio.to_thread(stage.site.redis.stop)
    await asyncio.sleep(_AWAY_S)
    more = await stage.number(_ACCEPTED) - before
    await stage.redis_back()
    return Struck(proof=f"away {_AWAY_S:.0f} s, {more} accepted", hit=more > 1_000, in_doubt=0)


async def _hang_redis(stage: Stage) -> Struck:
    """It takes connections and answers nothing, as over a network that drops packets."""
    pid = _pid(stage.site.redis.pid)
    before = await stage.number(_ACCEPTED)
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(_AWAY_S)
    more = await stage.number(_ACCEPTED) - before
    os.kill(pid, signal.SIGCONT)
    return Struck(proof=f"silent {_AWAY_S:.0f} s, {more} accepted", hit=more > 1_000, in_doubt=0)


async def _hang_postgres(stage: Stage) -> Struck:
    """Nothing answers any more, and no connection ends: as if its disk or the network stood."""
    await stage.until_busy(3)
    parent = psutil.Process(_pid(stage.site.postgres.pid))
    processes = [parent, *parent.children()]
    left = await stage.in_flight()
    for one in processes:
        one.suspend()
    await asyncio.sleep(_AWAY_S)
    for one in processes:
        one.resume()
    return Struck(proof=f"silent {_AWAY_S:.0f} s, {len(left)} calls open", hit=bool(left))


async def _lose_redis(stage: Stage) -> Struck:
    os.kill(_pid(stage.site.redis.pid), signal.SIGKILL)
    await asyncio.sleep(1)
    folder = stage.one.folder / "redis"
    lost = [path for path in folder.glob("*") if path.name.startswith(("appendonly", "dump"))]
    for path in lost:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    await stage.redis_back()
    with redis.Redis.from_url(stage.site.redis.url()) as client:
        left = _size(client)
    return Struck(
        proof=f"killed, {len(lost)} files removed, {left} keys after", hit=bool(lost), in_doubt=0
    )


async def _stop_postgres(stage: Stage) -> Struck:
    calls = await stage.until_busy(3)
    await asyncio.to_thread(stage.site.postgres.stop)
    await asyncio.sleep(_AWAY_S)
    await stage.postgres_back()
    left = len(await stage.in_flight())
    return Struck(
        proof=f"away {_AWAY_S:.0f} s, {left} calls left open", hit=calls >= 3, in_doubt=left
    )


async def _kill_postgres(stage: Stage) -> Struck:
    hit, left = 0, set[UUID]()
    for _ in range(3):
        hit += await stage.until_busy(3) >= 3
        os.kill(_pid(stage.site.postgres.pid), signal.SIGKILL)
        await asyncio.sleep(2)
        await stage.postgres_back()
        left |= await stage.in_flight()
        await asyncio.sleep(4)
    return Struck(proof=f"{hit} of 3 kills amid calls", hit=hit == 3, in_doubt=len(left))


async def _cut_connections(stage: Stage) -> Struck:
    cut = 0
    for _ in range(20):
        cut += len(
            await stage.one.rows(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OURS}"
            )
        )
        await asyncio.sleep(0.5)
    return Struck(proof=f"{cut} connections cut in 10 s", hit=cut >= 50)


async def _exhaust_connections(stage: Stage) -> Struck:
    """Somebody else takes every connection that is free, and those that become free."""
    first = await asyncpg.connect(stage.one.database_url)
    held, refused, until = [first], 0, time.monotonic() + 20
    while time.monotonic() < until:
        # What the gateway still holds is cut, and taken before it comes back.
        await first.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OURS}")
        taken = await asyncio.gather(
            *(asyncpg.connect(stage.one.database_url, timeout=5) for _ in range(20)),
            return_exceptions=True,
        )
        held += [one for one in taken if isinstance(one, asyncpg.Connection)]
        refused += sum(isinstance(one, asyncpg.TooManyConnectionsError) for one in taken)
    for connection in held:
        await connection.close()
    return Struck(
        proof=f"{len(held)} connections taken, {refused} times none was left", hit=refused > 50
    )


async def _fill_disk(stage: Stage) -> Struck:
    ballast = stage.one.folder / "postgres" / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 20, 1 << 12):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    await asyncio.sleep(20)
    free = shutil.disk_usage(ballast.parent).free
    said = (stage.one.folder / "postgres.log").read_text(errors="replace")
    ballast.unlink()
    await stage.postgres_back()
    full = said.count("No space left on device")
    return Struck(proof=f"{free} bytes free, PostgreSQL said so {full} times", hit=full > 0)


def _small_disk(folder: Path) -> Ground:
    """PostgreSQL's folder on a file system of its own that can be filled, where we may make one."""
    place = folder / "postgres"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=600m,mode=700", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return Ground(missing="there is no mount command")
    if done.returncode:
        return Ground(missing="a small file system cannot be mounted here (needs root)")
    return Ground(
        put_back=lambda: subprocess.run(["umount", str(place)], check=False, capture_output=True)
    )


async def _restore(stage: Stage) -> Struck:
    """The ledger of some seconds ago comes back; providers and sources remember the rest."""
    one, file = stage.one, stage.one.folder / "ledger.backup"
    await one.baotin("backup", str(file))
    await asyncio.sleep(6)
    stage.kill("api", "worker-1", "worker-2", "clock")
    since = await stage.number(_ACCEPTED)
    await stage.new_database("restored")
    await one.baotin("restore", str(file))
    lost = since - await stage.number(_ACCEPTED)
    books = await stage.delivered()
    await stage.start("api", "worker-1", "worker-2", "clock")
    await asyncio.sleep(3)
    quiet = await stage.delivered() == books
    await _post_again(stage)
    await one.baotin("held", "release", "--yes")
    await one.baotin("resume", "everything")
    await one.baotin("held", "discard", "--yes")
    return Struck(proof=f"{lost} events newer than the backup", hit=lost > 300 and quiet)


async def _post_again(stage: Stage) -> None:
    """Sources post everything once more that they had an answer to; what is known stays known."""
    assert stage.crowd is not None
    told = stage.crowd.accepted_events()
    again = Crowd(stage.one, told, rate_per_s=1_000)
    heard = await again.post_all()
    stage.crowd.heard.accepted.update(heard.accepted)


def _pid(pid: int | None) -> int:
    assert pid is not None
    return pid


def _size(client: redis.Redis) -> int:
    return int(client.dbsize())  # type: ignore[arg-type]


CASES = [
    Case(
        name="redis-flushed",
        what="FLUSHALL twice a second for 10 s",
        before=sms_only,
        strike=_flush_redis,
    ),
    Case(
        name="redis-stopped",
        what="Redis stopped for 30 s",
        before=sms_only,
        strike=_stop_redis,
        count=_LONG,
    ),
    Case(
        name="redis-silent",
        what="Redis takes connections and answers nothing for 30 s",
        before=sms_only,
        strike=_hang_redis,
        count=_LONG,
    ),
    Case(
        name="redis-lost",
        what="Redis killed, its files removed",
        before=sms_only,
        strike=_lose_redis,
    ),
    Case(
        name="postgres-stopped",
        what="PostgreSQL stopped for 30 s",
        before=sms_only,
        strike=_stop_postgres,
        count=_LONG,
    ),
    Case(
        name="postgres-killed",
        what="kill -9 of PostgreSQL, three times",
        before=sms_only,
        strike=_kill_postgres,
        count=_LONG,
    ),
    Case(
        name="postgres-silent",
        what="PostgreSQL keeps its connections and answers nothing for 30 s",
        before=sms_only,
        strike=_hang_postgres,
        count=3_000,
        # Each post is open for seconds meanwhile, and is repeated.
        rate_per_s=50,
    ),
    Case(
        name="connections-cut",
        what="every connection to PostgreSQL cut, twenty times in 10 s",
        before=sms_only,
        strike=_cut_connections,
    ),
    Case(
        name="connections-exhausted",
        what="no connection to PostgreSQL left for 20 s",
        before=sms_only,
        strike=_exhaust_connections,
        count=_LONG,
    ),
    Case(
        name="disk-full",
        what="PostgreSQL's disk full for 20 s",
        before=sms_only,
        strike=_fill_disk,
        count=_LONG,
        by_hand=True,
        ground=_small_disk,
    ),
    Case(
        name="restored",
        what="a backup taken mid-run comes back, 6 s older",
        before=sms_only,
        strike=_restore,
        count=_LONG,
        by_hand=True,
    ),
]
