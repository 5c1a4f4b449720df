"""The text of a template that somebody typed into a form which could not be served. Without a
script it would be lost; so it stands on the page that says what is wrong, to be copied."""

from aiohttp import web

from gateway.web.console import forgery
from gateway.web.console.posted import posted

WHOLE, BOX = "whole", "box."


async def typed_texts(request: web.Request, external_url: str) -> list[str]:
    """Nothing of a form that another site has sent, and nothing where a script keeps it."""
    if request.method != "POST" or not forgery.comes_from_here(request, external_url):
        return []
    if {"HX-Request", "X-Saved-By"} & set(request.headers):
        return []
    try:
        fields = await posted(request)
    except web.HTTPException:
        return []
    return [
        text
        for name, text in fields.items()
        if (name == WHOLE or name.startswith(BOX)) and isinstance(text, str) and text.strip()
    ]
