"""How fast the pages for operators are over ten million notifications, cold and warm. Run as
`python -m bench.console [COUNT]`; filling the ledger takes a quarter of an hour the first time, and
36 GB of disk. It is kept; delete the folder that is named at the end.

Cold: PostgreSQL was just started and the system's cache of its files was given back. Warm: the same
again. Each page is asked for over HTTP by somebody who is signed in, one request at a time.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import asyncpg

from bench.rig import ground, province
from bench.rig.kept import province_of
from bench.rig.report import Report, Table, Target, say
from bench.rig.site import Site, work_folder

COUNT = 10_000_000
PAGES_WANTED_MS = 200.0
REPORTS_WANTED_MS = 5_000.0
_WARM = 20
# Shown figures of the same two seconds are shared, and would be measured as nothing.
_APART_S = 2.1


def pages(now: datetime) -> Mapping[str, str]:
    """The month before the present one is whole."""
    last = now.replace(day=1) - timedelta(days=1)
    month = f"from={last:%Y-%m}-01&to={last:%Y-%m-%d}"
    half_a_year = f"from={now - timedelta(days=180):%Y-%m-%d}"
    return {
        "overview": "/console/overview",
        **{
            f"report of a month by {by}": f"/console/reports?{month}&by={by}"
            for by in ("day", "unit", "account")
        },
        "report of half a year by unit": f"/console/reports?{half_a_year}&by=unit",
        "month to print": f"/console/reports/month?month={last:%Y-%m}",
        "month as spreadsheet": f"/console/reports/file?{month}&by=unit&as=xlsx",
    }


class Operator:
    """Signed in as the demo's operator."""

    def __init__(self, site: Site, session: aiohttp.ClientSession) -> None:
        self._site, self._session = site, session

    async def sign_in(self) -> None:
        users = self._site.one.demo["users"]
        [user] = [one for one in users if one["role"] == "operator"]
        text = await self._text("/console/sign-in")
        csrf = text.partition('name="csrf" value="')[2][:64]
        form = {"csrf": csrf, "name": user["name"], "password": user["password"]}
        async with self._session.post(self._url("/console/sign-in"), data=form) as answer:
            assert answer.status == 200, answer.status

    async def asks(self, path: str) -> float:
        """Milliseconds until the whole answer was there."""
        began = time.perf_counter()
        async with self._session.get(self._url(path)) as answer:
            await answer.read()
            assert answer.status == 200, (path, answer.status)
        return (time.perf_counter() - began) * 1000

    async def _text(self, path: str) -> str:
        async with self._session.get(self._url(path)) as answer:
            return await answer.text()

    def _url(self, path: str) -> Any:
        return self._site.one.base_url + path


async def measured(site: Site, wanted: Mapping[str, str], times: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        operator = Operator(site, session)
        await operator.sign_in()
        for name, path in wanted.items():
            for _ in range(times):
                await asyncio.sleep(_APART_S if path.endswith("overview") else 0)
                found.setdefault(name, []).append(await operator.asks(path))
    return found


async def plain_counts(url: str) -> dict[str, int]:
    """What the counts of all days must come to."""
    connection = await asyncpg.connect(url, command_timeout=600)
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM notification) AS notifications,"
        " (SELECT sum(notices)::bigint FROM notice_day) AS counted,"
        " (SELECT count(*) FROM attempt) AS attempts,"
        " (SELECT sum(attempts)::bigint FROM attempt_day) AS counted_attempts"
    )
    await connection.close()
    return dict(row)


def give_back_cache(site: Site) -> None:
    """PostgreSQL begins with nothing in memory, and the system with none of its files."""
    site.postgres.stop()
    for path in (site.one.folder / "postgres").rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    site.postgres.start()


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    report = Report("console", ground.describe(work_folder()))
    with province_of(count) as site:
        counts = asyncio.run(plain_counts(site.one.database_url))
        say(f"{counts}")
        assert counts["notifications"] == counts["counted"]
        assert counts["attempts"] == counts["counted_attempts"]
        site.one.start("clock")
        wanted = pages(datetime.now(UTC).astimezone(province.HANOI))
        cold: dict[str, list[float]] = {}
        for name, path in wanted.items():
            site.one.kill("clock")
            if "api" in site.one.processes:
                site.one.kill("api")
            give_back_cache(site)
            site.one.start("api", "clock")
            time.sleep(3)
            cold |= asyncio.run(measured(site, {name: path}, 1))
        warm = asyncio.run(measured(site, wanted, _WARM))
    table = Table(
        title=f"pages over {counts['notifications']:,} notifications, ms",
        columns=("", "cold", "p50", "p95", "longest"),
    )
    for name, took in warm.items():
        ordered = sorted(took)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))]
        table.add(name, cold[name][0], p50, p95, ordered[-1])
        limit = PAGES_WANTED_MS if name == "overview" else REPORTS_WANTED_MS
        report.targets.append(Target(what=f"{name}, p95 ms", wanted=limit, measured=p95))
    report.show(table)
    report.finish()
    return 0 if all(one.reached for one in report.targets) else 1


if __name__ == "__main__":
    sys.exit(main())
