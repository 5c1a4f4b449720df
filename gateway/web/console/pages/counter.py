"""The counter: was the owner of this dossier told, when, how, and what did it say?"""

from aiohttp import web

from gateway.domain import identity
from gateway.services.at_counter import Answer
from gateway.services.person_searches import Sought
from gateway.web.console.pages.messages import SEARCH, search_in, sought_under, unit_name
from gateway.web.console.visit import Visit

_PATH = "/console/counter"


async def show_counter(visit: Visit) -> web.Response:
    sought = await sought_under(visit, search_in(visit.query("who")))
    asked = bool(sought.dossier)
    answer = Answer(told=())
    if asked:
        answer = await visit.console.at_counter.ask(visit.staff, sought.dossier)
    return visit.page(
        "messages/counter.html",
        dossier=sought.dossier,
        asked=asked,
        answer=answer,
        unit_name=lambda code: unit_name(visit, code),
    )


async def ask_at_counter(visit: Visit) -> web.Response:
    """The code is kept sealed; the address that follows does not say it."""
    dossier = (await visit.form())["dossier"][:200]
    if not dossier:
        return visit.go(_PATH)
    kept = await visit.console.person_searches.keep(visit.staff, Sought(dossier=dossier))
    return visit.go(f"{_PATH}?who={identity.show(SEARCH, kept)}")
