"""Whatever happens, in whatever order, against the real ledger: the guarantees hold at each step.

Events are posted and posted again, workers send, crash before or after the provider took a message,
fall asleep with an answer in hand and write it much later, answers are lost, reports come early,
late, twice, wrongly and for strangers, notices are withdrawn, time passes, the clock sweeps. At the
end, time passes until everything has ended.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from office import ASKED_TERMS, ZALO_TERMS, Office, Told, posted, report, until

from gateway.domain.message import SentMessage, Submission
from gateway.domain.notification import Lane
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Verdict,
)
from gateway.domain.status import ALLOWED, OPEN, TERMINAL, State
from gateway.ledger.database import Database
from gateway.providers.contract import Terms
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services.receive import Receive
from gateway.services.serve_lane import ServeLane
from gateway.services.withdraw import Withdraw

Result = TypeVar("Result")

# What a call may come to. The worker of a crash never writes what it learnt; that of a stall writes
# it when it wakes.
TAKEN, LOST_AFTER, LOST_BEFORE, CRASH_AFTER, CRASH_BEFORE = "t", "la", "lb", "ca", "cb"
REFUSED, PUT_OFF, UNSENT, STALL_TAKEN, STALL_PUT_OFF = "r", "p", "u", "st", "sp"
CALLS = (
    *(TAKEN, LOST_AFTER, LOST_BEFORE, CRASH_AFTER, CRASH_BEFORE),
    *(REFUSED, PUT_OFF, UNSENT, STALL_TAKEN, STALL_PUT_OFF),
)
_TAKES = {TAKEN, LOST_AFTER, CRASH_AFTER, STALL_TAKEN}
_SETTINGS = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_MOMENTS_S = (1, 30, 600, 4_000, 8_000, 100_000)
_TABLES = "notification, attempt, history, receipt, receipt_raw, receipt_todo, due, watch, outbox"
_MORE = "feed, event_key, dossier, notice_once, phone_memory"


class Crash(Exception):
    """The worker dies in the middle of a call."""


class Truthful(Told):
    """Remembers which references it took, delivers each once, and says so when it is asked."""

    def __init__(self, terms: Terms, database: Database) -> None:
        super().__init__(terms)
        self._database = database
        self.script: list[str] = []
        self.took: Counter[str] = Counter()
        self.woken, self.sleeping = asyncio.Event(), 0

    async def send(self, message: Submission) -> Outcome:
        await self._require_open_attempt(message)
        call = self.script.pop(0) if self.script else TAKEN
        known = bool(self.terms.dedupe_window_s) and self.took[message.reference] > 0
        if call in _TAKES and not known:
            self.took[message.reference] += 1
        if call in (STALL_TAKEN, STALL_PUT_OFF):
            self.sleeping += 1
            await self.woken.wait()
        match call:
            case "t" | "st":
                return Accepted(provider_id=f"id-{message.reference}")
            case "r":
                return Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT)
            case "p" | "sp":
                return Deferred(reason=Reason.RATE_LIMITED, spends_try=False)
            case "u":
                raise NotSent("connect")
            case "la" | "lb":
                raise MaybeSent(Reason.TIMEOUT)
        raise Crash

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        if self.took[sent.reference]:
            return Receipt(verdict=Verdict.DELIVERED, reference=sent.reference)
        return Missing()

    async def _require_open_attempt(self, message: Submission) -> None:
        """The attempt is on disk, open, under this reference, before anybody is called."""
        async with self._database.connection() as connection:
            open_ones = await connection.fetchval(
                "SELECT count(*) FROM attempt WHERE reference = $1 AND closed_at IS NULL",
                message.reference,
            )
        assert open_ones == 1


class AnyOrder(RuleBasedStateMachine):
    """Every example begins with an empty ledger."""

    runner: asyncio.Runner
    office: Office

    def __init__(self) -> None:
        super().__init__()
        self._posted = 0
        self._asleep: list[tuple[ServeLane, asyncio.Event]] = []
        self._accepted: dict[int, UUID] = {}
        self._proven: dict[UUID, State] = {}
        self._run(self._begin_anew())

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def _begin_anew(self) -> None:
        database = self.office.database
        async with database.connection() as connection:
            await connection.execute(f"TRUNCATE {_TABLES}, {_MORE}")
        self.sms = Truthful(ASKED_TERMS, database)
        self.zalo = Truthful(ZALO_TERMS, database)
        for code, provider in (("esms", self.sms), ("oa", self.zalo)):
            found = self.office.accounts.get(code)
            assert found is not None
            found.provider = provider

    @initialize()
    def begin(self) -> None:
        self.post()

    @rule()
    def post(self) -> None:
        """For each route one that begins there."""
        for unit in ("H10.12", "H10.13"):
            self._posted += 1
            [answer] = self._run(self.office.post(self._event(self._posted, unit)))
            assert answer.answer == "new"
            self._accepted[self._posted] = answer.owed[0].id

    @precondition(lambda self: self._accepted)
    @rule(data=st.data())
    def post_again(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self._accepted)))
        [row] = self._rows("SELECT unit FROM notification WHERE id = $1", self._accepted[number])
        [answer] = self._run(self.office.post(self._event(number, row["unit"])))
        assert answer.answer == "seen"
        assert [one.id for one in answer.owed] == [self._accepted[number]]

    @rule(calls=st.lists(st.sampled_from(CALLS), min_size=2, max_size=6))
    def work(self, calls: list[str]) -> None:
        """Both lanes are served once; the calls come to this, and those after them to no harm."""
        self.sms.script, self.zalo.script = list(calls), list(calls)
        self._run(self._serve())

    @precondition(lambda self: self._asleep)
    @rule(data=st.data())
    def wake(self, data: st.DataObject) -> None:
        self._run(self._wake(data.draw(st.integers(0, len(self._asleep) - 1))))

    @rule(seconds=st.sampled_from(_MOMENTS_S))
    def time_passes(self, seconds: int) -> None:
        self._run(self._pass(seconds))
        self._run(self._sweep())

    @precondition(lambda self: self.sms.took or self.zalo.took)
    @rule(
        data=st.data(), times=st.integers(1, 2), verdict=st.sampled_from(["progress", "delivered"])
    )
    def report(self, data: st.DataObject, times: int, verdict: str) -> None:
        """About a message the provider took, whatever the ledger thinks of it by now."""
        taken = sorted((*self.sms.took, *self.zalo.took))
        reference = data.draw(st.sampled_from(taken))
        account = "esms" if reference in self.sms.took else "oa"
        told = {"verdict": verdict, "reference": reference}
        self._run(self._receive(account, [told] * times))

    @rule(by_id=st.booleans())
    def report_about_a_stranger(self, by_id: bool) -> None:
        told = {"verdict": "delivered", ("provider_id" if by_id else "reference"): "nobody"}
        self._run(self._receive("esms", [told]))

    @precondition(lambda self: self._accepted)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self._accepted)))
        withdraw = Withdraw(self.office.database)
        self._run(withdraw.withdraw(self._accepted[number], "igate", "source"))

    @invariant()
    def the_guarantees_hold(self) -> None:
        self.what_was_accepted_is_there()
        self.only_allowed_moves_were_made()
        self.nothing_is_stuck()
        self.nobody_is_sent_a_second_message_blindly()
        self.proof_of_delivery_is_never_lost()
        self.endings_are_announced()

    def what_was_accepted_is_there(self) -> None:
        kept = {row["id"] for row in self._rows("SELECT id FROM notification")}
        assert kept == set(self._accepted.values())

    def only_allowed_moves_were_made(self) -> None:
        rows = self._rows(
            "SELECT h.notification_id, h.revision, h.state, n.state AS now FROM history h"
            " JOIN notification n ON n.id = h.notification_id ORDER BY 1, 2"
        )
        last: dict[UUID, tuple[int, str, str]] = {}
        for row in rows:
            before = last.get(row["notification_id"])
            if before is None:
                assert row["revision"] == 1
            else:
                assert row["revision"] == before[0] + 1
                assert (State(before[1]), State(row["state"])) in ALLOWED
            last[row["notification_id"]] = (row["revision"], row["state"], row["now"])
        assert all(state == now for _, state, now in last.values())

    def nothing_is_stuck(self) -> None:
        """What waits is due at a time, what is with a worker or a provider is watched."""
        rows = self._rows(
            "SELECT n.id, n.state, n.ended_at,"
            " EXISTS (SELECT FROM due d WHERE d.notification_id = n.id) AS due,"
            " EXISTS (SELECT FROM watch w WHERE w.notification_id = n.id AND w.step = n.step"
            "         AND w.try = n.tries) AS watched FROM notification n"
        )
        for row in rows:
            state = State(row["state"])
            assert (row["ended_at"] is not None) == (state in TERMINAL)
            assert row["due"] == (state is State.WAITING), row
            if state in (State.SENDING, State.SENT):
                assert row["watched"], row

    def nobody_is_sent_a_second_message_blindly(self) -> None:
        """By the books of the providers, a step of a notice was taken once at most."""
        taken: Counter[tuple[UUID, int]] = Counter()
        for row in self._rows("SELECT notification_id, step, reference FROM attempt"):
            times = self.sms.took[row["reference"]] + self.zalo.took[row["reference"]]
            taken[row["notification_id"], row["step"]] += times
        assert [one for one, times in taken.items() if times > 1] == []

    def proof_of_delivery_is_never_lost(self) -> None:
        for row in self._rows("SELECT id, state FROM notification"):
            state, before = State(row["state"]), self._proven.get(row["id"])
            if before is not None:
                assert state in (before, State.ACKNOWLEDGED)
            if state in (State.DELIVERED, State.ACKNOWLEDGED):
                self._proven[row["id"]] = state

    def endings_are_announced(self) -> None:
        rows = self._rows(
            "SELECT n.id FROM notification n WHERE n.ended_at IS NOT NULL AND NOT EXISTS ("
            " SELECT FROM outbox o WHERE o.notification_id = n.id AND o.revision = n.revision)"
        )
        assert rows == []

    def teardown(self) -> None:
        try:
            self._run(self._until_all_ended())
        finally:
            self._run(self._wake_all())
        self.the_guarantees_hold()

    async def _serve(self) -> None:
        """Workers take what is due; one with a call that stalls stays behind, asleep."""
        for pool, provider in (("zalo", self.zalo), ("sms", self.sms)):
            worker, provider.woken = self.office.worker(), asyncio.Event()
            provider.sleeping = 0
            await worker.work(Lane(pool=pool), lambda: False)
            await until(lambda d=worker, p=provider: len(d._calls) == p.sleeping)
            if provider.sleeping:
                self._asleep.append((worker, provider.woken))

    async def _wake(self, which: int) -> None:
        worker, woken = self._asleep.pop(which)
        woken.set()
        await worker.finish()

    async def _wake_all(self) -> None:
        while self._asleep:
            await self._wake(0)

    async def _until_all_ended(self) -> None:
        for _ in range(40):
            rows = await self.office.rows("SELECT state FROM notification")
            if not any(State(row["state"]) in OPEN for row in rows):
                return
            await self._wake_all()
            await self._serve()
            await self._pass(7_200)
            await self._sweep()
        open_ones = await self.office.rows(
            "SELECT id, state, reason, step, tries FROM notification WHERE ended_at IS NULL"
        )
        raise AssertionError(f"never ended: {open_ones}")

    @staticmethod
    def _event(number: int, unit: str) -> Any:
        return posted(number, unit=unit, phones=(f"09123{number:05d}",))

    async def _pass(self, seconds: int) -> None:
        """Everything in the ledger is so much older; nothing else tells the time."""
        earlier = f"- interval '{seconds} seconds'"
        for table, columns in (
            ("due", ("due_at", "latest_at")),
            ("watch", ("until",)),
            ("notification", ("accepted_at", "latest_send_at")),
            ("attempt", ("opened_at", "asked_at")),
            ("receipt_todo", ("next_at",)),
        ):
            moved = ", ".join(f"{column} = {column} {earlier}" for column in columns)
            await self.office.rows(f"UPDATE {table} SET {moved} RETURNING 1")

    async def _sweep(self) -> None:
        sweep, receive = self.office.sweep(), self.office.receive()
        await sweep.run_out()
        await sweep.expire_late()
        await receive.read_leftovers()
        await receive.drained()

    async def _receive(self, account: str, told: Sequence[dict[str, str]]) -> None:
        receive: Receive = self.office.receive()
        await receive.take(account, replace(report(*told), url=f"http://gateway/{account}"))
        await receive.drained()

    def _rows(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        return self._run(self.office.rows(statement, *arguments))


async def _opened(url: str) -> Office:
    office = await Office.open(await Database.connect(url, size=8, statement_timeout_s=10))
    office.pace = replace(office.pace, linger_s=0.01, look_every_s=0.002)
    return office


async def _closed(office: Office) -> None:
    await office.close()
    await office.database.close()


def test_the_guarantees_hold_in_any_order(database_url: str) -> None:
    with asyncio.Runner() as opened:

        class Here(AnyOrder):
            runner = opened
            office = opened.run(_opened(database_url))

        run_state_machine_as_test(Here, settings=_SETTINGS)
        opened.run(_closed(Here.office))
