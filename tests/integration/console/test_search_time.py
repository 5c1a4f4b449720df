"""Searches over a ledger that is slow to read: they keep to their time, say how far they looked,
and get further each time somebody goes on."""

import re
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from centre import Centre, code_of

from gateway.domain.identity import uuid7_floor
from gateway.domain.staff import Role
from gateway.services.find_messages import Quest, Sweeper

LIST = "/console/messages"
OLD, EACH_S = 100, 0.01
# More than a search may take, and less than reading what is slow does.
SOON_S = 0.8

_COPY = """
INSERT INTO notification
SELECT (jsonb_populate_record(n, jsonb_build_object('id', to_jsonb(other)))).*
FROM notification n CROSS JOIN unnest($2::uuid[]) AS other WHERE n.id = $1
"""
_SLOW = """
ALTER TABLE notification RENAME TO quick_notification;
CREATE FUNCTION slow(id uuid) RETURNS boolean STABLE LANGUAGE plpgsql AS $$ BEGIN
    IF id < '{before}' AND id > '{since}' THEN PERFORM pg_sleep({each_s}); END IF;
    RETURN true;
END $$;
CREATE VIEW notification AS SELECT * FROM quick_notification WHERE slow(id);
"""


def ago(hours: float) -> UUID:
    return uuid7_floor(datetime.now(UTC) - timedelta(hours=hours))


async def make_slow(centre: Centre, before: UUID, since: UUID, each_s: float) -> None:
    await centre.ledger.execute(_SLOW.format(before=before, since=since, each_s=each_s))


async def copy(centre: Centre, hours_ago: list[float]) -> None:
    """A notice, and the same accepted at other times."""
    one = await centre.owe(1)
    await centre.ledger.execute(_COPY, one, [ago(hours) for hours in hours_ago])


@pytest.fixture
async def slow(centre: Centre) -> Centre:
    """A few notices of this hour, and many old ones each of which takes a while to read."""
    await copy(centre, [30, *(20 + 5 * number / OLD for number in range(OLD))])
    await make_slow(centre, ago(4), ago(28), EACH_S)
    return centre


@pytest.fixture
def sweeper(slow: Centre) -> Sweeper:
    database = slow.site.api.core.database
    return Sweeper(database=database, now=lambda: datetime.now(UTC), budget_s=0.3)


async def test_a_search_keeps_to_its_time_and_gets_further_each_time(
    slow: Centre, sweeper: Sweeper
) -> None:
    rows = await slow.ledger.fetch("SELECT id FROM quick_notification ORDER BY id DESC")
    found, before, took = list[UUID](), None, list[float]()
    while True:
        began = time.monotonic()
        swept = await sweeper.sweep(Quest(before=before), most=1000)
        took.append(time.monotonic() - began)
        found += [one.id for one in swept.found]
        if swept.stopped_at is None:
            break
        assert swept.older is not None
        assert before is None or swept.older < before
        before = swept.older
    assert found == [row["id"] for row in rows]
    assert 1 < len(took) < OLD / 2
    assert max(took) < SOON_S


async def test_what_was_found_before_the_time_was_up_is_shown(
    slow: Centre, sweeper: Sweeper
) -> None:
    swept = await sweeper.sweep(Quest(), most=1000)
    assert 1 <= len(swept.found) < OLD
    assert swept.stopped_at is not None


async def test_a_first_stretch_that_takes_too_long_is_tried_again_over_less_time(
    slow: Centre, sweeper: Sweeper
) -> None:
    """All of what is slow lies within the first stretch."""
    before = ago(20)
    swept = await sweeper.sweep(Quest(account="nobody", before=before))
    assert swept.stopped_at is not None
    assert ago(25) < (swept.older or before) < before


async def test_who_looks_for_what_is_rare_waits_for_all_of_it(
    slow: Centre, sweeper: Sweeper
) -> None:
    tokens = await slow.ledger.fetchval("SELECT tokens FROM quick_notification LIMIT 1")
    quest = Quest(token_groups=[[tokens[0]]], account="nobody")
    assert (await sweeper.sweep(quest)).stopped_at is not None
    rare = Quest(token_groups=[[tokens[0]]], account="nobody", is_rare=True)
    assert (await sweeper.sweep(rare)).stopped_at is None


async def test_the_list_says_how_far_it_looked_and_going_on_takes_longer(slow: Centre) -> None:
    browser = await slow.staff("van.hanh", Role.OPERATOR)
    first = (await browser.get(f"{LIST}?account=nobody")).text
    assert "Mới tìm tới ngày" in first
    [further] = re.findall(r'href="(/console/messages\?[^"]*before=[^"]*)"', first)
    assert {"account=nobody", "further=1"} <= set(further.partition("?")[2].split("&"))
    last = (await browser.get(further)).text
    assert "Mới tìm tới ngày" not in last
    assert re.findall(r'href="[^"]*before=', last) == []


async def test_the_counter_never_says_that_there_is_nothing_where_it_did_not_look(
    centre: Centre,
) -> None:
    await copy(centre, [48, 96])
    await centre.ledger.execute("DELETE FROM notification WHERE id > $1", ago(47))
    await make_slow(centre, ago(47), ago(50), 30)
    browser = await centre.staff("tai.quay", Role.VIEWER)
    await browser.get("/console/counter")
    asked = await browser.post("/console/counter", dossier=code_of(1))
    answer = (await browser.get(asked.location)).text
    assert "Mới tìm tới ngày" in answer
    assert "Không có thông báo nào cho mã này" not in answer
