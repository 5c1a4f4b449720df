"""Group commit: alone one is written at once, together many are, and only the guilty one fails."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from ledger_rows import book, count, new_event

from gateway.errors import LedgerUnavailable
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.new_events import Booked, NewEvent


class Ledger:
    """Writes what it is given when its gate is open, and notes in what groups it came."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, items: Sequence[str]) -> list[str]:
        self.groups.append(list(items))
        self.entered.set()
        await self.gate.wait()
        if any(item.startswith("poison") for item in items):
            raise ValueError("refused")
        return [f"{item} is written" for item in items]

    def grouped(self, largest: int = 100) -> GroupCommit[str, str]:
        return GroupCommit(self.write, key=lambda item: item.partition("/")[0], largest=largest)


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_alone_is_a_group_of_its_own() -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    assert await groups.put("a") == "a is written"
    assert await groups.put("b") == "b is written"
    assert ledger.groups == [["a"], ["b"]]


async def test_what_comes_in_one_turn_of_the_loop_is_written_together() -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    answers = await asyncio.gather(*map(groups.put, "abc"))
    assert answers == ["a is written", "b is written", "c is written"]
    assert ledger.groups == [["a", "b", "c"]]


async def test_what_comes_while_a_commit_runs_makes_the_next_group() -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    ledger.gate.clear()
    first = asyncio.create_task(groups.put("a"))
    await ledger.entered.wait()
    others = [asyncio.create_task(groups.put(name)) for name in "bcd"]
    await _settled()
    assert ledger.groups == [["a"]]
    ledger.gate.set()
    await asyncio.gather(first, *others)
    assert ledger.groups == [["a"], ["b", "c", "d"]]


async def test_a_group_has_at_most_the_agreed_size() -> None:
    ledger = Ledger()
    groups = ledger.grouped(largest=2)
    await asyncio.gather(*map(groups.put, "abcde"))
    assert ledger.groups == [["a", "b"], ["c", "d"], ["e"]]


async def test_one_heavier_than_a_whole_group_is_written_all_the_same() -> None:
    ledger = Ledger()
    groups: GroupCommit[str, str] = GroupCommit(
        ledger.write, key=lambda item: item, largest=3, weigh=len
    )
    await asyncio.gather(groups.put("heavy"), groups.put("a"), groups.put("b"))
    assert ledger.groups == [["heavy"], ["a", "b"]]


async def test_twins_never_stand_in_one_group_and_keep_their_order() -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    await asyncio.gather(*map(groups.put, ["x/1", "y/1", "x/2", "x/3", "y/2"]))
    assert ledger.groups == [["x/1", "y/1"], ["x/2", "y/2"], ["x/3"]]


async def test_a_ledger_that_is_away_is_told_to_everybody_and_not_asked_again() -> None:
    asked = 0

    async def write(_items: Sequence[str]) -> list[str]:
        nonlocal asked
        asked += 1
        raise LedgerUnavailable

    groups: GroupCommit[str, str] = GroupCommit(write, key=lambda item: item, largest=100)
    answers = await asyncio.gather(*map(groups.put, "abcd"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LedgerUnavailable] * 4
    assert asked == 1


async def test_a_ledger_that_came_back_is_written_to_again() -> None:
    away = True

    async def write(items: Sequence[str]) -> Sequence[str]:
        if away:
            raise LedgerUnavailable
        return items

    groups: GroupCommit[str, str] = GroupCommit(write, key=lambda item: item, largest=100)
    with pytest.raises(LedgerUnavailable):
        await groups.put("a")
    away = False
    assert await groups.put("a") == "a"


@pytest.mark.parametrize("guilty", range(7))
async def test_a_group_is_split_until_only_the_guilty_one_fails(guilty: int) -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    items = [f"poison {n}" if n == guilty else f"item {n}" for n in range(7)]
    answers = await asyncio.gather(*map(groups.put, items), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, ValueError)] == [guilty]


async def test_two_guilty_ones_leave_the_others_unharmed() -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    items = ["a", "poison 1", "b", "c", "poison 2"]
    answers = await asyncio.gather(*map(groups.put, items), return_exceptions=True)
    assert [type(answer) for answer in answers] == [str, ValueError, str, str, ValueError]


async def test_a_deadlock_is_tried_again_and_nobody_hears_of_it() -> None:
    tries = 0

    async def write(items: Sequence[str]) -> Sequence[str]:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise asyncpg.DeadlockDetectedError
        return items

    groups: GroupCommit[str, str] = GroupCommit(write, key=lambda item: item, largest=100)
    assert await asyncio.gather(groups.put("a"), groups.put("b")) == ["a", "b"]
    assert tries == 3


async def test_who_gives_up_waiting_is_written_and_does_not_disturb_the_others() -> None:
    ledger = Ledger()
    groups = ledger.grouped()
    ledger.gate.clear()
    impatient = asyncio.create_task(groups.put("a"))
    patient = asyncio.create_task(groups.put("b"))
    await ledger.entered.wait()
    impatient.cancel()
    ledger.gate.set()
    assert await patient == "b is written"
    assert ledger.groups == [["a", "b"]]


async def test_drained_waits_for_everything_that_was_put() -> None:
    ledger = Ledger()
    groups = ledger.grouped(largest=1)
    waiting = [asyncio.create_task(groups.put(name)) for name in "abc"]
    await _settled()
    await groups.drained()
    await _settled()
    assert all(task.done() for task in waiting)
    assert ledger.groups == [["a"], ["b"], ["c"]]


async def test_many_submissions_at_once_take_few_transactions(
    database: Database, connection: asyncpg.Connection
) -> None:
    sizes: list[int] = []

    async def write(events: Sequence[NewEvent]) -> list[Booked]:
        async with database.connection() as own:
            return await book(own, *events)

    groups: GroupCommit[NewEvent, Booked] = GroupCommit(
        write, key=lambda event: event.key, largest=50, on_group=sizes.append
    )
    answers = await asyncio.gather(*(groups.put(new_event()) for _ in range(200)))
    assert all(answer.fresh for answer in answers)
    assert sizes == [50, 50, 50, 50]
    assert await count(connection, "notification") == 200
