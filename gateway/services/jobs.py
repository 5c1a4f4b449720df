"""Working off what a person confirmed: one part of one job at a time, by whichever worker is free.

    confirmed ──► a row that runs ──bell──► a worker takes it ──► a part ──► noted, free again ─┐
                       ▲                                                                        │
                       └──────────────── the clock rings while a row waits ◄───────────────────┘

A part is noted in one transaction with the row, by its holder only. Rights are asked before each
part: who confirmed it may have lost them since. To stop one is a wish that is met between parts, so
that what was done is counted.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import structlog

from gateway.domain.staff import Permission, Staff
from gateway.errors import LedgerUnavailable
from gateway.ledger import audit, jobs, users
from gateway.ledger.database import Connection, Database
from gateway.ledger.jobs import JobKind, Running, Taken
from gateway.services.minting import mint
from gateway.services.sign_in import roles_of

log = structlog.get_logger()

JOB = "job"
# A part that brings its worker down, or cannot be written, is given up after so many tries.
MOST_TRIES = 30
ASKED, RIGHTS_GONE, BROKEN = "asked", "rights_gone", "broken"

NEEDS: Mapping[JobKind, Permission] = {
    JobKind.HAND_LIST: Permission.HAND_LIST,
    JobKind.MASS_ACT: Permission.STEER_MESSAGES,
    JobKind.HELD_ACT: Permission.RELEASE_HELD,
}

# Writes what a part brought, in the caller's transaction. True: that was the last one.
Note = Callable[[Connection], Awaitable[bool]]


class JobStops(Exception):
    """It cannot go on; `word` says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Work(Protocol):
    """Does the next part of one kind of job, in the name of who confirmed it."""

    async def part(self, taken: Taken, staff: Staff) -> Note:
        """Raises JobStops. It is called again for a part that was not noted."""
        ...


class RunJobs:
    def __init__(self, database: Database, work: Mapping[JobKind, Work]) -> None:
        self._database = database
        self._work = work

    async def one(self) -> bool:
        """A part of the job that has waited longest; False where none waits."""
        async with self._database.connection() as connection:
            taken = await jobs.take(connection, mint())
        if taken is None:
            return False
        try:
            await self._go_on(taken)
        except LedgerUnavailable:
            raise
        except Exception:
            # It stays in hand until its lease runs out, and is tried again then.
            log.exception("job_part_failed", kind=taken.kind.value, tries=taken.tries)
        return True

    async def _go_on(self, taken: Taken) -> None:
        try:
            staff = await self._confirmed_by(taken)
            note = await self._work[taken.kind].part(taken, staff)
        except JobStops as stops:
            await self._stop(taken, stops.word)
            return
        async with self._database.transaction() as connection:
            is_ours, stop_by = await jobs.hold(connection, taken)
            if not is_ours:
                return
            if await note(connection):
                await jobs.end(connection, taken.id)
            elif stop_by:
                await jobs.stop(connection, taken.id, taken.kind, ASKED, stop_by)
            else:
                await jobs.move(connection, taken.id)

    async def _confirmed_by(self, taken: Taken) -> Staff:
        if taken.tries > MOST_TRIES:
            raise JobStops(BROKEN)
        async with self._database.connection() as connection:
            user = await users.by_id(connection, taken.user_id)
        staff = user and Staff(
            id=user.id,
            name=user.name,
            roles=roles_of(user.roles),
            units=None if user.units is None else frozenset(user.units),
        )
        if user is None or user.disabled or not staff or not staff.may(NEEDS[taken.kind]):
            raise JobStops(RIGHTS_GONE)
        return staff

    async def _stop(self, taken: Taken, word: str) -> None:
        async with self._database.transaction() as connection:
            is_ours, _ = await jobs.hold(connection, taken)
            if is_ours:
                await jobs.stop(connection, taken.id, taken.kind, word, "")
                entry = audit.Entry(
                    id=mint(),
                    actor="gateway",
                    action="job.stop",
                    why=word,
                    subject=f"{taken.kind}:{taken.id.hex}",
                )
                await audit.write(connection, entry)


class WatchJobs:
    """What staff see of running jobs, and stopping them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def running(self, staff: Staff) -> Sequence[Running]:
        """Those that somebody may stop: their own, and what concerns units of theirs."""
        async with self._database.connection() as connection:
            found = await jobs.running(connection)
        return [one for one in found if may_stop(staff, one)]

    async def find(self, job_id: UUID) -> Running | None:
        """None once it has ended."""
        async with self._database.connection() as connection:
            return await jobs.find(connection, job_id)

    async def stop(self, staff: Staff, job_id: UUID) -> bool:
        """False where none of theirs runs under this id."""
        async with self._database.transaction() as connection:
            found = await jobs.find(connection, job_id)
            if found is None or not may_stop(staff, found):
                return False
            if await jobs.ask_to_stop(connection, job_id, staff.name):
                await jobs.stop(connection, job_id, found.kind, ASKED, staff.name)
            await audit.write(connection, _stopped_by(staff, found))
        return True


def may_stop(staff: Staff, job: Running) -> bool:
    if not staff.may(NEEDS[job.kind]):
        return False
    is_theirs = staff.may_see(job.unit) if job.unit else staff.sees_all_units
    return job.user_id == staff.id or is_theirs


def _stopped_by(staff: Staff, job: Running) -> audit.Entry:
    return audit.Entry(
        id=mint(),
        actor=staff.actor,
        action="job.stop",
        why=ASKED,
        found=job.done,
        subject=f"{job.kind}:{job.id.hex}",
        detail=f"{job.user_name} {job.unit or ''}".strip(),
    )
