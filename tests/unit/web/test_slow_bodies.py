"""Nobody keeps a body half sent for ever."""

import asyncio

import pytest
from aiohttp import web

from gateway.web.bodies import read_patiently


async def test_a_body_that_takes_too_long_is_given_up() -> None:
    never = asyncio.Event()
    with pytest.raises(web.HTTPRequestTimeout):
        await read_patiently(never.wait(), patience_s=0.01)


async def test_what_comes_in_time_is_handed_on() -> None:
    assert await read_patiently(asyncio.sleep(0, b"whole"), patience_s=1.0) == b"whole"
