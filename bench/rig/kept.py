"""A filled installation that is kept, because filling it takes longer than measuring over it. What
the schema has become since is migrated; it is filled anew only where what is filled is another.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from bench.rig import province
from bench.rig.report import say
from bench.rig.site import Site, work_folder
from gateway.embedded import EmbeddedPostgres, EmbeddedRedis
from gateway.ledger import counting
from gateway.ledger.database import Database
from gateway.sealing import Sealer
from gateway.services.apply_directory import apply, read_file
from gateway.wiring import installed, keyring_of

# With its write-ahead log and what building indexes takes.
_BYTES_EACH = 5_000
_SETTINGS = {"shared_buffers": "1GB"}


class TooFull(Exception):
    """The disk has no room for such a ledger."""


@contextmanager
def province_of(count: int) -> Iterator[Site]:
    """A prepared site whose ledger holds so many notifications, made if it is not there yet."""
    folder = work_folder() / f"province-{count}"
    mark = folder / "filled.json"
    if not mark.exists() or json.loads(mark.read_text()).get("filling") != province.FILLING:
        shutil.rmtree(folder, ignore_errors=True)
        _require_room(count)
    folder.mkdir(exist_ok=True)
    shutil.rmtree(folder / "metrics", ignore_errors=True)
    postgres = EmbeddedPostgres(folder, settings=_SETTINGS)
    redis = EmbeddedRedis(folder)
    try:
        postgres.start()
        redis.start()
        site = Site(folder, postgres, redis)
        site.one.prepare()
        asyncio.run(_give_units(site))
        try:
            if not mark.exists():
                _fill(site, folder, count)
                mark.write_text(json.dumps({"filling": province.FILLING, "count": count}))
            asyncio.run(_count_up(site))
            yield site
        finally:
            site.one.stop()
    finally:
        redis.stop()
        postgres.stop()


def _require_room(count: int) -> None:
    free, wanted = shutil.disk_usage(work_folder()).free, count * _BYTES_EACH
    if free < wanted:
        raise TooFull(f"{work_folder()} has {free >> 30} GiB free, {wanted >> 30} are needed")


def _fill(site: Site, folder: Path, count: int) -> None:
    say(f"filling a ledger with {count:,} notifications, once")
    began = time.monotonic()

    def tell(done: str) -> None:
        say(f"{done} after {time.monotonic() - began:.0f} s")

    keyring = folder / "keyring.json"
    # One vacuum at the end does what would be begun again and again.
    asyncio.run(_alter(site, "SET autovacuum = off"))
    asyncio.run(province.fill(site.one.database_url, keyring, count, tell=tell))
    asyncio.run(_alter(site, "RESET autovacuum"))


async def _give_units(site: Site) -> None:
    """All units of the province, which every page with a choice of them lists."""
    demo, file = site.one.folder / "directory.toml", site.one.folder / "province.toml"
    file.write_text(province.directory(demo.read_text()))
    wanted = read_file(file, installed(site.one.settings))
    database = await Database.connect(site.one.database_url, size=1, statement_timeout_s=60)
    try:
        await apply(database, Sealer(keyring_of(site.one.settings)), wanted, "bench")
    finally:
        await database.close()


async def _count_up(site: Site) -> None:
    """What changed before it was last put away; a clock would need minutes for the days between."""
    connection = await asyncpg.connect(site.one.database_url, command_timeout=600)
    is_done = False
    while not is_done:
        async with connection.transaction():
            is_done = await counting.count_changed(connection)
    await connection.close()


async def _alter(site: Site, what: str) -> None:
    connection = await asyncpg.connect(site.one.database_url)
    await connection.execute(f"ALTER SYSTEM {what}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
