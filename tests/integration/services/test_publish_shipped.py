"""Shipped templates: published once, renewed with the product, never over the work of staff."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from office import TEMPLATES

from gateway.ledger import templates as stored
from gateway.ledger.database import Database
from gateway.ledger.templates import StoredTemplate
from gateway.rendering.publication import shipped
from gateway.services.live_templates import LiveTemplates, publish_shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped templates that a later version of the product may change."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


async def _in_force(database: Database) -> dict[tuple[str, str], StoredTemplate]:
    async with database.connection() as connection:
        found = await stored.read(connection, await stored.latest(connection))
    return {(one.kind, one.channel): one for one in found if one.unit == ""}


async def _edit(database: Database, text: str) -> int:
    """A member of staff changes the SMS of a ready result and publishes it."""
    async with database.transaction() as connection:
        in_force = await stored.read(connection, await stored.latest(connection))
        old = next(one for one in in_force if (one.kind, one.channel) == ("result-ready", "sms"))
        new = await stored.add_version(connection, replace(old, body=text), "Thu Hà")
        kept = [one for one in in_force if one != old]
        return await stored.publish(connection, [*kept, new], "Thu Hà", "shorter")


def _ship(folder: Path, text: str) -> None:
    """A later version of the product brings another text."""
    (folder / "result-ready" / "sms.vi.j2").write_text(text, encoding="utf-8")


async def test_everything_shipped_is_published_once(database: Database, folder: Path) -> None:
    assert await publish_shipped(database, folder) == 1
    assert await publish_shipped(database, folder) is None
    assert len(await _in_force(database)) == len(shipped(folder)) >= 27


async def test_a_text_that_was_shipped_anew_is_published(database: Database, folder: Path) -> None:
    await publish_shipped(database, folder)
    _ship(folder, "{{ code }} mới")
    assert await publish_shipped(database, folder) == 2
    found = (await _in_force(database))["result-ready", "sms"]
    assert (found.body, found.version) == ("{{ code }} mới", 2)
    assert len(await _in_force(database)) == len(shipped(folder))


async def test_a_text_that_staff_changed_is_kept(database: Database, folder: Path) -> None:
    await publish_shipped(database, folder)
    assert await _edit(database, "{{ code }} của chúng tôi") == 2
    _ship(folder, "{{ code }} mới")
    assert await publish_shipped(database, folder) is None
    found = (await _in_force(database))["result-ready", "sms"]
    assert found.body == "{{ code }} của chúng tôi"


async def test_going_back_to_a_text_that_was_shipped_once_is_not_undone(
    database: Database, folder: Path
) -> None:
    await publish_shipped(database, folder)
    original = (folder / "result-ready" / "sms.vi.j2").read_text(encoding="utf-8")
    _ship(folder, "{{ code }} mới")
    await publish_shipped(database, folder)
    await _edit(database, original)
    assert await publish_shipped(database, folder) is None
    assert (await _in_force(database))["result-ready", "sms"].body == original


async def test_other_texts_are_renewed_beside_one_that_staff_changed(
    database: Database, folder: Path
) -> None:
    await publish_shipped(database, folder)
    await _edit(database, "{{ code }} của chúng tôi")
    (folder / "received" / "sms.vi.j2").write_text("{{ code }} đã nhận", encoding="utf-8")
    assert await publish_shipped(database, folder) == 3
    in_force = await _in_force(database)
    assert in_force["result-ready", "sms"].body == "{{ code }} của chúng tôi"
    assert in_force["received", "sms"].body == "{{ code }} đã nhận"


async def test_an_earlier_publication_stays_what_it_was(database: Database, folder: Path) -> None:
    await publish_shipped(database, folder)
    original = (folder / "result-ready" / "sms.vi.j2").read_text(encoding="utf-8")
    _ship(folder, "{{ code }} mới")
    await publish_shipped(database, folder)
    async with database.connection() as connection:
        first = await stored.read(connection, 1)
    [text] = [one.body for one in first if (one.kind, one.channel) == ("result-ready", "sms")]
    assert text == original


async def test_processes_that_start_at_once_publish_once(database: Database, folder: Path) -> None:
    numbers = await asyncio.gather(*(publish_shipped(database, folder) for _ in range(4)))
    assert sorted(numbers, key=str) == [1, None, None, None]


async def test_a_process_sees_the_newest_number_and_keeps_old_renderers(
    database: Database, folder: Path
) -> None:
    live = LiveTemplates(database)
    await publish_shipped(database, folder)
    await live.refresh()
    first = await live.renderer(live.current)
    _ship(folder, "{{ code }} mới")
    await publish_shipped(database, folder)
    await live.refresh()
    assert live.current == 2
    assert await live.renderer(1) is first
    assert await live.renderer(2) is not first


async def test_what_has_not_been_asked_for_longest_is_forgotten_and_the_current_one_never(
    database: Database, folder: Path
) -> None:
    live = LiveTemplates(database)
    for number in range(20):
        _ship(folder, f"{{{{ code }}}} {number}")
        await publish_shipped(database, folder)
    await live.refresh()
    current, first = await live.renderer(live.current), await live.renderer(1)
    kept = [await live.renderer(number) for number in range(2, 15)]
    assert await live.renderer(1) is first
    for number in (15, 16, 17):
        await live.renderer(number)
    assert await live.renderer(live.current) is current
    assert await live.renderer(1) is first
    assert await live.renderer(14) is kept[-1]
    assert await live.renderer(2) is not kept[0]
