"""Calls in another language: prompts with Vietnamese between, and a wish that nobody can read."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis
from installation import Installation, event
from recorded import record, wav

from gateway.rendering.prompts import load_prompts

Install = Callable[..., Installation]

WISH = "km-Khmr-KH"
TOLD = re.compile(r"(?i)khmr|\bkm\b")
MANIFEST = """
[prompt.hello]
vi = "Đây là cuộc gọi tự động của"
recorded = { km = "km/hello.wav" }
[prompt.result]
vi = "Hồ sơ đã có kết quả, mã số"
recorded = { km = "km/result.wav" }
[prompt.keys]
vi = "Nghe lại bấm 1, đã rõ bấm 2."
recorded = { km = "km/keys.wav" }
"""
CALL = """
{% block core %}
{{ "hello"|prompt }} {{ centre }}.
{{ "result"|prompt }} {{ code|read_code }}.
{% endblock %}
{% block ask %}{{ "keys"|prompt }}{% endblock %}
{% block understood %}Kính chào.{% endblock %}
{% block silence %}Kính chào.{% endblock %}
{% block other_key %}Bấm lại.{% endblock %}
"""
CALLER = "842873000000"
KEYS = {"key_sid": "SK.0.1"}
SECRETS = {"key_secret": "stringee-secret", "signing_secret": "stringee-signing"}
PLACES = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type NOT IN ('bytea', 'uuid', 'boolean', 'integer',
    'bigint', 'smallint', 'numeric', 'real', 'double precision', 'date')
    AND data_type NOT LIKE 'time%' AND data_type NOT LIKE 'interval%'
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One prompt of three was never recorded."""
    return record(tmp_path / "prompts", MANIFEST, hello=wav(), keys=wav(tone=1))


async def over_twilio(install: Install, folder: Path) -> Installation:
    one = install(BAOTIN_VOICE_PROMPTS_DIR=str(folder))
    one.prepare()
    return one


async def over_stringee(install: Install, folder: Path) -> Installation:
    one = install(BAOTIN_VOICE_PROMPTS_DIR=str(folder))

    def tune(config: dict[str, Any]) -> None:
        project = {
            "provider": "stringee_voice",
            "code": "stringee",
            "numbers": [CALLER],
            "event_url": f"{one.base_url}/receipts/twilio-voice",
            "files": list(load_prompts(folder).files),
        }
        config["account"].append(project | KEYS | SECRETS)

    one.prepare(tune)
    await one.replace_account(
        "twilio-voice",
        provider="stringee_voice",
        base_url=f"{one.sandbox_url}/stringee-voice",
        sender=f"+{CALLER}",
        settings=KEYS | {"prompts": "uploaded"},
        secrets=SECRETS,
    )
    return one


@pytest.fixture(params=[over_twilio, over_stringee])
async def calling(request: pytest.FixtureRequest, install: Install, folder: Path) -> Installation:
    one: Installation = await request.param(install, folder)
    await one.route_only("voice", tries_s=[0])
    await one.publish("result-ready", "voice", "", CALL, language="km")
    one.start("api", "worker-1", "clock", "sandbox")
    return one


async def metrics(one: Installation, session: aiohttp.ClientSession) -> str:
    async with session.get(f"{one.base_url}/metrics") as answer:
        return str(await answer.text())


async def alerts(one: Installation) -> set[tuple[str, str, str]]:
    rows = json.loads(await one.baotin("alerts", "--json"))
    return {(row["kind"], row["subject"], row["detail"]) for row in rows}


async def readable(one: Installation) -> set[tuple[str, str, str]]:
    """Where the ledger tells of the language to whoever reads it without a key."""
    found: set[tuple[str, str, str]] = set()
    for table, column in await one.rows(PLACES):
        for [value] in await one.rows(f'SELECT "{column}"::text FROM "{table}"'):
            if value and TOLD.search(value):
                found.add((table, column, value))
    return found


async def test_a_call_is_heard_in_the_language_that_was_wished_for_and_nobody_else_learns_which(
    calling: Installation, session: aiohttp.ClientSession, folder: Path, redis_url: str
) -> None:
    before = await readable(calling)
    assert ("template_version", "language", "km") in before
    wish = event(1, language=WISH)
    status, answer = await calling.post(session, wish)
    assert status == 202, answer
    shown_id = answer["notifications"][0]["id"]
    ended = await calling.ended(session, shown_id)
    assert ended["state"] == "acknowledged"
    [book] = await calling.books(session)

    files = {one.prompt: one.file for one in load_prompts(folder).recordings}
    centre, code = r"Trung tâm [\w ]+", r"không không không.*"
    missing = "Hồ sơ đã có kết quả, mã số"
    heard = rf"♪ {files['hello']} {centre}\. {missing} {code} ♪ {files['keys']} Kính chào\."
    assert re.fullmatch(heard, book["content"]), book["content"]

    lacks = ("prompt_missing", "result/km", "cannot be read: No such file or directory")
    assert await alerts(calling) == {lacks}
    counted = await metrics(calling, session)
    assert 'baotin_prompts_missing_total{prompt="result"} 1.0' in counted

    feed = await seen(calling, session, "GET", "/v1/feed")
    story = await seen(calling, session, "GET", f"/v1/notifications/{shown_id}")
    found = await seen(
        calling, session, "POST", "/v1/notifications/search", {"phone": "0984 765 321"}
    )
    checked = await seen(calling, session, "POST", "/v1/events?check=1", wish)
    assert all(shown_id in one for one in (feed, story, found))
    answers = [json.dumps(answer), json.dumps(book), feed, story, found, checked]
    assert [one for one in answers if TOLD.search(one)] == []

    # What is told of the language was told before anybody wished for it, and is no more than that.
    lines = [*calling.logs().splitlines(), *counted.splitlines()]
    assert [one for one in lines if TOLD.search(one) and "prompt_missing" not in one] == []
    known = {place for place in await readable(calling) if place[0] != "alert"}
    assert known == {place for place in before if place[0] != "alert"}
    assert not TOLD.search(everything_in(redis_url))


async def test_who_wishes_for_a_language_without_texts_is_told_in_vietnamese_and_it_is_reported(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    await one.route_only("voice", tries_s=[0])
    one.start("api", "worker-1", "clock", "sandbox")
    _, answer = await one.post(session, event(1, language=WISH))
    await one.ended(session, answer["notifications"][0]["id"])
    [book] = await one.books(session)
    assert book["content"].startswith("Đây là cuộc gọi tự động của Trung tâm")
    told: set[tuple[str, str, str]] = set()
    # Workers write what they noted every second, and a look takes about as long.
    for _ in range(20):
        told = told or await alerts(one)
    assert told == {("language_missing", "voice", "")}
    assert not TOLD.search(one.logs())


async def seen(
    one: Installation, session: aiohttp.ClientSession, method: str, path: str, body: Any = None
) -> str:
    """What a source is answered."""
    headers = one.headers()
    if not path.startswith("/v1/events"):
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body)
    url = one.base_url + path
    async with session.request(method, url, data=data, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return str(await answer.text())


def everything_in(redis_url: str) -> str:
    with redis.from_url(redis_url) as store:
        kept = [(key, store.type(key)) for key in store.keys("*")]
        read = {b"string": store.get, b"hash": store.hgetall, b"set": store.smembers}
        return str([(key, read[kind](key) if kind in read else kind) for key, kind in kept])
