"""The address of recorded prompts: open to everybody, for files of the collection only."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from recorded import mp3, wav

from gateway.web import keys
from gateway.web.app import ROUTES

WAV, MP3 = "0f3a.wav", "9b1c.mp3"


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    files = {WAV: tmp_path / "km" / "greeting.wav", MP3: tmp_path / "km" / "bye.mp3"}
    files[WAV].parent.mkdir()
    files[WAV].write_bytes(wav())
    files[MP3].write_bytes(mp3())
    app = web.Application()
    app.add_routes(ROUTES)
    app[keys.PROMPT_FILES] = files
    return app


async def asked(app: web.Application, method: str, path: str) -> tuple[int, bytes, dict[str, str]]:
    async with TestClient(TestServer(app)) as client:
        answer = await client.request(method, path)
        return answer.status, await answer.read(), dict(answer.headers)


@pytest.mark.parametrize(
    ("file", "kind", "content"), [(WAV, "audio/wav", wav()), (MP3, "audio/mpeg", mp3())]
)
async def test_a_recording_is_fetched_by_its_name_in_the_collection(
    file: str, kind: str, content: bytes, app: web.Application
) -> None:
    status, body, headers = await asked(app, "GET", f"/voice/prompts/{file}")
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == kind
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_a_provider_may_ask_whether_it_is_there(app: web.Application) -> None:
    status, body, headers = await asked(app, "HEAD", f"/voice/prompts/{WAV}")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(len(wav()))


@pytest.mark.parametrize(
    "name",
    [
        "0f3b.wav",
        "greeting.wav",
        "km%2Fgreeting.wav",
        "..%2Fprompts.toml",
        "..%2f..%2fetc%2fpasswd",
    ],
)
async def test_nothing_else_is_there(name: str, app: web.Application) -> None:
    status, _, _ = await asked(app, "GET", f"/voice/prompts/{name}")
    assert status == 404


async def test_nothing_is_taken_there(app: web.Application) -> None:
    status, _, _ = await asked(app, "PUT", f"/voice/prompts/{WAV}")
    assert status == 405
