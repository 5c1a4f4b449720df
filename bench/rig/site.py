"""One installation under measurement: stores of its own on a real disk, the gateway, a stand-in."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import aiohttp
import asyncpg

from bench.rig import cpu
from bench.rig.clients import Load, Posted
from gateway.embedded import EmbeddedPostgres, EmbeddedRedis
from gateway.tether import Program, spawn
from tests.installation import Installation

ROOT = Path(__file__).parents[2]
_PATIENCE_S = 30.0


def work_folder() -> Path:
    """Where the stores of a measurement lie; BENCH_DIR names another place."""
    folder = Path(os.environ.get("BENCH_DIR", ROOT / "bench" / ".work"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


class Site:
    """Made by `opened`. Processes are named as in `Installation`, with `standin` besides."""

    def __init__(
        self, folder: Path, postgres: EmbeddedPostgres, redis: EmbeddedRedis, **settings: str
    ) -> None:
        self.postgres, self.redis = postgres, redis
        self.one = Installation(folder, postgres.url(), redis.url(), settings)
        self._first = 0
        self.run = f"{int(time.time())}"

    def start(self, *, workers: int = 2, apis: int = 1) -> None:
        """Everything but the stores, answering."""
        self.start_standin()
        names = [f"worker-{number}" for number in range(1, workers + 1)]
        self.one.start("api", *(f"api-{n}" for n in range(2, apis + 1)), *names, "clock")

    def start_standin(self) -> None:
        """The lean stand-in in place of the sandbox."""
        port = str(self.one.settings.sandbox.port)
        argv = ["-m", "bench.rig.standin", "--config", str(self.one.sandbox_file), "--port", port]
        log = self.one.folder / "standin.log"
        program = Program(argv=[sys.executable, *argv], cwd=ROOT, log=log)
        self.one.processes["standin"] = spawn(program)
        self._until(lambda: self.standin("stats") is not None)

    def standin(self, what: str, **wish: Any) -> Any:
        """Ask the stand-in, or tell it something."""
        body = json.dumps(wish).encode() if wish else None
        with urlopen(f"{self.one.sandbox_url}/standin/{what}", body, timeout=10) as answer:
            return json.load(answer)

    def _until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                if true():
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(self.one.logs())
            time.sleep(0.05)

    def load(self, count: int, **how: Any) -> Load:
        """A load of events that no earlier one of this site has posted."""
        first, self._first = self._first, self._first + count
        demo = self.one.demo
        return Load(
            base_url=self.one.base_url,
            source=demo["source"],
            secret=demo["webhook_secret"],
            api_key=demo["api_key"],
            unit=demo["unit"],
            first=first,
            count=count,
            run=self.run,
            **how,
        )

    async def post(self, load: Load) -> Posted:
        """The load, posted by a process of its own."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.rig.clients"),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        out, _ = await process.communicate(json.dumps(vars(load)).encode())
        if process.returncode:
            raise RuntimeError("the load ended early; its lines above say why")
        return Posted(**json.loads(out))

    async def calls_reach(self, wanted: int, within_s: float) -> dict[str, Any]:
        """What the stand-in counted once it has had so many calls."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(within_s):
            while True:
                async with session.get(f"{self.one.sandbox_url}/standin/stats") as answer:
                    stats: dict[str, Any] = await answer.json(content_type=None)
                if stats["calls"] >= wanted:
                    return stats
                await asyncio.sleep(0.05)

    async def until(
        self, statement: str, within_s: float, arguments: tuple[object, ...] = ()
    ) -> float:
        """The monotonic moment at which the statement answers true."""
        connection = await asyncpg.connect(self.one.database_url)
        try:
            async with asyncio.timeout(within_s):
                while not await connection.fetchval(statement, *arguments):
                    await asyncio.sleep(0.1)
                return time.monotonic()
        finally:
            await connection.close()

    def groups(self) -> dict[str, list[int]]:
        """The gateway's own processes by group, without load and stand-in."""
        found: dict[str, list[int]] = {"api": [], "workers": [], "clock": []}
        for name, process in self.one.processes.items():
            kind = name.partition("-")[0]
            group = {"worker": "workers"}.get(kind, kind)
            if group in found:
                found[group].append(process.pid)
        stores = {"postgres": self.postgres.pid, "redis": self.redis.pid}
        return found | {name: [pid] for name, pid in stores.items() if pid}

    def spent(self) -> cpu.Spent:
        return cpu.spent(self.groups())

    def memory_mib(self) -> dict[str, float]:
        """Memory of each process of the gateway that only it holds."""
        return {
            name: round(cpu.uss_mib(process.pid), 1)
            for name, process in self.one.processes.items()
            if name != "standin"
        }


@contextmanager
def opened(
    name: str,
    tune: Callable[[dict[str, Any]], None] = lambda _config: None,
    prepare: Callable[[Path], None] = lambda _folder: None,
    **settings: str,
) -> Iterator[Site]:
    """A prepared site over empty stores, all of which end with the block. `tune` may change the
    sandbox's configuration, `prepare` the folder before the stores are made in it."""
    folder = work_folder() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    prepare(folder)
    postgres, redis = EmbeddedPostgres(folder), EmbeddedRedis(folder)
    try:
        postgres.start()
        redis.start()
        site = Site(folder, postgres, redis, **{"BAOTIN_CLOCK_TICK_S": "0.5"} | settings)
        try:
            site.one.prepare(tune)
            yield site
        finally:
            site.one.stop()
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
