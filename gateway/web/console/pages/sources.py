"""What belongs to the connection of a dossier system: its keys, and a try of its payload."""

from typing import Any

from aiohttp import web

from gateway.domain.directory import Source
from gateway.intake.json_body import NotJson, read_json
from gateway.intake.mapping_trial import try_mapping
from gateway.intake.problems import RequestRefused
from gateway.web.console.entry_page import path_of
from gateway.web.console.faults import missing
from gateway.web.console.visit import Visit

_SCOPES = ("post", "read", "act")
_LARGEST = 1_000_000


async def create_key(visit: Visit) -> web.Response:
    """The key is on this one page and nowhere else."""
    source, form = _source(visit), await visit.form()
    chosen = set(form.many("scopes"))
    scopes = tuple(one for one in _SCOPES if one in chosen)
    if not scopes:
        return visit.go(path_of("source", source.code), say="directory.no_scope")
    mode = "test" if form["mode"] == "test" else "live"
    key = await visit.console.source_keys.create(source.code, scopes, mode, visit.staff)
    path = path_of("source", source.code)
    return visit.page("directory/key.html", 201, source=source, key=str(key), path=path, back=path)


async def revoke_key(visit: Visit) -> web.Response:
    source, prefix = _source(visit), (await visit.form())["key"]
    known = visit.console.directory().keys.get(prefix)
    if known is None or known.source != source.code:
        raise missing()
    await visit.console.source_keys.revoke(source.code, prefix, visit.staff)
    return visit.go(path_of("source", source.code), say="directory.key_revoked")


async def show_trial(visit: Visit) -> web.Response:
    return _trial(visit)


async def try_payload(visit: Visit) -> web.Response:
    """Nothing of the payload is kept."""
    form = await visit.form()
    typed: dict[str, Any] = {
        "mapping": form["mapping"],
        "payload": form.exact("payload"),
        "query": form["query"],
    }
    mapping = visit.console.mappings.get(typed["mapping"])
    if mapping is None:
        raise missing()
    if len(typed["payload"]) > _LARGEST:
        return _trial(visit, 422, problem=visit.words("trial.too_large"))
    query = dict(one.partition("=")[::2] for one in typed["query"].split("&") if one)
    try:
        rows = try_mapping(mapping, read_json(typed["payload"].encode()), query)
    except NotJson:
        return _trial(visit, 422, **typed, problem=visit.words("trial.no_json"))
    except RequestRefused:
        return _trial(visit, 422, **typed, problem=visit.words("trial.other_payload"))
    return _trial(visit, **typed, rows=rows)


def _trial(visit: Visit, status: int = 200, **values: Any) -> web.Response:
    empty = {"mapping": "", "payload": "", "query": "", "problem": None, "rows": None}
    mappings = sorted(visit.console.mappings)
    return visit.page("directory/trial.html", status, mappings=mappings, **{**empty, **values})


def _source(visit: Visit) -> Source:
    found = visit.console.directory().sources.get(visit.request.match_info["code"])
    if found is None:
        raise missing()
    return found
