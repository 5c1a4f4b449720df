"""Recorded prompts, as providers fetch them while they call. Open to everybody: a file's name is
made of its content and says nothing of who hears it; only names of the collection are served.
"""

from aiohttp import web

from gateway.web.keys import PROMPT_FILES

_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}
# Another content has another name.
_FOR_EVER = "public, max-age=31536000, immutable"


async def send_prompt(request: web.Request) -> web.StreamResponse:
    """GET /voice/prompts/{file}"""
    file = request.match_info["file"]
    path = request.app[PROMPT_FILES].get(file)
    if path is None:
        raise web.HTTPNotFound
    kind = _TYPES[file.rpartition(".")[2]]
    return web.FileResponse(path, headers={"Content-Type": kind, "Cache-Control": _FOR_EVER})
