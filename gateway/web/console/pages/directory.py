"""The directory: its entries as forms, what would change before it is saved, and their history.

Places (pick-up points, units, pools, days) are the operators', connections (accounts, sources) the
administrators'. Whoever is limited to units changes what is theirs alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from gateway.domain.directory import KINDS, Directory, Entry
from gateway.domain.staff import Permission, Staff
from gateway.errors import DirectoryError
from gateway.ledger.directory_history import Version
from gateway.services.directory_rules import DirectoryFault
from gateway.services.edit_directory import NEW, ChangedSince, CodeTaken, Edit, StillInUse
from gateway.web.console import entry_forms, entry_texts
from gateway.web.console.entry_fields import fields_of
from gateway.web.console.entry_words import changes
from gateway.web.console.faults import changed_since, missing, not_yours
from gateway.web.console.visit import Visit

PLACES = ("pickup_point", "unit", "pool", "calendar_day")
CONNECTIONS = ("source", "account")
SHOWN = (*PLACES, *CONNECTIONS)
ADD = "_new"
_HOME = "/console/directory"


async def show_kinds(visit: Visit) -> web.Response:
    counts = {kind: len(_theirs(visit, kind)) for kind in SHOWN}
    return visit.page("directory/kinds.html", counts=counts)


async def show_entries(visit: Visit) -> web.Response:
    kind = _kind(visit, SHOWN)
    return visit.page(
        "directory/list.html",
        kind=kind,
        entries=_theirs(visit, kind),
        may_add=_may_edit(visit.staff, kind) and visit.staff.sees_all_units,
    )


async def show_entry(visit: Visit) -> web.Response:
    kind, code = _kind(visit, SHOWN), visit.request.match_info["code"]
    if code == ADD:
        if not (_may_edit(visit.staff, kind) and visit.staff.sees_all_units):
            raise not_yours()
        return await _form(visit, kind, None, {})
    version = await _version(visit, kind, code)
    return await _form(visit, kind, version, version.body)


async def save_place(visit: Visit) -> web.Response:
    return await _save(visit, _kind(visit, PLACES))


async def save_connection(visit: Visit) -> web.Response:
    return await _save(visit, _kind(visit, CONNECTIONS))


async def remove_place(visit: Visit) -> web.Response:
    return await _remove(visit, _kind(visit, PLACES))


async def remove_connection(visit: Visit) -> web.Response:
    return await _remove(visit, _kind(visit, CONNECTIONS))


async def go_back_place(visit: Visit) -> web.Response:
    return await _go_back(visit, _kind(visit, PLACES))


async def go_back_connection(visit: Visit) -> web.Response:
    return await _go_back(visit, _kind(visit, CONNECTIONS))


async def set_secret(visit: Visit) -> web.Response:
    """A secret is replaced or taken away; it is never shown again."""
    kind = _kind(visit, CONNECTIONS)
    version, form = (
        await _version(visit, kind, visit.request.match_info["code"]),
        await visit.form(),
    )
    name, takes = form["secret"] or form["new_secret"], form["go"] == "take"
    if not name.isidentifier() or len(name) > 64:
        return await _form(visit, kind, version, version.body, 422, {"secret": "bad_secret"})
    if not takes and not form["value"]:
        return await _form(visit, kind, version, version.body, 422, {"secret": "no_secret"})
    model = KINDS[kind].model_validate(version.body)
    value = "" if takes else form["value"]
    edit = Edit(model=model, seen=_number(form["revision"]), secrets={name: value})
    await _saved(visit, edit)
    said = "directory.secret_gone" if takes else "directory.secret_saved"
    return visit.go(path_of(kind, version.code), say=said)


async def show_history(visit: Visit) -> web.Response:
    kind = _kind(visit, SHOWN)
    newest = await _version(visit, kind, visit.request.match_info["code"])
    versions = await visit.console.editor.versions(kind, newest.code)
    steps = [
        (one, changes(kind, _body(older), _body(one), visit.words))
        for one, older in zip(versions, [*versions[1:], None], strict=True)
    ]
    return visit.page(
        "directory/history.html",
        kind=kind,
        newest=newest,
        steps=steps,
        may_edit=_may_edit_one(visit, kind, newest.code),
        post_to=post_to(kind, newest.code),
    )


def path_of(kind: str, code: str) -> str:
    return f"{_HOME}/{kind}/{code}"


def post_to(kind: str, code: str) -> str:
    group = "places" if kind in PLACES else "connections"
    return f"/console/{group}/{kind}/{code}"


async def _save(visit: Visit, kind: str) -> web.Response:
    """Shows what would change, and saves exactly that once it was shown."""
    code, form = visit.request.match_info["code"], await visit.form()
    version = None
    if code == ADD:
        if not visit.staff.sees_all_units:
            raise not_yours()
        code = form["day"] if kind == "calendar_day" else form["code"]
    else:
        version = await _version(visit, kind, code)
        _must_be_theirs(visit, kind, code)
    before = version.body if version else {}
    typed = entry_forms.read(kind, code, form, before)
    model = entry_forms.model_of(kind, typed)
    if not isinstance(model, Entry):
        return await _form(visit, kind, version, typed.body, 422, model)
    edit = Edit(model=model, seen=_number(form["revision"]), secrets={})
    body = model.model_dump(mode="json")
    try:
        await visit.console.editor.check(edit)
    except ChangedSince:
        differs = _differs(visit, kind, before, body)
        return await _form(visit, kind, version, body, 409, differs=differs, overtaken=True)
    except CodeTaken:
        return await _form(visit, kind, version, typed.body, 422, {"code": "taken"})
    except DirectoryFault as fault:
        return await _form(visit, kind, version, typed.body, 422, fault=fault)
    if form["go"] == "save" and form["shown"] == _digest(body):
        await _saved(visit, edit)
        return visit.go(path_of(kind, model.code), say="directory.saved")
    return await _form(visit, kind, version, body, differs=_differs(visit, kind, before, body))


def _differs(visit: Visit, kind: str, before: Mapping[str, Any], body: Mapping[str, Any]) -> Any:
    return {"changes": changes(kind, before, body, visit.words), "shown": _digest(body)}


async def _saved(visit: Visit, edit: Edit) -> None:
    try:
        await visit.console.editor.save(edit, visit.staff.actor)
    except (ChangedSince, CodeTaken, DirectoryError):
        raise changed_since() from None


async def _remove(visit: Visit, kind: str) -> web.Response:
    version = await _version(visit, kind, visit.request.match_info["code"])
    if not visit.staff.sees_all_units:
        raise not_yours()
    seen = _number((await visit.form())["revision"])
    try:
        await visit.console.editor.remove(kind, version.code, seen, visit.staff.actor)
    except ChangedSince:
        raise changed_since() from None
    except DirectoryFault as fault:
        stays = visit.words(
            "directory.used_by", kind=visit.words(f"directory.kind.{fault.kind}"), code=fault.code
        )
        return await _form(visit, kind, version, version.body, 422, stays=stays)
    except StillInUse as use:
        stays = visit.words(f"directory.in_use.{use.word}", count=use.count)
        return await _form(visit, kind, version, version.body, 422, stays=stays)
    return visit.go(f"{_HOME}/{kind}", say="directory.removed")


async def _go_back(visit: Visit, kind: str) -> web.Response:
    form, code = await visit.form(), visit.request.match_info["code"]
    version = await _version(visit, kind, code)
    _must_be_theirs(visit, kind, code)
    try:
        await visit.console.editor.go_back(
            kind, code, _number(form["to"]), _number(form["revision"]), visit.staff.actor
        )
    except ChangedSince:
        raise changed_since() from None
    except DirectoryFault as fault:
        return await _form(visit, kind, version, version.body, 422, fault=fault)
    return visit.go(path_of(kind, code), say="directory.went_back")


async def _form(
    visit: Visit,
    kind: str,
    version: Version | None,
    body: Mapping[str, Any],
    status: int = 200,
    faults: Mapping[str, str] | None = None,
    *,
    fault: DirectoryFault | None = None,
    stays: str = "",
    differs: Any = None,
    overtaken: bool = False,
) -> web.Response:
    now, editor = visit.console.directory(), visit.console.editor
    words = {name: _fault(visit, word) for name, word in (faults or {}).items()}
    code = version.code if version else None
    if fault is not None:
        said = visit.words(f"directory.fault.{fault.word}", **fault.values)
        if (fault.kind, fault.code) == (kind, body.get("code")):
            words[fault.field] = said
        else:
            named = visit.words(f"directory.kind.{fault.kind}")
            words["elsewhere"] = visit.words(
                "directory.elsewhere", kind=named, code=fault.code, fault=said
            )
    return visit.page(
        "directory/entry.html",
        status,
        kind=kind,
        code=code,
        version=version,
        revision=version.revision if version else NEW,
        body=body,
        fields=fields_of(kind),
        faults=words,
        stays=stays,
        differs=differs,
        overtaken=overtaken,
        options=_options(visit, now),
        grid=entry_forms.grid(body.get("hours") or ()),
        steps=max(entry_forms.STEPS, len(body.get("route") or ())),
        texts=min(entry_texts.MOST, len(body.get("registered") or ()) + entry_texts.MORE),
        may_edit=_may_edit(visit.staff, kind) if code is None else _may_edit_one(visit, kind, code),
        post_to=post_to(kind, code or ADD),
        secrets=editor.secret_names(version) if version and kind in CONNECTIONS else [],
        keys=[one for one in now.keys.values() if kind == "source" and one.source == code],
    )


def _fault(visit: Visit, word: str) -> str:
    word, _, number = word.partition(":")
    said = visit.words(f"directory.fault.{word}")
    return visit.words("directory.numbered", number=number, fault=said) if number else said


def _options(visit: Visit, now: Directory) -> Mapping[str, Mapping[str, str]]:
    """What a field that names other entries may name, with what people call it."""
    return {
        "account": {code: code for code in now.accounts},
        "pickup_point": {code: one.name for code, one in now.pickup_points.items()},
        "unit": {code: one.name for code, one in now.units.items()},
        "pool": {code: code for code in now.pools},
        "provider": {one: one for one in visit.console.installed.providers},
        "mapping": {one: one for one in visit.console.installed.mappings},
    }


def _kind(visit: Visit, kinds: Sequence[str]) -> str:
    kind = visit.request.match_info["kind"]
    if kind not in kinds:
        raise missing()
    return kind


async def _version(visit: Visit, kind: str, code: str) -> Version:
    """The entry in force. Raises the page for what does not exist, or is not to be seen."""
    versions = await visit.console.editor.versions(kind, code)
    if not versions or versions[0].removed or code not in _theirs(visit, kind):
        raise missing()
    return versions[0]


def _theirs(visit: Visit, kind: str) -> Mapping[str, Entry]:
    """The entries of a kind that somebody sees: all, or what their units have to do with."""
    now, staff = visit.console.directory(), visit.staff
    found: dict[str, Mapping[str, Entry]] = {
        "pickup_point": now.pickup_points,
        "unit": now.units,
        "pool": now.pools,
        "calendar_day": now.calendar_days,
        "source": now.sources,
        "account": now.accounts,
    }
    entries = dict(sorted(found[kind].items()))
    if staff.sees_all_units or kind == "calendar_day":
        return entries
    units = [unit for code, unit in now.units.items() if staff.may_see(code)]
    pools = {step.pool for unit in units for step in unit.route}
    seen = {
        "pickup_point": {unit.pickup_point for unit in units},
        "unit": {unit.code for unit in units},
        "pool": pools,
        "source": {code for code, one in now.sources.items() if any(map(staff.may_see, one.units))},
        "account": {
            code for pool in pools if pool in now.pools for code in now.pools[pool].accounts
        },
    }
    return {code: one for code, one in entries.items() if code in seen[kind]}


def _may_edit(staff: Staff, kind: str) -> bool:
    return staff.may(Permission.EDIT_PLACES if kind in PLACES else Permission.EDIT_CONNECTIONS)


def _may_edit_one(visit: Visit, kind: str, code: str) -> bool:
    return _may_edit(visit.staff, kind) and _is_theirs_alone(visit, kind, code)


def _must_be_theirs(visit: Visit, kind: str, code: str) -> None:
    if not _is_theirs_alone(visit, kind, code):
        raise not_yours()


def _is_theirs_alone(visit: Visit, kind: str, code: str) -> bool:
    """A unit of theirs, or a pick-up point that no other unit names."""
    staff, units = visit.staff, visit.console.directory().units.values()
    if staff.sees_all_units or kind == "unit":
        return staff.sees_all_units or staff.may_see(code)
    users = [unit.code for unit in units if unit.pickup_point == code]
    return kind == "pickup_point" and bool(users) and all(map(staff.may_see, users))


def _body(version: Version | None) -> Mapping[str, Any]:
    return {} if version is None or version.removed else version.body


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else -1
