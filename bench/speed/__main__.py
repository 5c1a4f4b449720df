"""`python -m bench.speed [full|quick|growth]`: measure, print, write to bench/results/."""

import asyncio
import sys
import time

from bench.rig import ground
from bench.rig.report import Report, Table, Target, say
from bench.rig.site import Site, opened, work_folder
from bench.speed import contest, growth, latency
from bench.speed.contest import Contender
from bench.speed.pipeline import GROUPS, Measured, Work, measure

# Processes see a change of the directory within two seconds.
_TAKEN_UP_S = 3.0


def main(arguments: list[str]) -> int:
    wish = arguments[0] if arguments else "full"
    try:
        machine = ground.describe(work_folder())
    except ground.UnfitGround as unfit:
        say(str(unfit))
        return 1
    report = Report(f"speed-{wish}", machine)
    if wish == "growth":
        growth.run(report)
    else:
        _speed(report, quick=wish == "quick")
    report.finish()
    return 0


def _speed(report: Report, *, quick: bool) -> None:
    share = 10 if quick else 1
    with opened("speed", BAOTIN_CALLBACKS_ALLOWED_HOSTS="127.0.0.1") as site:
        site.start()
        _warm_up(site)
        bare = [contest.run_bare(site, 10_000 // share, 100)]
        plain, told = _pipeline(report, site, share)
        bare.append(contest.run_bare(site, 10_000 // share, 100))
        _latency(report, site, share)
    with opened("speed-sms") as site:
        asyncio.run(site.one.route_only("sms"))
        site.start()
        _warm_up(site)
        _confirmed(report, site, share)
    _contest(report, share)
    bare_ms = min(one["cpu_ms"] for one in bare)
    table = Table(title="the limit: a bare client", columns=("", "calls/s", "CPU-ms a call"))
    for when, one in zip(("before", "after"), bare, strict=True):
        table.add(when, one["per_s"], one["cpu_ms"])
    report.show(table)
    report.targets[:0] = [
        Target(what="CPU-ms per notification", wanted=1.5, measured=plain.middle_ms),
        Target(what="… on the quietest stretch", wanted=1.5, measured=plain.least_ms),
        Target(what="CPU-ms with signed reports", wanted=2.5, measured=told.middle_ms),
        Target(what="… on the quietest stretch", wanted=2.5, measured=told.least_ms),
        Target(what="times the bare client's CPU", wanted=4, measured=plain.least_ms / bare_ms),
    ]


def _warm_up(site: Site) -> None:
    """Every worker has compiled its templates and prepared its statements."""
    asyncio.run(measure(site, Work(name="warm-up", count=3_000, clients=100, receipts=True)))


def _pipeline(report: Report, site: Site, share: int) -> tuple[Measured, Measured]:
    count = 20_000 // share
    works = [
        Work(name="50 ms, 50 clients", count=count),
        Work(name="50 ms, 100 clients", count=count, clients=100),
        Work(name="200 ms, 50 clients", count=count, latency_ms=200),
        Work(name="200 ms, 100 clients", count=count, latency_ms=200, clients=100),
        Work(name="50 ms, signed reports", count=count, receipts=True),
        Work(name="200 ms, signed reports", count=count, latency_ms=200, receipts=True),
        Work(name="open loop, 100/s", count=6_000 // share, rate_per_s=100),
    ]
    rows = [asyncio.run(measure(site, work)) for work in works]
    asyncio.run(site.one.retune_sources(callback_url=f"{site.one.sandbox_url}/callback"))
    time.sleep(_TAKEN_UP_S)
    work = Work(name="50 ms, reports and callbacks", count=count, receipts=True, callbacks=True)
    rows.append(asyncio.run(measure(site, work)))
    asyncio.run(site.one.retune_sources(callback_url=None))
    time.sleep(_TAKEN_UP_S)
    _show(report, "the whole path, over Zalo", rows)
    return rows[0], rows[4]


def _confirmed(report: Report, site: Site, share: int) -> None:
    count = 20_000 // share
    works = [
        Work(name="50 ms", count=count),
        Work(name="50 ms, reports confirmed by query", count=count, receipts=True),
    ]
    rows = [asyncio.run(measure(site, work)) for work in works]
    _show(report, "the whole path, over SMS", rows)


def _show(report: Report, title: str, rows: list[Measured]) -> None:
    table = Table(
        title=title,
        columns=(
            "",
            "accepted/s",
            "sent/s",
            "ended/s",
            *GROUPS,
            "CPU-ms",
            "middle",
            "least",
            "Mloops/s",
        ),
    )
    for row in rows:
        costs = [row.cost_ms[group] for group in GROUPS]
        rates = (row.accepted_per_s, row.sent_per_s, row.ended_per_s)
        table.add(
            row.work.name, *rates, *costs, row.total_ms, row.middle_ms, row.least_ms, row.loops
        )
    report.show(table)


def _latency(report: Report, site: Site, share: int) -> None:
    rows = [
        asyncio.run(latency.to_provider(site, Work(name=name, count=count, rate_per_s=rate)))
        for name, count, rate in (
            ("POST to provider, 1/s", 100 // share, 1.0),
            ("POST to provider, 20/s", 1_200 // share, 20.0),
        )
    ]
    steady = Work(name="POST to answer, 200/s", count=12_000 // share, rate_per_s=200.0)
    rows.append(asyncio.run(latency.to_answer(site, steady)))
    table = Table(title="waits in ms", columns=("", "samples", "p50", "p99", "longest"))
    for row in rows:
        table.add(row.name, row.samples, row.p50_ms, row.p99_ms, row.longest_ms)
    report.show(table)
    for name in [name for name in site.one.processes if name.startswith("worker")]:
        site.one.kill(name)
    # More than a source may usually post.
    asyncio.run(site.one.retune_sources(rate_per_s=100_000, burst=1_000_000))
    time.sleep(_TAKEN_UP_S)
    per_s = asyncio.run(latency.batch_ingest(site, 60_000 // share))
    table = Table(title="batches of 500, nobody delivering", columns=("", "events/s"))
    table.add("accepted", per_s)
    report.show(table)
    report.targets += [
        Target(what=f"{row.name}, {what} ms", wanted=wanted, measured=measured)
        for row in rows[:2]
        for what, wanted, measured in (("p50", 50, row.p50_ms), ("p99", 200, row.p99_ms))
    ]
    report.targets += [
        Target(what="POST to answer, p99 ms", wanted=50, measured=rows[2].p99_ms),
        Target(what="batch ingest, events/s", wanted=3_000, measured=per_s, at_most=False),
    ]


def _contest(report: Report, share: int) -> None:
    count = 2_000 // share
    with opened("peers") as site:
        site.start_standin()
        rows = contest.run_peers(site, count)
    with opened("ours", BAOTIN_DELIVER_PROCESSES="4") as site:
        asyncio.run(site.one.route_only("sms"))
        site.start(workers=contest.WORKERS)
        _warm_up(site)
        ours = asyncio.run(contest.run_ours(site, count * 4))
    table = Table(
        title="peers at the same work, four worker processes, provider 50 ms",
        columns=("", "sent/s", "CPU-ms", "ours is cheaper by", "faster by"),
    )
    for row in (*rows, ours):
        table.add(
            row.name,
            row.sent_per_s,
            row.cost_ms,
            row.cost_ms / ours.cost_ms,
            ours.sent_per_s / row.sent_per_s,
        )
    report.show(table)
    report.targets += _contest_targets(ours, rows)


def _contest_targets(ours: Contender, peers: list[Contender]) -> list[Target]:
    _, simple, celery = peers
    ratios = [
        ("cheaper than plain RQ, times", 5, simple.cost_ms / ours.cost_ms),
        ("cheaper than Celery, times", 4, celery.cost_ms / ours.cost_ms),
        ("faster than plain RQ, times", 10, ours.sent_per_s / simple.sent_per_s),
        ("faster than Celery, times", 10, ours.sent_per_s / celery.sent_per_s),
    ]
    return [
        Target(what=what, wanted=wanted, measured=measured, at_most=False)
        for what, wanted, measured in ratios
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
