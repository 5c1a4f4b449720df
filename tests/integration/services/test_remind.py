"""Reminders of results that were told and not collected; the office's words are in `office`."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from office import Office, posted

from gateway.domain.dossier import EventKind
from gateway.services.booking import Posted
from gateway.services.remind import Habit, Remind

AT_ONCE = Habit(after=timedelta(microseconds=1), most=2)


def reminding(office: Office, habit: Habit = AT_ONCE) -> Remind:
    return Remind(
        database=office.database,
        templates=office.templates,
        hasher=office.hasher,
        compose=office.compose,
        owing=office.owing,
        habit=habit,
        now=lambda: datetime.now(UTC),
    )


async def told(office: Office) -> None:
    """A result that was sent and never confirmed."""
    await office.owed(posted())
    await office.serve()
    await office.run_out()
    await office.sweep().run_out()


async def reminders(office: Office) -> int:
    rows = await office.rows("SELECT id FROM notification WHERE resend_of IS NOT NULL")
    return len(rows)


async def test_a_result_not_collected_is_told_again_as_often_as_the_rule_allows(
    office: Office,
) -> None:
    await told(office)
    for expected in (1, 2, 2):
        await reminding(office).remind()
        assert await reminders(office) == expected
    waiting = await office.rows("SELECT state FROM notification WHERE resend_of IS NOT NULL")
    assert [row["state"] for row in waiting] == ["waiting", "waiting"]
    begun = await office.rows(
        "SELECT h.actor FROM history h JOIN notification n ON n.id = h.notification_id"
        " WHERE n.resend_of IS NOT NULL AND h.revision = 1"
    )
    assert [row["actor"] for row in begun] == ["clock", "clock"]
    references = await office.rows("SELECT DISTINCT reference_seed FROM notification")
    assert len(references) == 3


async def test_a_returned_result_is_not_reminded_of(office: Office) -> None:
    await told(office)
    [back] = await office.post(returned())
    assert back.owed == ()
    assert await reminding(office).remind() == 0


async def test_nothing_is_reminded_of_before_its_time_or_when_it_is_off(office: Office) -> None:
    await told(office)
    assert await reminding(office, Habit(after=timedelta(days=3), most=2)).remind() == 0
    assert await reminding(office, Habit(after=timedelta(), most=2)).remind() == 0


async def test_two_clocks_remind_once(office: Office) -> None:
    await told(office)
    one = Habit(after=timedelta(microseconds=1), most=1)
    done = await asyncio.gather(*(reminding(office, one).remind() for _ in range(2)))
    assert sum(done) == 1


def returned() -> Posted:
    before = posted(1)
    later = datetime(2026, 3, 9, tzinfo=UTC)
    event = replace(before.event, kind=EventKind.RETURNED, event_id="event-back", occurred_at=later)
    return Posted(event=event, canonical=b"returned")
