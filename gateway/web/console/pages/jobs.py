"""Jobs: how far each is, that it goes on while nobody looks, and stopping one."""

from typing import Any
from uuid import UUID

from aiohttp import web

from gateway.domain import identity
from gateway.ledger.jobs import JobKind, Running
from gateway.services.hand_list import HAND_LIST
from gateway.services.jobs import JOB
from gateway.web.console.faults import missing
from gateway.web.console.visit import Visit

ACT, DECISION = "act", "hdl"
_PAGE = "/console/jobs"
_PATHS = {
    JobKind.HAND_LIST: ("/console/hand-list", HAND_LIST),
    JobKind.MASS_ACT: ("/console/acts", ACT),
    JobKind.HELD_ACT: ("/console/held/acts", DECISION),
}


async def show_jobs(visit: Visit) -> web.Response:
    """What runs, also of colleagues, whose data stay theirs; and one's own acts of late."""
    running = await visit.console.jobs.running(visit.staff)
    return visit.page(
        "jobs/list.html",
        running=running,
        latest=await visit.console.mass_steer.latest(visit.staff),
        path_of=path_of,
        stop_of=stop_of,
        kinds=JobKind,
        units={code: one.name for code, one in visit.console.directory().units.items()},
    )


async def stop(visit: Visit) -> web.Response:
    """A wish: the part under way is finished and counted first."""
    try:
        job_id = identity.read(JOB, visit.request.match_info["id"])
    except ValueError:
        raise missing() from None
    found = await visit.console.jobs.find(job_id)
    if found is None or not await visit.console.jobs.stop(visit.staff, job_id):
        return visit.go(_PAGE, say="jobs.not_running")
    is_own = found.user_id == visit.staff.id
    return visit.go(path_of(found.kind, job_id) if is_own else _PAGE, say="jobs.stopping_now")


async def of(visit: Visit, job_id: UUID) -> Running | None:
    """To be asked before what the job is about is read: if none runs, that is as it ended."""
    return await visit.console.jobs.find(job_id)


def path_of(kind: JobKind, job_id: UUID) -> str:
    page, prefix = _PATHS[kind]
    return f"{page}/{identity.show(prefix, job_id)}"


def stop_of(job_id: UUID) -> str:
    return f"{_PAGE}/{identity.show(JOB, job_id)}/stop"


def progress(visit: Visit, template: str, job: Running | None, **values: Any) -> web.Response:
    """The part of a page that asks by itself. Once the job has ended the whole page is new."""
    answer = visit.page(template, job=job, **values)
    if job is None:
        answer.headers["HX-Refresh"] = "true"
    return answer
