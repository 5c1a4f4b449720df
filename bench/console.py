"""How fast the console is over ten million notifications, cold and warm. Run as
`python -m bench.console [COUNT]`; filling the ledger takes half an hour the first time, and 40 GB
of disk. It is kept; delete the folder that is named at the end.

Cold: PostgreSQL and the API were just started, and the system's cache of the ledger's files was
given back. Warm: the same again, each time for another person. Every page is asked for over HTTP
by an operator who is signed in, one at a time; a search begins with the form that is sent and ends
with the whole list.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg

from bench.rig import ground, province
from bench.rig.kept import province_of
from bench.rig.operator import Operator
from bench.rig.report import Report, Table, Target, say
from bench.rig.site import Site, work_folder
from bench.rig.wishes import WANTED_MS, Kind, One, Wish, ones, wishes

COUNT = 10_000_000
_WARM = 20
_ROW = re.compile(r'href="/console/messages/(ntf_\w+)"')
# Shown figures of the same two seconds are shared, and would be measured as nothing.
_APART_S = 2.1


@dataclass(kw_only=True)
class Waits:
    """How long one wish took, in milliseconds: the first time, and then. `stopped`: so many
    searches ended for their time; `rows` in the last list."""

    cold: float | None = None
    warm: list[float] = field(default_factory=list)
    stopped: int = 0
    rows: int = 0


async def ask(site: Site, wanted: Sequence[Wish], people: Sequence[One]) -> dict[str, Waits]:
    """Everything that is wanted, for each of these people."""
    found = {wish.name: Waits() for wish in wanted}
    async with Operator.at(site) as operator:
        for wish in wanted:
            waits = found[wish.name]
            for one in people:
                await asyncio.sleep(_APART_S if wish.kind is Kind.OVERVIEW else 0)
                began = time.perf_counter()
                text = await operator.text(wish.asks(one))
                waits.warm.append((time.perf_counter() - began) * 1000)
                waits.stopped += "further=1" in text
                waits.rows = len(set(_ROW.findall(text)))
    return found


def ask_cold(site: Site, wish: Wish, one: One) -> float:
    for name in {"api", "clock"} & site.one.processes.keys():
        site.one.kill(name)
    give_back_cache(site)
    site.one.start("api", "clock")
    time.sleep(1)
    [waits] = asyncio.run(ask(site, [wish], [one])).values()
    return waits.warm[0]


def give_back_cache(site: Site) -> None:
    """PostgreSQL begins with nothing in memory, and the system with none of its files."""
    site.postgres.stop()
    for path in (site.one.folder / "postgres").rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    site.postgres.start()


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


def tell(report: Report, kind: Kind, wanted: Sequence[Wish], found: dict[str, Waits]) -> None:
    table = Table(
        title=f"{kind}, ms", columns=("", "cold", "p50", "p95", "longest", "rows", "stopped")
    )
    limit, everything = WANTED_MS[kind], list[float]()
    for wish in wanted:
        waits = found[wish.name]
        table.add(wish.name, waits.cold, *_spread(waits.warm), waits.rows, waits.stopped)
        everything += waits.warm
        if kind is not Kind.SEARCH:
            p95 = _spread(waits.warm)[1]
            report.targets.append(Target(what=f"{wish.name}, p95 ms", wanted=limit, measured=p95))
    if kind is Kind.SEARCH:
        p50, p95, longest = _spread(everything)
        table.add("all of them", None, p50, p95, longest, None, None)
        report.targets.append(Target(what="searches, p95 ms", wanted=limit, measured=p95))
    report.show(table)


def _spread(took: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(took)
    return ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    report = Report("console", ground.describe(work_folder()))
    with province_of(count) as site:
        url, keyring = site.one.database_url, site.one.folder / "keyring.json"
        counts = asyncio.run(plain_counts(url))
        say(f"{counts}")
        if (counts["notifications"], counts["attempts"]) != (
            counts["counted"],
            counts["counted_attempts"],
        ):
            say("not everything is counted")
            return 1
        wanted = wishes(datetime.now(UTC).astimezone(province.HANOI))
        people = asyncio.run(ones(url, keyring, _WARM + 1))
        cold = {wish.name: ask_cold(site, wish, people[0]) for wish in wanted}
        found = asyncio.run(ask(site, wanted, people[1:]))
    for name, took in cold.items():
        found[name].cold = took
    for kind in Kind:
        tell(report, kind, [wish for wish in wanted if wish.kind is kind], found)
    report.finish()
    return 0 if all(one.reached for one in report.targets) else 1


if __name__ == "__main__":
    sys.exit(main())
