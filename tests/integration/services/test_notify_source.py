"""Telling sources: signed, at least once, in order, and no source holds up another."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest
from callback_receiver import Receiver
from ledger_rows import anywhere, book, count, new_event

from gateway.domain.callback import Retries
from gateway.domain.directory import Directory, Source
from gateway.domain.dossier import (
    Details,
    DossierEvent,
    EventKind,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.domain.status import State
from gateway.ledger import callbacks, directory, feed, horizon, moves
from gateway.ledger.database import Database
from gateway.ledger.directory import StoredEntry
from gateway.services.callback_door import CallbackDoor
from gateway.services.database_clock import DatabaseClock
from gateway.services.notify_source import CallbackPace, NotifySource
from gateway.services.payload import Payload
from gateway.services.source_pauses import SourcePauses

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
QUICKLY = (0.1,) * 15 + (60,)
_PERSON = Party(name="Nguyễn Văn Mẫu", kind=PersonKind.PERSON, phones=("0912345678",))
_EVENT = DossierEvent(
    event_id="0001-9",
    source_uri="/h10/bu-dop/igate",
    kind=EventKind.RESULT_READY,
    occurred_at=None,
    dossier_code="000.00.12.H10-241105-0001",
    procedure_code=None,
    procedure_name=None,
    received_at=None,
    due_at=None,
    applicant=_PERSON,
    authorised=None,
    unit="H10.12",
    pickup=Pickup(point="bu-dop"),
    return_by=ReturnBy.DESK,
    language="vi",
    details=Details(),
    again=False,
)


@dataclass
class Sources:
    """The dossier systems by code and where they want callbacks, over one ledger."""

    database: Database
    directory: Directory

    def move(self, urls: Mapping[str, str], secrets: Mapping[str, str] | None = None) -> None:
        found = {"callback": SECRET} if secrets is None else secrets
        self.directory = Directory(
            revision=self.directory.revision + 1,
            sources={code: _source(code, url) for code, url in urls.items()},
            secrets={("source", code): found for code in urls},
        )

    async def write(self) -> None:
        """Make the ledger know that the entries changed."""
        entries = [
            StoredEntry(kind="source", code=code, body={}) for code in self.directory.sources
        ]
        async with self.database.transaction() as connection:
            await directory.write(connection, entries, "test")
        async with self.database.connection() as connection:
            revision = await directory.head(connection)
        self.directory = replace(self.directory, revision=revision)

    async def end(self, source: str, notices: int = 1, *states: State) -> None:
        """So many notices of a source that reached these states, one after the other."""
        events = [replace(new_event(), source=source) for _ in range(notices)]
        async with self.database.connection() as connection:
            ids = [one.notification_ids[0] for one in await book(connection, *events)]
            for state in states or (State.CANCELLED,):
                await moves.apply(connection, [anywhere(one, state) for one in ids])
        async with self.database.transaction() as connection:
            await feed.number(
                connection, horizon.of_numbers(), callbacks_for=list(self.directory.sources)
            )

    async def owed(self) -> int:
        async with self.database.connection() as connection:
            return await count(connection, "callback")

    async def last_endings(self) -> set[str | None]:
        async with self.database.connection() as connection:
            rows = await connection.fetch("SELECT DISTINCT last_ending FROM callback")
        return {row["last_ending"] for row in rows}

    async def dead(self) -> list[tuple[int, str | None]]:
        """The number of tries and the last ending of each that was given up."""
        async with self.database.connection() as connection:
            dead = await callbacks.dead(connection, None, 100)
        return [(one.tries, one.last_ending) for one in dead]

    async def until(self, look: Callable[[], Awaitable[Any]], wanted: Any) -> None:
        deadline = time.monotonic() + 10
        while (found := await look()) != wanted:
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)


def _source(code: str, url: str) -> Source:
    return Source(
        code=code,
        name=code,
        namespace="h10",
        units=("H10.12",),
        sources=("/h10/bu-dop/igate",),
        callback_url=url,
    )


@pytest.fixture
def sources(database: Database) -> Sources:
    return Sources(database=database, directory=Directory(revision=0))


@asynccontextmanager
async def telling(sources: Sources, **changes: Any) -> AsyncIterator[NotifySource]:
    """What the leading clock does for callbacks, as long as the block lasts."""
    wishes = {
        "waits_s": QUICKLY,
        "timeout_s": 5.0,
        "allowed_hosts": ("127.0.0.1",),
        "per_source": 4,
        "pause_s": 0.2,
        **changes,
    }
    notify = NotifySource(
        database=sources.database,
        directory=lambda: sources.directory,
        opened=lambda *_: Payload(event=_EVENT, recipient=_PERSON, phones=()),
        clock=DatabaseClock(),
        door=CallbackDoor(
            timeout_s=wishes["timeout_s"],
            allow_private=False,
            allowed_hosts=wishes["allowed_hosts"],
        ),
        pauses=SourcePauses(wishes["pause_s"]),
        pace=CallbackPace(
            retries=Retries(waits_s=wishes["waits_s"]),
            concurrency=64,
            per_source=wishes["per_source"],
        ),
        largest_group=100,
    )
    running = asyncio.create_task(notify.run())
    try:
        yield notify
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await notify.close()


async def test_an_ending_is_told_once_and_then_forgotten(sources: Sources) -> None:
    async with Receiver(secret=SECRET) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate")
        async with telling(sources):
            await receiver.until(lambda one: len(one.taken) == 1)
            await sources.until(sources.owed, 0)
    [told] = receiver.seen
    assert told.body["type"] == "vn.notice.cancelled"
    assert told.id == f"{told.data['notification']}_r{told.data['revision']}"
    assert (told.data["event_id"], told.data["dossier"], told.data["position"]) == (
        "0001-9",
        "000.00.12.H10-241105-0001",
        1,
    )
    assert receiver.refused == 0


async def test_while_secrets_are_rotated_the_old_one_still_verifies(sources: Sources) -> None:
    async with Receiver(secret=OLD_SECRET) as receiver:
        sources.move({"igate": receiver.url}, {"callback": SECRET, "callback_old": OLD_SECRET})
        await sources.end("igate")
        async with telling(sources):
            await receiver.until(lambda one: len(one.taken) == 1)
    assert receiver.refused == 0


async def test_a_receiver_that_fails_and_recovers_gets_the_same_callback_again(
    sources: Sources,
) -> None:
    async with Receiver(secret=SECRET, statuses=[500, 404, 302, 503]) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate")
        async with telling(sources):
            await sources.until(sources.owed, 0)
    assert len(receiver.seen) == 5
    assert len({one.id for one in receiver.seen}) == 1
    assert {str(one.body) for one in receiver.seen} == {str(receiver.taken[0].body)}


async def test_an_answer_that_does_not_come_in_time_is_a_failure(sources: Sources) -> None:
    async with Receiver(secret=SECRET, delay_s=0.6) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate")
        async with telling(sources, timeout_s=0.3):
            await receiver.until(lambda one: len(one.seen) == 2)
            assert await sources.last_endings() == {"timeout"}
            receiver.delay_s = 0
            await sources.until(sources.owed, 0)
    assert len({one.id for one in receiver.seen}) == 1


async def test_after_the_last_try_it_is_kept_and_can_be_redriven(sources: Sources) -> None:
    async with Receiver(secret=SECRET, statuses=[400, 400]) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate")
        async with telling(sources, waits_s=(1,)):
            await sources.until(sources.dead, [(2, "refused")])
            async with sources.database.connection() as connection:
                assert await callbacks.redrive(connection, "igate", None) == 1
            await sources.until(sources.owed, 0)
    assert len(receiver.seen) == 3


async def test_410_stops_all_callbacks_of_the_source_until_its_entry_changes(
    sources: Sources,
) -> None:
    async with Receiver(secret=SECRET, statuses=[410]) as receiver:
        sources.move({"igate": receiver.url})
        await sources.write()
        await sources.end("igate", 3)
        async with telling(sources, per_source=1):
            await receiver.until(lambda one: len(one.seen) == 1)
            await asyncio.sleep(1)
            assert len(receiver.seen) == 1
            assert await sources.owed() == 3
            await sources.write()
            await sources.until(sources.owed, 0)
    assert len(receiver.taken) == 3


@pytest.mark.parametrize(
    ("host", "ending"),
    [
        ("127.0.0.1", "private_address"),
        ("localhost", "private_address"),
        ("[::1]", "private_address"),
        ("[::ffff:127.0.0.1]", "private_address"),
        ("0.0.0.0", "private_address"),
        ("2130706433", "bad_address"),
    ],
)
async def test_a_private_address_is_refused_in_every_spelling(
    sources: Sources, host: str, ending: str
) -> None:
    async with Receiver(secret=SECRET) as receiver:
        sources.move({"igate": receiver.url.replace("127.0.0.1", host)})
        await sources.end("igate")
        async with telling(sources, allowed_hosts=(), waits_s=(60,)):
            await sources.until(sources.last_endings, {ending})
    assert (receiver.seen, receiver.refused) == ([], 0)


async def test_a_host_that_is_named_may_be_private(sources: Sources) -> None:
    async with Receiver(secret=SECRET) as receiver:
        sources.move({"igate": receiver.url.replace("127.0.0.1", "LocalHost")})
        await sources.end("igate")
        async with telling(sources, allowed_hosts=("localhost",)):
            await receiver.until(lambda one: len(one.taken) == 1)


async def test_a_redirect_is_a_failure_and_is_not_followed(sources: Sources) -> None:
    async with Receiver(secret=SECRET) as inner:
        turning = Receiver(secret=SECRET, statuses=[307], headers={"Location": inner.url})
        async with turning as receiver:
            sources.move({"igate": receiver.url})
            await sources.end("igate")
            async with telling(sources, waits_s=(60,)):
                await receiver.until(lambda one: len(one.seen) == 1)
                await asyncio.sleep(0.3)
                assert await sources.last_endings() == {"redirected"}
    assert inner.seen == []


@pytest.mark.parametrize("url", ["ftp://example.org/x", "no address", "http://[::1", "http://"])
async def test_an_address_that_is_none_fails_without_a_call(sources: Sources, url: str) -> None:
    sources.move({"igate": url})
    await sources.end("igate")
    async with telling(sources, waits_s=(1,)):
        await sources.until(sources.dead, [(2, "bad_address")])


async def test_nothing_leaves_unsigned(sources: Sources) -> None:
    async with Receiver(secret=SECRET) as receiver:
        sources.move({"igate": receiver.url}, secrets={"callback": ""})
        await sources.end("igate")
        async with telling(sources, waits_s=(1,)):
            await sources.until(sources.dead, [(2, "no_secret")])
    assert (receiver.seen, receiver.refused) == ([], 0)


async def test_a_slow_source_gets_few_calls_and_holds_up_nobody(sources: Sources) -> None:
    async with Receiver(secret=SECRET, delay_s=2) as slow, Receiver(secret=SECRET) as quick:
        sources.move({"slow": slow.url, "quick": quick.url})
        await sources.end("slow", 40)
        await sources.end("quick", 40)
        began = time.monotonic()
        async with telling(sources):
            await quick.until(lambda one: len(one.taken) == 40)
            assert time.monotonic() - began < 2
            assert slow.taken == []
            assert slow.open_at_most == 4


async def test_a_source_that_keeps_failing_is_left_alone_for_a_while(sources: Sources) -> None:
    async with Receiver(secret=SECRET, statuses=[500] * 40) as broken:
        sources.move({"igate": broken.url})
        await sources.end("igate", 40)
        async with telling(sources, pause_s=60):
            await asyncio.sleep(1.5)
            # Five failures begin the rest; up to four calls were open.
            assert 5 <= len(broken.seen) <= 8


async def test_a_source_that_recovers_is_told_everything(sources: Sources) -> None:
    async with Receiver(secret=SECRET, statuses=[500] * 9) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate", 30)
        async with telling(sources, pause_s=0.1):
            await sources.until(sources.owed, 0)
    assert len({one.id for one in receiver.taken}) == 30


async def test_a_throttling_source_is_left_alone_for_as_long_as_it_asks(sources: Sources) -> None:
    throttling = Receiver(secret=SECRET, statuses=[429], headers={"Retry-After": "2"})
    async with throttling as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate", 10)
        async with telling(sources, per_source=1):
            await receiver.until(lambda one: len(one.seen) == 1)
            await asyncio.sleep(1.2)
            assert len(receiver.seen) == 1
            receiver.headers = {}
            await sources.until(sources.owed, 0)


async def test_revisions_arrive_in_order_whatever_fails(sources: Sources) -> None:
    statuses = [500, 204, 503, 204, 204, 500] * 5
    async with Receiver(secret=SECRET, statuses=statuses) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate", 20, State.FAILED, State.DELIVERED, State.ACKNOWLEDGED)
        async with telling(sources, pause_s=0.1, waits_s=QUICKLY):
            await sources.until(sources.owed, 0)
    told: dict[str, list[int]] = {}
    for one in receiver.taken:
        told.setdefault(one.data["notification"], []).append(one.data["revision"])
    assert len(told) == 20
    assert all(revisions == sorted(set(revisions)) for revisions in told.values())
    assert {revisions[-1] for revisions in told.values()} == {4}


async def test_calls_that_were_open_at_the_end_go_again_after_their_lease(
    sources: Sources, database: Database
) -> None:
    async with Receiver(secret=SECRET, delay_s=30) as receiver:
        sources.move({"igate": receiver.url})
        await sources.end("igate")
        async with telling(sources) as notify:
            await receiver.until(lambda one: len(one.seen) == 1)
            for call in list(notify._calls):
                call.cancel()
        async with database.connection() as connection:
            await _let_leases_run_out(connection)
        receiver.delay_s = 0
        async with telling(sources):
            await sources.until(sources.owed, 0)
    assert len(receiver.seen) == 2
    assert len({one.id for one in receiver.seen}) == 1


async def _let_leases_run_out(connection: asyncpg.Connection) -> None:
    await connection.execute("UPDATE callback SET next_at = now() WHERE fate = 'sending'")
