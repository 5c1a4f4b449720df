"""What accepts notices, by whomever it is called, and the jobs that workers do."""

from collections.abc import Callable

from gateway.domain.notification import Lane
from gateway.ledger.jobs import JobKind
from gateway.services.booking import Booking
from gateway.services.decide_held import WorkHeld
from gateway.services.jobs import RunJobs
from gateway.services.mass_steer import WorkMassAct
from gateway.services.owing import Owing
from gateway.services.resend import Resend
from gateway.services.resend_check import ResendCheck
from gateway.services.steer import Steer
from gateway.services.still_due import StillDue
from gateway.services.submit import Submit
from gateway.services.withdraw import Withdraw
from gateway.services.work_list import WorkList
from gateway.wiring.core import Core

Ring = Callable[[Lane], None]


def wire_owing(core: Core) -> Owing:
    return Owing(
        hasher=core.hasher,
        sealer=core.sealer,
        hours=core.world.hours,
        open_time=core.settings.windows.open_time,
    )


def wire_submit(core: Core, ring: Ring) -> Submit:
    return Submit(
        database=core.database,
        booking=Booking(
            directory=core.directory,
            templates=core.templates,
            hasher=core.hasher,
            owing=wire_owing(core),
            supersedes=core.settings.supersedes.by_kind,
        ),
        now=core.clock,
        ring=ring,
        largest_group=core.settings.deliver.group_max,
    )


def wire_resend(core: Core, ring: Ring) -> Resend:
    return Resend(
        database=core.database,
        templates=core.templates,
        hasher=core.hasher,
        owing=wire_owing(core),
        check=wire_resend_check(core),
        ring=ring,
    )


def wire_resend_check(core: Core) -> ResendCheck:
    return ResendCheck(
        directory=core.directory,
        compose=core.compose,
        owing=wire_owing(core),
        still_due=StillDue(core.hasher, core.settings.supersedes.by_kind),
        now=core.clock,
    )


def wire_steer(core: Core, resend: Resend) -> Steer:
    return Steer(
        database=core.database,
        withdraw=Withdraw(core.database),
        resend=resend,
        directory=core.directory_in_force,
    )


def wire_jobs(core: Core, ring: Ring) -> RunJobs:
    steer = wire_steer(core, wire_resend(core, ring))
    return RunJobs(
        core.database,
        {
            JobKind.HAND_LIST: WorkList(
                database=core.database,
                sealer=core.sealer,
                submit=wire_submit(core, ring),
                directory=core.directory_of_staff,
                now=core.clock,
            ),
            JobKind.MASS_ACT: WorkMassAct(core.database, steer),
            JobKind.HELD_ACT: WorkHeld(core.database, core.directory_of_staff),
        },
    )
