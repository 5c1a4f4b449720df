"""How the accounts stand, what is paused and which alerts are open; and what to do about each."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from gateway.domain.alert import AlertKind
from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Pool
from gateway.errors import DirectoryError
from gateway.services.account_standing import Standing, in_no_pool
from gateway.services.edit_directory import ChangedSince, Edit
from gateway.services.pauses import ACCOUNT, PauseRefused, Target
from gateway.web.console.entry_page import path_of
from gateway.web.console.faults import changed_since, missing, not_yours
from gateway.web.console.visit import Visit

_ACCOUNTS = "/console/accounts"
_MOST_WEIGHT = 1000


async def show_accounts(visit: Visit) -> web.Response:
    return await _page(visit)


async def show_account(visit: Visit) -> web.Response:
    """Of one in no pool there is nothing to see but what the directory says."""
    code = visit.request.match_info["code"]
    if code in {one.code for one in _unused(visit)}:
        return visit.go(path_of("account", code))
    standings = await _of_account(visit)
    return await _account_page(visit, standings)


async def clear_alert(visit: Visit) -> web.Response:
    form = await visit.form()
    if form["kind"] not in set(AlertKind):
        raise missing()
    if not visit.staff.sees_all_units:
        raise not_yours()
    cleared = await visit.console.alerts.clear(
        AlertKind(form["kind"]), form["subject"], visit.staff.actor
    )
    return visit.go(_ACCOUNTS, say="alert.cleared" if cleared else "alert.was_over")


async def pause(visit: Visit) -> web.Response:
    form = await visit.form()
    target = _target(form["target"])
    try:
        await visit.console.pauses.pause(target, form["reason"], visit.staff)
    except PauseRefused as refused:
        _raise_for(refused)
        return await _page(visit, 422, refused=refused.word, chosen=form["target"])
    return visit.go(_ACCOUNTS, say="pause.begun")


async def resume(visit: Visit) -> web.Response:
    form = await visit.form()
    try:
        await visit.console.pauses.resume(_target(form["target"]), visit.staff)
    except PauseRefused as refused:
        _raise_for(refused)
        return visit.go(_ACCOUNTS, say="pause.was_over")
    return visit.go(_ACCOUNTS, say="pause.ended")


async def pause_account(visit: Visit) -> web.Response:
    """`how` is `pause` or `drain`."""
    standings, form = await _of_account(visit), await visit.form()
    target = Target(scope=ACCOUNT, code=visit.request.match_info["code"])
    drains = form["how"] == "drain"
    try:
        await visit.console.pauses.pause(target, form["reason"], visit.staff, drains=drains)
    except PauseRefused as refused:
        _raise_for(refused)
        return await _account_page(visit, standings, 422, refused=refused.word)
    said = "accounts.drains" if drains else "accounts.paused"
    return visit.go(f"{_ACCOUNTS}/{target.code}", say=said)


async def resume_account(visit: Visit) -> web.Response:
    await _of_account(visit)
    target = Target(scope=ACCOUNT, code=visit.request.match_info["code"])
    try:
        await visit.console.pauses.resume(target, visit.staff)
    except PauseRefused as refused:
        _raise_for(refused)
        return visit.go(f"{_ACCOUNTS}/{target.code}", say="pause.was_over")
    return visit.go(f"{_ACCOUNTS}/{target.code}", say="accounts.resumed")


async def set_weight(visit: Visit) -> web.Response:
    """A change of the directory, as if it had been made there."""
    standings, form = await _of_account(visit), await visit.form()
    if not visit.staff.sees_all_units:
        raise not_yours()
    account = standings[0].account.code
    if form["pool"] not in {one.pool.code for one in standings}:
        raise missing()
    weight = form["weight"]
    if not (weight.isdecimal() and len(weight) < 5 and int(weight) <= _MOST_WEIGHT):
        typed = {form["pool"]: weight}
        return await _account_page(visit, standings, 422, refused="bad_weight", typed=typed)
    # As it is in the ledger: what this process knows may be a second old.
    versions = await visit.console.editor.versions("pool", form["pool"])
    before = versions[0].body
    model = Pool.model_validate(
        {**before, "weights": {**before.get("weights", {}), account: int(weight)}}
    )
    try:
        edit = Edit(model=model, seen=_revision(form["revision"]), secrets={})
        await visit.console.editor.save(edit, visit.staff.actor)
    except (ChangedSince, DirectoryError):
        raise changed_since() from None
    return visit.go(f"{_ACCOUNTS}/{account}", say="accounts.weighed")


def _target(text: str) -> Target:
    scope, _, code = text.partition(":")
    return Target(scope=scope, code=code)


def _revision(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else -1


def _raise_for(refused: PauseRefused) -> None:
    match refused.word:
        case "not_yours":
            raise not_yours() from None
        case "unknown_target":
            raise missing() from None


async def _standings(visit: Visit) -> Mapping[str, Sequence[Standing]]:
    """Those of the pools that this person's units send through."""
    found = await visit.console.standings.all()
    if visit.staff.sees_all_units:
        return found
    units = visit.console.directory().units.values()
    used = {step.pool for unit in units if visit.staff.may_see(unit.code) for step in unit.route}
    return {pool: accounts for pool, accounts in found.items() if pool in used}


def _unused(visit: Visit) -> Sequence[Account]:
    """Those in no pool, which are of no unit: for who sees all of them."""
    return in_no_pool(visit.console.directory()) if visit.staff.sees_all_units else ()


async def _of_account(visit: Visit) -> Sequence[Standing]:
    """One account as it stands in each of its pools. Raises the page for what does not exist."""
    code = visit.request.match_info["code"]
    pools = (await _standings(visit)).values()
    found = [one for pool in pools for one in pool if one.account.code == code]
    if not found:
        raise missing()
    return found


async def _page(
    visit: Visit, status: int = 200, refused: str | None = None, chosen: str = ""
) -> web.Response:
    now, staff = visit.console.directory(), visit.staff
    units = {code: unit.name for code, unit in sorted(now.units.items()) if staff.may_see(code)}
    # What was paused or resumed by this very request is to be seen at once.
    standings = await _standings(visit)
    alerts = await visit.console.alerts.all() if staff.sees_all_units else []
    return visit.page(
        "accounts/list.html",
        status,
        back=_ACCOUNTS,
        standings=standings,
        unused=_unused(visit),
        pools=now.pools,
        units=units,
        channels=Channel,
        alerts=alerts,
        refused=refused,
        chosen=chosen,
    )


async def _account_page(
    visit: Visit,
    standings: Sequence[Standing],
    status: int = 200,
    refused: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    """`typed` are weights by pool."""
    revisions = {}
    for one in standings:
        versions = await visit.console.editor.versions("pool", one.pool.code)
        revisions[one.pool.code] = versions[0].revision
    return visit.page(
        "accounts/one.html",
        status,
        account=standings[0].account,
        standings=standings,
        one=standings[0],
        revisions=revisions,
        refused=refused,
        typed=typed or {},
    )
