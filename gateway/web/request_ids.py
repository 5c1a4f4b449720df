"""A name for each request, in every line of the log that it causes and in its answer.

It is always of our own making: whatever a caller sends as an id might name a person.
"""

import secrets

import structlog
from aiohttp import web

from gateway.web.answers import Handler

HEADER = "X-Request-Id"


@web.middleware
async def name_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost: errors that become answers carry the id, too."""
    request_id = f"req_{secrets.token_hex(10)}"
    structlog.contextvars.bind_contextvars(request_id=request_id)
    try:
        answer = await handler(request)
    except web.HTTPException as moved:
        moved.headers[HEADER] = request_id
        raise
    if not answer.prepared:
        answer.headers[HEADER] = request_id
    return answer
