"""The console's users, for administrators: all of them, a new one, one with its rights."""

import secrets
from typing import Any

from aiohttp import web

from gateway.domain import identity
from gateway.domain.staff import Role
from gateway.ledger.users import StoredUser
from gateway.services.users import Rights, UserRefused, rights_of
from gateway.web.console.faults import changed_since, missing
from gateway.web.console.visit import Form, Visit

_USER = "usr"
# Without letters and digits that look alike, because somebody will read it aloud.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


async def show_users(visit: Visit) -> web.Response:
    users = await visit.console.users.all()
    return visit.page("users/list.html", users=users, path_of=path_of, units=_units(visit))


async def show_new(visit: Visit) -> web.Response:
    return _form(visit, "users/new.html", name="", rights=Rights(roles=frozenset()))


async def add(visit: Visit) -> web.Response:
    form = await visit.form()
    rights, password = _rights(visit, form), start_password()
    try:
        user = await visit.console.users.add(form["name"], rights, password, visit.staff.actor)
    except UserRefused as refused:
        return _form(visit, "users/new.html", 422, refused.word, name=form["name"], rights=rights)
    return visit.page("users/password.html", 201, user=user, password=password, path=path_of(user))


async def show_user(visit: Visit) -> web.Response:
    user = await _user(visit)
    return _form(visit, "users/one.html", user=user, rights=rights_of(user), path=path_of(user))


async def set_rights(visit: Visit) -> web.Response:
    user, form = await _user(visit), await visit.form()
    rights = _rights(visit, form)
    revision = form.number("revision")
    try:
        await visit.console.users.set_rights(user.name, rights, visit.staff.actor, revision)
    except UserRefused as refused:
        return _form(
            visit,
            "users/one.html",
            _status(refused),
            refused.word,
            user=user,
            rights=rights,
            path=path_of(user),
        )
    return visit.go("/console/users", say="users.saved", name=user.name)


async def disable(visit: Visit) -> web.Response:
    return await _set_disabled(visit, disabled=True)


async def enable(visit: Visit) -> web.Response:
    return await _set_disabled(visit, disabled=False)


async def reset(visit: Visit) -> web.Response:
    user, password = await _user(visit), start_password()
    await visit.console.users.reset_password(user.name, password, visit.staff.actor)
    return visit.page("users/password.html", user=user, password=password, path=path_of(user))


def path_of(user: StoredUser) -> str:
    return f"/console/users/{identity.show(_USER, user.id)}"


def start_password() -> str:
    """For the first sign-in only: 79 bits."""
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    return "-".join(groups)


async def _set_disabled(visit: Visit, *, disabled: bool) -> web.Response:
    user = await _user(visit)
    try:
        await visit.console.users.set_disabled(user.name, visit.staff.actor, disabled=disabled)
    except UserRefused as refused:
        if refused.word == "changed_since":
            raise changed_since() from None
        rights, path = rights_of(user), path_of(user)
        return _form(
            visit, "users/one.html", 422, refused.word, user=user, rights=rights, path=path
        )
    said = "users.disabled" if disabled else "users.enabled"
    return visit.go("/console/users", say=said, name=user.name)


async def _user(visit: Visit) -> StoredUser:
    """Raises the page for what does not exist."""
    try:
        wanted = identity.read(_USER, visit.request.match_info["id"])
        return await visit.console.users.by_id(wanted)
    except (ValueError, UserRefused):
        raise missing() from None


def _rights(visit: Visit, form: Form) -> Rights:
    """What is not on the page cannot be given."""
    roles = frozenset(Role(role) for role in form.many("roles") if role in set(Role))
    units = frozenset(form.many("units")) & visit.console.directory().units.keys()
    return Rights(roles=roles, units=None if form["scope"] == "all" else units)


def _status(refused: UserRefused) -> int:
    return 409 if refused.word == "changed_since" else 422


def _units(visit: Visit) -> dict[str, str]:
    units = visit.console.directory().units
    return {code: unit.name for code, unit in sorted(units.items())}


def _form(
    visit: Visit, template: str, status: int = 200, refused: str | None = None, **values: Any
) -> web.Response:
    return visit.page(template, status, refused=refused, roles=Role, units=_units(visit), **values)
