"""Counts agree with the notifications to the unit, whenever they are looked at."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from ledger_rows import (
    ACCEPTED,
    REJECTED,
    UNKNOWN,
    ZALO_THEN_SMS,
    about,
    accepted,
    anywhere,
    due,
    new_event,
    step,
    take,
)

from gateway.domain.channel import Channel
from gateway.domain.notification import AttemptResult, AttemptVerdict, Claimed, Lane
from gateway.domain.outcome import Reason, Verdict
from gateway.domain.statistics import SPEEDS_S
from gateway.domain.status import State
from gateway.ledger import counting, moves, statistics
from gateway.ledger.database import Database
from gateway.ledger.statistics import By, Wanted

TODAY = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
NOW = Wanted(first=TODAY - timedelta(days=1), last=TODAY + timedelta(days=1))
LANES = (Lane(pool="zalo"), Lane(pool="sms"))
UNITS, KINDS = ("H10.12", "H10.13", "H10.99"), ("result-ready", "received")


async def count_all(connection: asyncpg.Connection) -> None:
    while not await filled(connection, 100):
        pass
    while not await counted(connection):
        pass


async def filled(connection: asyncpg.Connection, limit: int) -> bool:
    async with connection.transaction():
        return await counting.count_old(connection, limit)


async def counted(connection: asyncpg.Connection) -> bool:
    async with connection.transaction():
        return await counting.count_changed(connection)


async def by_hand(connection: asyncpg.Connection) -> dict[tuple[Any, ...], Counter[str]]:
    """What the rows themselves say, without a statement of the product."""
    found: dict[tuple[Any, ...], Counter[str]] = {}
    attempts: dict[Any, list[asyncpg.Record]] = {}
    for one in await connection.fetch("SELECT * FROM attempt ORDER BY step, try"):
        attempts.setdefault(one["notification_id"], []).append(one)
    arrivals: dict[Any, datetime] = {}
    for one in await connection.fetch("SELECT * FROM history ORDER BY revision DESC"):
        if one["state"] in ("delivered", "acknowledged"):
            arrivals[one["notification_id"]] = one["at"]
    for one in await connection.fetch("SELECT * FROM notification WHERE mode = 'live'"):
        made = attempts.get(one["id"], [])
        key = (one["unit"], one["kind"], one["state"])
        figures = found.setdefault(key, Counter())
        figures["notices"] += 1
        for attempt in made:
            figures[paid(attempt)] += costs(attempt)
        figures["doubtful"] += is_in_doubt(one)
        if one["id"] in arrivals and one["state"] in ("delivered", "acknowledged"):
            took = max(0, round((arrivals[one["id"]] - one["accepted_at"]).total_seconds()))
            figures[f"speed {sum(took > bound for bound in SPEEDS_S)}"] += 1
    return found


def is_in_doubt(notification: asyncpg.Record) -> bool:
    state, reason = notification["state"], notification["reason"]
    return state in ("sent", "unconfirmed") and reason == "unknown_outcome"


def paid(attempt: asyncpg.Record) -> str:
    """Whether it was taken for sure, so that it costs what it costs."""
    is_unknown = attempt["outcome"] == "unknown" and attempt["verdict"] is None
    return "doubtful_vnd" if is_unknown else "cost_vnd"


def costs(attempt: asyncpg.Record) -> int:
    if attempt["cost_vnd"] is not None:
        return int(attempt["cost_vnd"])
    return attempt["estimate_vnd"] or 0 if attempt["outcome"] in ("accepted", "unknown") else 0


async def as_counted(database: Database) -> dict[tuple[Any, ...], Counter[str]]:
    async with statistics.moment(database, 10) as connection:
        rows = await statistics.notices(connection, NOW, (By.UNIT, By.KIND, By.STATE))
    found = {}
    for one in rows:
        found[one.key] = Counter(
            notices=one.notices,
            cost_vnd=one.cost_vnd,
            doubtful=one.doubtful,
            doubtful_vnd=one.doubtful_vnd,
        )
        found[one.key].update({f"speed {n}": many for n, many in enumerate(one.speeds) if many})
        assert one.states == {one.key[2]: one.notices}
    return found


async def attempts_by_hand(connection: asyncpg.Connection) -> Counter[tuple[str, str, str]]:
    rows = await connection.fetch(
        "SELECT a.* FROM attempt a JOIN notification n ON n.id = a.notification_id"
        " WHERE n.mode = 'live'"
    )
    return Counter((one["channel"], one["account"], ending(one)) for one in rows)


def ending(attempt: asyncpg.Record) -> str:
    if attempt["verdict"] not in (None, "progress"):
        return str(attempt["verdict"])
    if attempt["verdict"] == "progress" and attempt["outcome"] in (None, "unknown"):
        return "taken"
    return {"accepted": "taken", None: "open"}.get(attempt["outcome"], attempt["outcome"])


async def assert_agrees(connection: asyncpg.Connection, database: Database) -> None:
    expected = {key: +found for key, found in (await by_hand(connection)).items()}
    assert {key: +found for key, found in (await as_counted(database)).items()} == expected
    async with statistics.moment(database, 10) as reading:
        attempts = await statistics.attempts(reading, NOW)
        slots = await statistics.slots(reading, datetime.now(UTC) - timedelta(hours=2), None)
        by_unit = await statistics.units(reading, NOW)
    for name in ("cost_vnd", "doubtful_vnd"):
        assert sum(getattr(one, name) for one in by_unit) == sum(
            figures[name] for figures in expected.values()
        )
    found = Counter({(one.channel, one.account, one.ending): one.attempts for one in attempts})
    assert found == await attempts_by_hand(connection)
    states: Counter[str] = Counter()
    for key, figures in expected.items():
        states[key[2]] += figures["notices"]
    assert states == Counter(
        {state: sum(one.notices for one in slots if one.state == state) for state in states}
    )
    assert sum(one.notices for one in slots) == sum(states.values())


async def assert_endings_agree(connection: asyncpg.Connection) -> None:
    """Those counted: by the quarter of an hour in which they ended."""
    expected = await connection.fetch(
        "SELECT to_timestamp(floor(extract(epoch FROM ended_at) / 900) * 900) AS slot, mode, state,"
        " coalesce(reason, '') AS reason, count(*) AS notices FROM notification"
        " WHERE ended_at IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    found = await connection.fetch(
        "SELECT slot, mode, state, reason, sum(notices)::bigint AS notices FROM ended_slot"
        " GROUP BY 1, 2, 3, 4 HAVING sum(notices) <> 0 ORDER BY 1, 2, 3, 4"
    )
    assert [dict(row) for row in found] == [dict(row) for row in expected]


class Traffic:
    """Does at random what can happen to notifications, as the dice say."""

    def __init__(self, connection: asyncpg.Connection, seed: int) -> None:
        self.connection, self.dice = connection, random.Random(seed)
        self.claimed: list[Claimed] = []
        self.ids: list[Any] = []

    async def goes_on(self) -> None:
        acts: Sequence[Callable[[], Awaitable[None]]] = (
            *(self.accepts, self.accepts, self.claims, self.claims, self.answers, self.answers),
            *(self.reports, self.reports, self.ends, self.learns_late),
        )
        await self.dice.choice(acts)()

    async def accepts(self) -> None:
        steps = self.dice.choice([ZALO_THEN_SMS, (step(),), ()])
        state = State.WAITING if steps else State.FAILED
        event = new_event(
            steps=steps,
            unit=self.dice.choice(UNITS),
            kind=self.dice.choice(KINDS),
            mode=self.dice.choice(["live", "live", "live", "test"]),
            state=state,
            reason=None if steps else Reason.NO_USABLE_PHONE,
        )
        self.ids.append(await accepted(self.connection, event))

    async def claims(self) -> None:
        lane = self.dice.choice(LANES)
        account = self.dice.choice(["one", "other"])
        self.claimed += await take(self.connection, self.dice.randint(1, 3), lane, account=account)

    async def answers(self) -> None:
        if not self.claimed:
            return
        one = self.dice.choice(self.claimed)
        result = self.dice.choice([ACCEPTED, ACCEPTED, REJECTED, UNKNOWN])
        cost = {"cost_vnd": self.dice.choice([None, 300]), "estimate_vnd": 800}
        result = AttemptResult(**{"outcome": result.outcome, "reason": result.reason, **cost})
        may_go_on = len(one.steps) > one.step + 1
        if result.outcome == "rejected" and may_go_on:
            change = about(one, State.WAITING, result=result, next_step=one.step + 1, due=due())
        elif result.outcome == "rejected":
            change = about(one, State.FAILED, result=result, reason=Reason.CONTENT_REFUSED)
        else:
            reason = Reason.UNKNOWN_OUTCOME if result.outcome == "unknown" else None
            change = about(one, State.SENT, result=result, reason=reason)
        await moves.apply(self.connection, [change])

    async def reports(self) -> None:
        if not self.claimed:
            return
        one = self.dice.choice(self.claimed)
        verdict = self.dice.choice(list(Verdict))
        to = {
            Verdict.DELIVERED: State.DELIVERED,
            Verdict.ACKNOWLEDGED: State.ACKNOWLEDGED,
            Verdict.FAILED: State.FAILED,
        }.get(verdict)
        told = AttemptVerdict(verdict=verdict, cost_vnd=self.dice.choice([None, 450]))
        change = about(one, to, verdict=told, anywhere=to in (State.DELIVERED, State.ACKNOWLEDGED))
        await moves.apply(self.connection, [change])

    async def learns_late(self) -> None:
        """About an attempt whose notification stays where it is."""
        if self.claimed:
            one = self.dice.choice(self.claimed)
            await moves.apply(self.connection, [about(one, None, result=ACCEPTED)])

    async def ends(self) -> None:
        if self.ids:
            change = anywhere(self.dice.choice(self.ids), State.CANCELLED)
            await moves.apply(self.connection, [change])


@pytest.mark.parametrize("seed", range(3))
async def test_counts_agree_at_every_moment_while_notifications_move_about(
    connection: asyncpg.Connection, database: Database, seed: int
) -> None:
    traffic = Traffic(connection, seed)
    for _ in range(60):
        for _ in range(traffic.dice.randint(1, 6)):
            await traffic.goes_on()
        if traffic.dice.random() < 0.4:
            await count_all(connection)
        if traffic.dice.random() < 0.4:
            await assert_agrees(connection, database)
    await count_all(connection)
    await assert_agrees(connection, database)
    await assert_endings_agree(connection)


async def test_a_report_that_comes_late_moves_an_ending_to_its_own_hour(
    connection: asyncpg.Connection, database: Database
) -> None:
    await accepted(connection)
    [one] = await take(connection)
    await moves.apply(connection, [about(one, State.SENT, result=ACCEPTED)])
    silent = anywhere(one.id, State.UNCONFIRMED, reason=Reason.RECEIPT_MISSING)
    await moves.apply(connection, [silent])
    await connection.execute("UPDATE notification SET ended_at = ended_at - interval '1 hour'")
    await count_all(connection)
    await assert_endings_agree(connection)
    await moves.apply(connection, [anywhere(one.id, State.DELIVERED)])
    await count_all(connection)
    await assert_endings_agree(connection)
    await connection.execute("UPDATE ended_slot SET slot = slot - interval '10 days'")
    await counting.forget_old(connection)
    assert await connection.fetchval("SELECT count(*) FROM ended_slot") == 0


async def test_two_who_count_at_once_and_one_who_dies_at_it_count_nothing_twice(
    connection: asyncpg.Connection, database: Database, database_url: str
) -> None:
    """Two clocks that both believe to lead, while notifications move about."""
    traffic, over = Traffic(connection, 7), asyncio.Event()

    async def counts(dice: random.Random) -> None:
        own = await asyncpg.connect(database_url)
        while not over.is_set():
            with suppress(RuntimeError):
                async with own.transaction():
                    await counting.count_changed(own)
                    await counting.count_old(own, 3)
                    if dice.random() < 0.2:
                        raise RuntimeError("dies before it has written")
        await own.close()

    counters = [asyncio.create_task(counts(random.Random(seed))) for seed in (1, 2)]
    for _ in range(150):
        await traffic.goes_on()
    over.set()
    await asyncio.gather(*counters)
    await assert_agrees(connection, database)
    await count_all(connection)
    await assert_agrees(connection, database)
    await assert_endings_agree(connection)


async def test_a_month_that_is_dropped_stays_in_the_reports(
    connection: asyncpg.Connection, database: Database
) -> None:
    ids = [await accepted(connection) for _ in range(3)]
    await moves.apply(connection, [anywhere(one, State.DELIVERED) for one in ids])
    await count_all(connection)
    before = await as_counted(database)
    assert sum(figures["notices"] for figures in before.values()) == 3
    # A change that is not counted yet goes with its month; what was counted stays.
    await connection.execute("INSERT INTO count_note (notification_id) VALUES ($1)", ids[0])
    for table in ("notification", "attempt", "history", "counted"):
        await connection.execute(f"DELETE FROM {table}")
    assert await as_counted(database) == before
    await count_all(connection)
    await counting.forget_old(connection)
    assert await as_counted(database) == before


async def test_what_a_slow_transaction_wrote_is_not_missed(
    connection: asyncpg.Connection, database: Database
) -> None:
    """It began before the counting and ends after it."""
    slow = await accepted(connection)
    async with database.transaction() as open_one:
        await moves.apply(open_one, [anywhere(slow, State.CANCELLED)])
        for _ in range(3):
            await accepted(connection)
            await count_all(connection)
        await assert_agrees(connection, database)
    await assert_agrees(connection, database)
    await count_all(connection)
    await assert_agrees(connection, database)


async def test_what_was_there_before_the_counts_is_counted_piece_by_piece(
    connection: asyncpg.Connection, database: Database
) -> None:
    for _ in range(7):
        await accepted(connection)
    await connection.execute("UPDATE history SET at = at - interval '1 day'")
    assert (await counting.standing(connection)).is_filling
    for done in (False, False, False, True):
        assert await filled(connection, 3) is done
    assert not (await counting.standing(connection)).is_filling
    await assert_agrees(connection, database)


async def test_after_a_long_time_without_a_clock_counting_catches_up_in_pieces(
    connection: asyncpg.Connection, database: Database
) -> None:
    await count_all(connection)
    for _ in range(3):
        await accepted(connection)
    await connection.execute("UPDATE history SET at = at - interval '7 minutes'")
    await connection.execute("UPDATE count_head SET since = now() - interval '11 minutes'")
    assert (await counting.standing(connection)).is_stale
    assert await as_counted(database) == {}
    assert not await counted(connection)
    await count_all(connection)
    assert not (await counting.standing(connection)).is_stale
    await assert_agrees(connection, database)


async def test_a_clock_that_was_set_back_hides_nothing(
    connection: asyncpg.Connection, database: Database
) -> None:
    await count_all(connection)
    await connection.execute("UPDATE count_head SET since = now() + interval '1 hour'")
    await accepted(connection)
    await assert_agrees(connection, database)
    await count_all(connection)
    await assert_agrees(connection, database)


async def test_a_result_that_was_handed_over_counts_as_collected(
    connection: asyncpg.Connection, database: Database
) -> None:
    told = await accepted(connection)
    await moves.apply(connection, [anywhere(told, State.DELIVERED)])
    await count_all(connection)
    statement = (
        "INSERT INTO dossier (key, hash_key, last_kind, last_at, last_event, last_notification)"
        " VALUES ('k', 1, 'returned', now(), gen_random_uuid(), $1)"
    )
    await connection.execute(statement, told)
    for _ in range(2):
        async with statistics.moment(database, 10) as reading:
            [found] = await statistics.notices(reading, NOW, ())
        assert (found.told, found.collected) == (1, 1)
        await count_all(connection)
    # Another report about the dossier does not undo that it was collected.
    await connection.execute("UPDATE dossier SET last_kind = 'received', updated_at = now()")
    await count_all(connection)
    async with statistics.moment(database, 10) as reading:
        [found] = await statistics.notices(reading, NOW, ())
    assert (found.told, found.collected) == (1, 1)


async def test_only_the_units_kinds_and_channels_that_are_wanted(
    connection: asyncpg.Connection, database: Database
) -> None:
    await count_all(connection)
    for unit in UNITS:
        for steps in (ZALO_THEN_SMS, (step(),)):
            await accepted(connection, new_event(unit=unit, steps=steps))
    wanted = [
        (Wanted(first=TODAY, last=TODAY), 6),
        (Wanted(first=TODAY, last=TODAY, units=["H10.12"]), 2),
        (Wanted(first=TODAY, last=TODAY, units=[]), 0),
        (Wanted(first=TODAY, last=TODAY, channels=[Channel.ZALO]), 3),
        (Wanted(first=TODAY, last=TODAY, kinds=["received"]), 0),
        (Wanted(first=TODAY - timedelta(days=9), last=TODAY - timedelta(days=2)), 0),
    ]
    for _ in range(2):
        async with statistics.moment(database, 10) as reading:
            found = [await statistics.notices(reading, one, ()) for one, _ in wanted]
        assert [sum(one.notices for one in each) for each in found] == [n for _, n in wanted]
        await count_all(connection)


async def test_what_came_to_nothing_is_forgotten(
    connection: asyncpg.Connection, database: Database
) -> None:
    ids = [await accepted(connection) for _ in range(3)]
    await count_all(connection)
    await moves.apply(connection, [anywhere(one, State.CANCELLED) for one in ids])
    await count_all(connection)
    await counting.forget_old(connection)
    left = {row["state"] for row in await connection.fetch("SELECT state FROM notice_day")}
    assert left == {"cancelled"}
    await assert_agrees(connection, database)
    assert await connection.fetchval("SELECT count(*) FROM count_note") == 0
