"""Recorded prompts as an operator sees them: the list, and the alerts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation
from recorded import record, wav

from gateway.domain.alert import AlertKind
from gateway.ledger import alerts
from gateway.ledger.database import Database
from gateway.rendering.prompts import load_prompts
from gateway.services.alarm import Alarm
from gateway.services.live_templates import LiveTemplates
from gateway.services.mind_prompts import MindPrompts

MANIFEST = """
[prompt.hello]
vi = "Xin chào."
recorded = { km = "km/hello.wav" }
[prompt.bye]
vi = "Kính chào."
"""
CALL = """
{% block core %}{{ "hello"|prompt }}{% endblock %}
{% block ask %}Bấm 1.{% endblock %}
{% block understood %}{{ "bye"|prompt }}{% endblock %}
{% block silence %}{{ "bye"|prompt }}{% endblock %}
{% block other_key %}Bấm lại.{% endblock %}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return record(tmp_path / "prompts", MANIFEST, hello=wav(2))


@pytest.fixture
def one(tmp_path: Path, folder: Path, database_url: str, redis_url: str) -> Iterator[Installation]:
    prompts = {"BAOTIN_VOICE_PROMPTS_DIR": str(folder)}
    made = Installation(tmp_path, database_url, redis_url, prompts)
    made.prepare()
    yield made
    made.stop()


def checked(one: Installation) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "prompts", "check", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **one.env},
    )


async def test_each_prompt_is_listed_with_what_is_missing_and_who_plays_it(
    one: Installation, folder: Path
) -> None:
    whole = checked(one)
    assert whole.returncode == 0, whole.stderr
    await one.publish("result-ready", "voice", "", CALL, language="km")
    command = checked(one)
    hello, bye = load_prompts(folder).recordings[0], {"km": "not recorded"}
    used_by = ["result-ready/voice.km"]
    assert json.loads(command.stdout) == [
        {"prompt": "bye", "says": "Kính chào.", "recorded": [], "missing": bye, "used_by": used_by},
        {
            "prompt": "hello",
            "says": "Xin chào.",
            "recorded": [
                {"language": "km", "path": str(hello.path), "file": hello.file, "length_s": 2.0}
            ],
            "missing": {},
            "used_by": used_by,
        },
    ]
    assert command.returncode == 1


async def test_a_wrong_manifest_is_told_by_its_entry(one: Installation, folder: Path) -> None:
    (folder / "prompts.toml").write_text("[prompt.hello]\nrecorded = {}")
    command = checked(one)
    assert command.returncode == 1
    assert "prompts.toml: prompt.hello.vi: Field required" in command.stderr


async def test_what_a_published_text_lacks_is_an_alert_until_it_is_there(
    one: Installation, folder: Path
) -> None:
    database = await Database.connect(one.database_url, size=2, statement_timeout_s=10)

    async def seen() -> dict[str, str]:
        """What a clock that starts now raises."""
        book = load_prompts(folder)
        templates = LiveTemplates(database, prompts=book.prompts)
        await templates.refresh()
        alarm = Alarm(database)
        mind = MindPrompts(database=database, templates=templates, book=book, alarm=alarm)
        await mind.look()
        await mind.look()
        async with database.connection() as connection:
            found = await alerts.open_of(connection, AlertKind.PROMPT_MISSING)
        return {subject: f"{one.alert.detail} {one.times}" for subject, one in found.items()}

    assert await seen() == {}
    await one.publish("result-ready", "voice", "", CALL, language="km")
    assert await seen() == {"bye/km": "not recorded 1"}
    recorded = MANIFEST + 'recorded = { km = "km/hello.wav" }'
    (folder / "prompts.toml").write_text(recorded, encoding="utf-8")
    assert await seen() == {}
    await database.close()
