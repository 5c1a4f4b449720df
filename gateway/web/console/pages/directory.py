"""The directory: its entries as forms, what would change before it is saved, and their history.

Places (pick-up points, units, pools, days) are the operators', connections (accounts, sources) the
administrators'. Whoever is limited to units changes what is theirs alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from gateway.domain.directory import KINDS, Entry
from gateway.errors import DirectoryError
from gateway.ledger.directory_history import Version
from gateway.services.directory_rules import DirectoryFault
from gateway.services.edit_directory import ChangedSince, CodeTaken, Edit, StillInUse
from gateway.services.live_directory import is_reference
from gateway.services.whose_entries import (
    CONNECTIONS,
    PLACES,
    is_theirs_alone,
    may_add,
    seen_by,
)
from gateway.web.console import entry_forms
from gateway.web.console.entry_page import (
    ADD,
    ANEW,
    EntryPage,
    may_edit_one,
    path_of,
    post_to,
)
from gateway.web.console.entry_words import changes
from gateway.web.console.faults import changed_since, missing, not_yours
from gateway.web.console.visit import Visit

SHOWN = (*PLACES, *CONNECTIONS)


async def show_kinds(visit: Visit) -> web.Response:
    counts = {kind: len(_seen(visit, kind)) for kind in SHOWN}
    return visit.page("directory/kinds.html", counts=counts)


async def show_entries(visit: Visit) -> web.Response:
    kind = _kind(visit, SHOWN)
    return visit.page(
        "directory/list.html",
        kind=kind,
        entries=_seen(visit, kind),
        may_add=may_add(visit.staff, kind),
    )


async def show_entry(visit: Visit) -> web.Response:
    kind, code = _kind(visit, SHOWN), visit.request.match_info["code"]
    if code == ADD:
        if not may_add(visit.staff, kind):
            raise not_yours()
        return EntryPage(kind=kind, version=None, body={}).answer(visit)
    version = await _version(visit, kind, code)
    return _as_it_is(kind, version).answer(visit)


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
        return _as_it_is(kind, version, faults={"secret": "bad_secret"}).answer(visit, 422)
    if not takes and is_reference(form["value"]):
        return _as_it_is(kind, version, faults={"secret": "secret_reference"}).answer(visit, 422)
    if not takes and not form["value"]:
        return _as_it_is(kind, version, faults={"secret": "no_secret"}).answer(visit, 422)
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
        may_edit=may_edit_one(visit, kind, newest.code),
        post_to=post_to(kind, newest.code),
    )


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
    page = EntryPage(kind=kind, version=version, body=typed.body)
    model = entry_forms.model_of(kind, typed)
    if not isinstance(model, Entry):
        return replace(page, faults=model).answer(visit, 422)
    anew = visit.console.editor.to_enter_anew(version, model)
    given = {name: value for name in anew if (value := form[f"{ANEW}{name}"])}
    edit = Edit(model=model, seen=_number(form["revision"]), secrets=given)
    body = model.model_dump(mode="json")
    shown = replace(page, body=body, differs=_differs(visit, kind, before, body), anew=anew)
    try:
        await visit.console.editor.check(edit)
    except ChangedSince:
        return replace(shown, overtaken=True).answer(visit, 409)
    except CodeTaken:
        return replace(page, faults={"code": "taken"}).answer(visit, 422)
    except DirectoryFault as fault:
        return replace(shown if anew else page, fault=fault).answer(visit, 422)
    if form["go"] == "save" and form["shown"] == _digest(body):
        await _saved(visit, edit)
        return visit.go(path_of(kind, model.code), say="directory.saved")
    return shown.answer(visit)


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
        return _as_it_is(kind, version, stays=stays).answer(visit, 422)
    except StillInUse as use:
        stays = visit.words(f"directory.in_use.{use.word}", count=use.count)
        return _as_it_is(kind, version, stays=stays).answer(visit, 422)
    return visit.go(path_of(kind), say="directory.removed")


async def _go_back(visit: Visit, kind: str) -> web.Response:
    form, code = await visit.form(), visit.request.match_info["code"]
    version = await _version(visit, kind, code)
    _must_be_theirs(visit, kind, code)
    editor, page = visit.console.editor, _as_it_is(kind, version)
    try:
        model = await editor.as_of(kind, code, _number(form["to"]))
        if anew := editor.to_enter_anew(version, model):
            # As if it had been typed: what is asked for is typed into the same form.
            body = model.model_dump(mode="json")
            differs = _differs(visit, kind, version.body, body)
            page = replace(page, body=body, differs=differs, anew=anew)
        edit = Edit(model=model, seen=_number(form["revision"]), secrets={})
        await editor.save(edit, visit.staff.actor)
    except ChangedSince:
        raise changed_since() from None
    except DirectoryFault as fault:
        return replace(page, fault=fault).answer(visit, 422)
    return visit.go(path_of(kind, code), say="directory.went_back")


def _as_it_is(kind: str, version: Version, **said: Any) -> EntryPage:
    return EntryPage(kind=kind, version=version, body=version.body, **said)


def _kind(visit: Visit, kinds: Sequence[str]) -> str:
    kind = visit.request.match_info["kind"]
    if kind not in kinds:
        raise missing()
    return kind


async def _version(visit: Visit, kind: str, code: str) -> Version:
    """The entry in force. Raises the page for what does not exist, or is not to be seen."""
    versions = await visit.console.editor.versions(kind, code)
    if not versions or versions[0].removed or code not in _seen(visit, kind):
        raise missing()
    return versions[0]


def _seen(visit: Visit, kind: str) -> Mapping[str, Entry]:
    return seen_by(visit.staff, kind, visit.console.directory())


def _must_be_theirs(visit: Visit, kind: str, code: str) -> None:
    if not is_theirs_alone(visit.staff, kind, code, visit.console.directory()):
        raise not_yours()


def _body(version: Version | None) -> Mapping[str, Any]:
    return {} if version is None or version.removed else version.body


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else -1
