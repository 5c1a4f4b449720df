"""What a form brings: every field as text, every uploaded file as bytes.

aiohttp would decode each with whatever charset its sender names, and some of Python's need minutes
for a megabyte. Browsers send the forms of UTF-8 pages in UTF-8.
"""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web
from multidict import MultiDict

from gateway.web.bodies import read_patiently

Field = tuple[str, str | bytes]
Fields = MultiDict[str | bytes]

_READ = web.RequestKey("posted", Fields)
# More than any page has, also with every message of a list ticked.
_MOST_FIELDS = 1000


async def posted(request: web.Request) -> Fields:
    """Read once, however often it is asked for. Raises web.HTTPException for what is no form."""
    if _READ not in request:
        try:
            request[_READ] = await read_patiently(_read(request))
        except (ValueError, AssertionError, RuntimeError):
            raise web.HTTPBadRequest from None
    return request[_READ]


async def _read(request: web.Request) -> Fields:
    match request.content_type:
        case "application/x-www-form-urlencoded":
            text = (await request.read()).decode().rstrip()
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            return MultiDict(pairs)
        case "multipart/form-data":
            reader = await request.multipart()
            return MultiDict([one async for one in _parts(reader, request.client_max_size)])
        case _:
            return MultiDict()


async def _parts(reader: MultipartReader, most_bytes: int) -> AsyncIterator[Field]:
    left, number = most_bytes, 0
    while (part := await reader.next()) is not None:
        number += 1
        if not isinstance(part, BodyPartReader) or part.name is None or number > _MOST_FIELDS:
            raise ValueError("no form of ours")
        content = bytes(await part.read())
        left -= len(content)
        if left < 0:
            raise web.HTTPRequestEntityTooLarge(most_bytes)
        yield part.name, content if part.filename else content.decode()
