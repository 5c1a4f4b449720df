"""`python -m bench.survive [NAME …]`: play the cases, compare the books, write to bench/results/.

Exits with 1 when a case fails, or when its fault did not strike.
"""

import asyncio
import sys
import time
from dataclasses import dataclass

from bench.rig import ground
from bench.rig.report import Report, Table, say
from bench.rig.site import opened, work_folder
from bench.survive import books, outside, processes, stores
from bench.survive.books import Verdict
from bench.survive.case import Case, Ground, Struck
from bench.survive.crowd import Crowd, Heard
from bench.survive.stage import Stage

CASES = [*processes.CASES, *stores.CASES, *outside.CASES]
STRIKES_AFTER_S = 5.0
RECOVERS_WITHIN_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Played:
    case: Case
    struck: Struck
    heard: Heard
    verdict: Verdict
    recovered_s: float
    lasted_s: float

    @property
    def wrong(self) -> list[str]:
        """All that the case fails for."""
        found = [] if self.struck.hit else ["the fault did not strike"]
        found += self.verdict.wrong
        found += [f"answered {what}: {count}" for what, count in self.heard.surprises.items()]
        if self.heard.given_up:
            found.append(f"{len(self.heard.given_up)} sources gave up")
        most = self.struck.in_doubt
        if most is not None and self.verdict.unknowns > most:
            found.append(f"{self.verdict.unknowns} unknown where {most} calls were open")
        if not self.case.by_hand and self.recovered_s > RECOVERS_WITHIN_S:
            found.append(f"recovered after {self.recovered_s:.0f} s")
        waits = {f"waiting: {reason}" for reason in self.case.may_wait}
        others = set(self.verdict.states) - self.case.ends_as - waits
        found += [f"{self.verdict.states[one]} ended {one}" for one in sorted(others)]
        return [*found, *self.case.also(self.verdict, self.heard)]


def main(names: list[str]) -> int:
    known = {case.name: case for case in CASES}
    if unknown := [name for name in names if name not in known]:
        say(f"no such case: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    report = Report("survive", ground.describe(work_folder()))
    table = Table(
        title="broken under load, then compared: what sources heard, the ledger, the providers",
        columns=(
            *("", "the fault", "accepted", "lost", "not ended", "doubled", "told twice"),
            *("unknown", "of calls", "503", "no answer", "slowest s", "recovered s", "verdict"),
        ),
    )
    failed = 0
    for case in [known[name] for name in names] or CASES:
        played = _play(case)
        if isinstance(played, str):
            say(f"{case.name}: NOT PLAYED, {played}")
            table.add(case.name, *("",) * 12, f"not played: {played}")
            continue
        failed += bool(played.wrong)
        _say(played)
        table.add(*_row(played))
    report.show(table)
    report.finish()
    say("every case ended as it must" if not failed else f"{failed} cases FAILED")
    return 1 if failed else 0


def _play(case: Case) -> Played | str:
    """The case, or why it cannot be played here."""
    made: list[Ground] = []
    began = time.monotonic()

    def prepare(folder: object) -> None:
        if case.ground:
            made.append(case.ground(folder))  # type: ignore[arg-type]

    try:
        with opened(f"survive-{case.name}", case.tune, prepare, **case.settings) as site:
            if made and made[0].missing:
                return made[0].missing
            return asyncio.run(_run(case, Stage(site), began))
    finally:
        for one in made:
            one.put_back()


async def _run(case: Case, stage: Stage, began: float) -> Played:
    async with stage:
        await stage.start("sandbox")
        await case.before(stage)
        await stage.start(*case.processes)
        stage.crowd = Crowd(stage.one, case.events(case.count), case.rate_per_s, case.copies)
        posting = asyncio.create_task(stage.crowd.post_all())
        await asyncio.sleep(STRIKES_AFTER_S)
        struck = await case.strike(stage)
        recovered_s = await stage.recovered()
        heard = await posting
        await stage.all_ended(case.ends_within_s, case.may_wait)
        verdict = books.compare(
            heard,
            await stage.one.rows(books.NOTIFICATIONS),
            await stage.one.rows(books.ATTEMPTS),
            await stage.delivered(),
            case.may_wait,
        )
    return Played(
        case=case,
        struck=struck,
        heard=heard,
        verdict=verdict,
        recovered_s=recovered_s,
        lasted_s=time.monotonic() - began,
    )


def _say(played: Played) -> None:
    states = ", ".join(f"{count} {what}" for what, count in played.verdict.states.most_common())
    wrong = "; ".join(played.wrong) or "as it must"
    say(f"{played.case.name} ({played.lasted_s:.0f} s): {played.struck.proof}; {states}; {wrong}")


def _row(played: Played) -> list[object]:
    verdict, heard, struck = played.verdict, played.heard, played.struck
    return [
        *(played.case.name, struck.proof, verdict.accepted, verdict.lost, verdict.not_ended),
        *(verdict.doubled, verdict.told_twice, verdict.unknowns, struck.in_doubt),
        *(heard.answers["503"], sum(heard.surprises.values()), heard.slowest_s),
        *(played.recovered_s, "; ".join(played.wrong) or "as it must"),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
