"""The description of the interface, made from the models that validate, and a page to read it."""

from functools import cache

from aiohttp import web

from gateway import __version__
from gateway.web.answers import answer
from gateway.web.openapi.page import page_of
from gateway.web.openapi.paths import paths
from gateway.web.openapi.schemas import Json, schemas


async def show_schema(_request: web.Request) -> web.Response:
    return answer(200, schema())


async def show_docs(_request: web.Request) -> web.Response:
    return web.Response(text=_docs_page(), content_type="text/html")


@cache
def schema() -> Json:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "baotin",
            "version": __version__,
            "description": "Events in, notices out: the interface for dossier systems.",
        },
        "paths": paths(),
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "bt_<prefix>_<secret>",
                },
                "standardWebhooks": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "Standard Webhooks 1.0: webhook-id, webhook-timestamp (±5"
                    " minutes) and webhook-signature over the body.",
                },
            },
        },
    }


@cache
def _docs_page() -> str:
    return page_of(schema())
