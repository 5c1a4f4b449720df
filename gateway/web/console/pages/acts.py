"""Acts on messages: one taken back or sent once more; many at once, after a look at how many."""

from collections.abc import Mapping
from uuid import UUID

from aiohttp import web

from gateway.domain import identity
from gateway.domain.channel import Channel
from gateway.domain.status import State
from gateway.ledger.jobs import JobKind
from gateway.ledger.mass_acts import MassAct
from gateway.services.mass_steer import ACTS, MOST, Prospect
from gateway.services.resend_check import Wish
from gateway.services.steer import ActRefused
from gateway.web.console.faults import missing
from gateway.web.console.pages import jobs
from gateway.web.console.pages.message import RESEND_WHY, page_of, wanted_id
from gateway.web.console.pages.messages import (
    PLAIN,
    id_in,
    path_of,
    quest_of,
    search_in,
    sought_under,
    unit_name,
)
from gateway.web.console.visit import Form, Visit


async def cancel(visit: Visit) -> web.Response:
    notification_id = wanted_id(visit)
    try:
        await visit.console.steer.cancel(visit.staff, notification_id)
    except ActRefused as refused:
        told = await visit.console.stories.one(visit.staff, notification_id)
        # Pressed twice, it is done all the same.
        if told is None or told.line.found.state != State.CANCELLED:
            fault = visit.words(f"messages.refused.{refused.word}")
            return page_of(visit, told, 422, fault)
    return visit.go(path_of(notification_id), say="messages.cancelled")


async def resend(visit: Visit) -> web.Response:
    """The form's own key makes two clicks one wish."""
    notification_id, form = wanted_id(visit), await visit.form()
    wish = Wish(
        reason=form["reason"] if form["reason"] in RESEND_WHY else None,
        channel=_channel(form),
        phone=form["phone"][:200] or None,
        force=form["force"] == "yes",
    )
    try:
        new = await visit.console.steer.send_again(
            visit.staff, notification_id, form["key"][:64] or "-", wish
        )
    except ActRefused as refused:
        told = await visit.console.stories.one(visit.staff, notification_id)
        fault = visit.words(f"messages.refused.{refused.word}")
        typed = {name: form[name] for name in ("by", "reason", "phone", "force")}
        return page_of(visit, told, 422, fault, opened="resend", typed=typed)
    if visit.staff.may_see(new.unit):
        return visit.go(path_of(new.id), say="messages.resent")
    unit = unit_name(visit, new.unit)
    return visit.go(path_of(notification_id), say="messages.resent_elsewhere", unit=unit)


async def prepare(visit: Visit) -> web.Response:
    """Settle on which messages: those that were ticked, or all that meet the filter."""
    form = await visit.form()
    if form["act"] not in ACTS:
        return visit.go("/console/messages", say="acts.none")
    ids, all_of_them = await _ids(visit, form)
    if not ids:
        return visit.go("/console/messages", say="acts.none")
    act_id = await visit.console.mass_steer.prepare(visit.staff, form["act"], ids, _channel(form))
    path = jobs.path_of(JobKind.MASS_ACT, act_id)
    return visit.go(path) if all_of_them else visit.go(path, say="acts.not_all", most=str(MOST))


async def show_act(visit: Visit) -> web.Response:
    """Before it is confirmed, what it would do; from then on, how far it is."""
    job, act = await jobs.of(visit, _wanted(visit)), await _act(visit)
    prospect = Prospect(act=act)
    if act.begun_at is None:
        prospect = await visit.console.mass_steer.foresee(visit.staff, act)
    return visit.page(
        "acts/one.html",
        prospect=prospect,
        act=act,
        path=jobs.path_of(JobKind.MASS_ACT, act.id),
        states=State,
        job=job,
        stop=jobs.stop_of(act.id),
    )


async def begin(visit: Visit) -> web.Response:
    """Confirmed: from now on it goes on by itself."""
    act_id = (await _act(visit)).id
    await visit.console.mass_steer.begin(visit.staff, act_id)
    return visit.go(jobs.path_of(JobKind.MASS_ACT, act_id))


async def show_progress(visit: Visit) -> web.Response:
    job = await jobs.of(visit, _wanted(visit))
    act = await _act(visit)
    path = jobs.path_of(JobKind.MASS_ACT, act.id)
    return jobs.progress(visit, "acts/progress.html", job, act=act, path=path)


async def _ids(visit: Visit, form: Form) -> tuple[list[UUID], bool]:
    if form["scope"] != "all":
        ticked = (id_in(identity.NOTIFICATION, one) for one in form.many("id"))
        return [one for one in ticked if one], True
    plain: Mapping[str, str] = {name: form[name] for name in PLAIN if form[name]}
    sought = await sought_under(visit, search_in(form["who"]))
    return await visit.console.mass_steer.ids_of(visit.staff, quest_of(plain), sought)


async def _act(visit: Visit) -> MassAct:
    """Raises the page for what is not there or somebody else's."""
    found = await visit.console.mass_steer.find(visit.staff, _wanted(visit))
    if found is None:
        raise missing()
    return found


def _wanted(visit: Visit) -> UUID:
    """Raises the page for what is no id."""
    if (act_id := id_in(jobs.ACT, visit.request.match_info["id"])) is None:
        raise missing()
    return act_id


def _channel(form: Form) -> Channel | None:
    return Channel(form["by"]) if form["by"] in set(Channel) else None
