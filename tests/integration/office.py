"""A whole gateway in one process over a real ledger, with providers that do as the test says.

Nothing is patched: a provider is an object with the contract's methods, given to `Accounts` by the
function that builds providers.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

import gateway
from gateway.domain.call import Turn, words_of
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.dossier import DossierEvent
from gateway.domain.hours import ChannelHours
from gateway.domain.message import SentMessage, Submission
from gateway.domain.notification import Lane
from gateway.domain.outcome import Accepted, Missing, Outcome, Reason, Receipt, Verdict
from gateway.intake.digest import canonical
from gateway.intake.events import read_event
from gateway.ledger.database import Database
from gateway.providers.contract import (
    AccountAccess,
    CallReport,
    NotAReceipt,
    Provider,
    ReceiptRequest,
    Terms,
    VoiceAnswer,
)
from gateway.rendering.procedures import Procedures
from gateway.sealing import Hasher, Keyring, Sealer
from gateway.services.account_health import AccountHealth
from gateway.services.account_news import AccountNews
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.alarm import Alarm
from gateway.services.apply_directory import apply, as_wanted
from gateway.services.booking import Booking, Posted
from gateway.services.compose import Compose
from gateway.services.database_clock import DatabaseClock
from gateway.services.deliver import Deliver
from gateway.services.desk.template_use import TemplateUse
from gateway.services.directory_rules import Wanted
from gateway.services.find_messages import Sweeper
from gateway.services.inquire import Inquire
from gateway.services.learn import Learn
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates, publish_shipped
from gateway.services.look_up import LookUp
from gateway.services.outcomes import Outcomes
from gateway.services.owing import Owing
from gateway.services.prepare import Prepare
from gateway.services.rates import Allowance, Rates
from gateway.services.receive import Patience, Receive
from gateway.services.serve_lane import Pace, ServeLane
from gateway.services.submit import Submit, Submitted
from gateway.services.suppress import Suppress
from gateway.services.sweep import Sweep
from gateway.services.tallies import Tallies
from gateway.services.understand import Understand
from gateway.services.world import World

SHIPPED = Path(gateway.__file__).parent / "shipped"
TEMPLATES = SHIPPED / "templates"
ALWAYS = ChannelHours.parse(["00:00-24:00"])
SECRET_PATH = "only-the-provider-knows"
MOBILE = "0984 765 321"
E164 = "+84984765321"

TABLES: dict[str, list[dict[str, Any]]] = {
    "pickup_point": [{"code": "bu-dop", "name": "Quầy Bù Đốp", "address": "1 Lê Hồng Phong"}],
    "account": [
        {"code": "oa", "provider": "zalo", "base_url": "http://127.0.0.1:1"},
        {
            "code": "esms",
            "provider": "sms",
            "base_url": "http://127.0.0.1:1",
            "rate_per_s": 1000,
            "secrets": {"callback_token": SECRET_PATH},
        },
    ],
    "pool": [
        {"code": "zalo", "channel": "zalo", "accounts": ["oa"]},
        {"code": "sms", "channel": "sms", "accounts": ["esms"]},
    ],
    "unit": [
        {
            "code": "H10.12",
            "name": "Trung tâm Phục vụ hành chính công Bù Đốp",
            "short_name": "TTPVHCC Bù Đốp",
            "verify_phone": "0271 1022",
            "pickup_point": "bu-dop",
            "aliases": ["000.00.12.H10"],
            "route": [{"channel": "sms", "pool": "sms", "tries_s": [0, 0, 0], "window_s": 3600}],
        },
        {
            "code": "H10.13",
            "name": "Trung tâm Phục vụ hành chính công Lộc Ninh",
            "verify_phone": "0271 1022",
            "pickup_point": "bu-dop",
            "route": [
                {"channel": "zalo", "pool": "zalo", "tries_s": [0], "escalate_on_silence": True},
                {"channel": "sms", "pool": "sms", "tries_s": [0, 0]},
            ],
        },
        {
            "code": "H10.99",
            "name": "Đơn vị của người khác",
            "verify_phone": "0271 1022",
            "pickup_point": "bu-dop",
            "route": [{"channel": "sms", "pool": "sms"}],
        },
    ],
    "source": [
        {
            "code": "igate",
            "name": "Một cửa",
            "namespace": "h10",
            "units": ["H10.12", "H10.13"],
            "sources": ["/h10/igate"],
        }
    ],
}


def entries(tables: dict[str, list[dict[str, Any]]]) -> list[Wanted]:
    return [as_wanted(kind, table) for kind, rows in tables.items() for table in rows]


@dataclass
class Told:
    """A provider that answers in turn what it was told to, then `otherwise`, and keeps its books.

    A told error is raised. `gate` holds every call open while it is not set.
    """

    terms: Terms
    answers: list[Outcome | Exception] = field(default_factory=list)
    otherwise: Outcome = field(default_factory=lambda: Accepted(provider_id="p-1"))
    said_when_asked: Receipt | Missing | Exception | None = None
    sent: list[Submission] = field(default_factory=list)
    asked: list[SentMessage] = field(default_factory=list)
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.called = asyncio.Event()
        self._open = 0

    async def send(self, message: Submission) -> Outcome:
        self.sent.append(message)
        self.called.set()
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await self.gate.wait()
        finally:
            self._open -= 1
        answer = self.answers.pop(0) if self.answers else self.otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        self.asked.append(sent)
        if isinstance(self.said_when_asked, Exception):
            raise self.said_when_asked
        return self.said_when_asked

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return request.path_token == SECRET_PATH

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        try:
            return [_receipt(one) for one in json.loads(request.body)]
        except ValueError as error:
            raise NotAReceipt from error


def _receipt(told: dict[str, Any]) -> Receipt:
    reason = Reason(told["reason"]) if "reason" in told else None
    return Receipt(**{**told, "verdict": Verdict(told["verdict"]), "reason": reason})


def report(*told: dict[str, Any], token: str = SECRET_PATH) -> ReceiptRequest:
    """A provider's request with these reports in it."""
    return ReceiptRequest(
        method="POST",
        url=f"http://gateway/receipts/esms/{token}",
        path_token=token,
        headers={"Content-Type": "application/json"},
        query={},
        body=json.dumps(told).encode(),
    )


@dataclass
class Phone(Told):
    """A provider of calls; the request's JSON is what it tells of a call."""

    def read_call(self, request: ReceiptRequest) -> CallReport:
        return CallReport(**json.loads(request.body))

    def speak(self, turn: Turn, next_url: str, prompts_url: str) -> VoiceAnswer:
        return VoiceAnswer(content_type=next_url, body=words_of(turn.said).encode())


SMS_TERMS = Terms(channel=Channel.SMS, receipts=Receipts.HANDSET)
VOICE_TERMS = replace(SMS_TERMS, channel=Channel.VOICE)
ASKED_TERMS = replace(
    SMS_TERMS, dedupe_window_s=86_400, query_by=QueryBy.OUR_REFERENCE, query_gives_up_after_s=600
)
ZALO_TERMS = Terms(
    channel=Channel.ZALO, receipts=Receipts.HANDSET, query_by=QueryBy.PROVIDER_ID,
    query_gives_up_after_s=600,
)  # fmt: skip


_PACE = Pace(
    concurrency=64,
    lease_margin_s=20,
    slice_s=5,
    linger_s=0.05,
    look_every_s=0.005,
    largest_group=100,
)


class OwnRates:
    """Each process keeps to its own part, as where Redis is away."""

    async def fetch(self, allowances: Mapping[str, Allowance], most: int) -> None:
        for allowance in allowances.values():
            allowance.on_its_own()


@dataclass
class Office:
    database: Database
    keyring: Keyring
    sealer: Sealer
    hasher: Hasher
    directory: LiveDirectory
    templates: LiveTemplates
    world: World
    accounts: Accounts
    clock: DatabaseClock
    compose: Compose
    zalo: Told
    sms: Told
    alarm: Alarm
    health: AccountHealth
    suppress: Suppress
    tallies: Tallies
    use: TemplateUse
    pace: Pace = _PACE
    prepares: type[Prepare] = Prepare
    rates: Rates = field(default_factory=OwnRates)
    rung: list[Lane] = field(default_factory=list)
    _workers: list[ServeLane] = field(default_factory=list)

    @classmethod
    async def open(cls, database: Database, keyring: Keyring | None = None) -> "Office":
        keyring = keyring or Keyring.generate()
        sealer, hasher, clock = Sealer(keyring), Hasher(keyring), DatabaseClock()
        await publish_shipped(database, TEMPLATES)
        await apply(database, sealer, entries(TABLES), "test")
        zalo, sms = Told(ZALO_TERMS), Told(SMS_TERMS)
        told = {"zalo": zalo, "sms": sms}

        def build(provider: str, access: AccountAccess) -> Provider:
            return told[provider]

        directory, templates = LiveDirectory(database, sealer), LiveTemplates(database)
        world = World(dict.fromkeys(Channel, ALWAYS), Procedures.of())
        accounts = Accounts(build)
        directory.on_change += [world.update, accounts.update]
        await directory.refresh()
        await templates.refresh()
        await clock.look(database)
        compose = Compose(
            templates=templates, surroundings=world.surroundings, sealer=sealer, clock=clock
        )
        alarm = Alarm(database)
        return cls(
            alarm=alarm,
            health=AccountHealth(
                database=database,
                accounts=accounts,
                alarm=alarm,
                clock=clock,
                slow_call_s=5,
                late_after_s=300,
            ),
            suppress=Suppress(database=database, hasher=hasher, sealer=sealer),
            tallies=Tallies(accounts, alarm),
            use=TemplateUse(database, templates, clock),
            database=database,
            keyring=keyring,
            sealer=sealer,
            hasher=hasher,
            directory=directory,
            templates=templates,
            world=world,
            accounts=accounts,
            clock=clock,
            compose=compose,
            zalo=zalo,
            sms=sms,
        )

    async def reapply(self, kind: str, code: str, **changes: Any) -> None:
        """The directory with one entry changed, in force at once."""
        tables = {
            one: [{**row, **changes} if (one, row["code"]) == (kind, code) else row for row in rows]
            for one, rows in TABLES.items()
        }
        await apply(self.database, self.sealer, entries(tables), "test")
        await self.directory.refresh()

    @property
    def inquire(self) -> Inquire:
        return Inquire(database=self.database, compose=self.compose, hasher=self.hasher)

    @property
    def owing(self) -> Owing:
        return Owing(
            hasher=self.hasher,
            sealer=self.sealer,
            hours=self.world.hours,
            open_time=lambda _kind: timedelta(hours=72),
        )

    def submit(self, **changes: Any) -> Submit:
        return Submit(
            **changes,
            database=self.database,
            booking=Booking(
                directory=self.directory,
                templates=self.templates,
                hasher=self.hasher,
                owing=self.owing,
                supersedes={},
            ),
            now=self.clock,
            ring=self.rung.append,
            largest_group=100,
        )

    def worker(self) -> ServeLane:
        made = ServeLane(
            database=self.database,
            accounts=self.accounts,
            rates=self.rates,
            hours=self.world.hours,
            clock=self.clock,
            deliver=self._deliver(),
            pace=self.pace,
        )
        self._workers.append(made)
        return made

    def _deliver(self) -> Deliver:
        return Deliver(
            prepare=self.prepares(
                database=self.database,
                compose=self.compose,
                addresses=Addresses("http://gateway"),
                hours=self.world.hours,
                clock=self.clock,
                alarm=self.alarm,
            ),
            compose=self.compose,
            health=self.health,
            outcomes=Outcomes(
                database=self.database,
                largest_group=self.pace.largest_group,
                patience_s=self.pace.lease_margin_s,
            ),
            learn=Learn(
                database=self.database, suppress=self.suppress, use=self.use, no_zalo_days=30
            ),
            tallies=self.tallies,
        )

    def receive(self, patience: Patience | None = None) -> Receive:
        return Receive(
            database=self.database,
            accounts=self.accounts,
            news=AccountNews(self.database, self.accounts, self.alarm),
            understand=Understand(
                database=self.database,
                accounts=self.accounts,
                inquire=self.inquire,
                hours=self.world.hours,
                clock=self.clock,
                health=self.health,
                suppress=self.suppress,
                tallies=self.tallies,
            ),
            sealer=self.sealer,
            clock=self.clock,
            patience=patience or Patience(unmatched_retry_s=[0.0], keep_s=60),
            largest_group=100,
        )

    def sweep(self) -> Sweep:
        return Sweep(
            database=self.database,
            accounts=self.accounts,
            inquire=self.inquire,
            tallies=self.tallies,
            hours=self.world.hours,
            clock=self.clock,
        )

    async def post(self, *posted: Posted) -> list[Submitted]:
        return await self.submit().submit(self.directory.now.sources["igate"], posted)

    async def owed(self, *posted: Posted) -> list[UUID]:
        """The notifications that these events owe."""
        return [one.id for answer in await self.post(*posted) for one in answer.owed]

    async def serve(self, pool: str = "sms") -> None:
        """One worker serves the lane until nothing is due."""
        worker = self.worker()
        await worker.work(Lane(pool=pool), lambda: False)
        await worker.finish()

    def look_up(self) -> LookUp:
        return LookUp(
            database=self.database,
            hasher=self.hasher,
            compose=self.compose,
            sweeper=Sweeper(database=self.database, now=self.clock),
        )

    async def rows(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self.database.connection() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return found

    async def state(self, notification_id: UUID) -> tuple[str, str | None]:
        [found] = await self.rows(
            "SELECT state, reason FROM notification WHERE id = $1", notification_id
        )
        return found["state"], found["reason"]

    async def run_out(self, kind: str = "") -> None:
        """Let every watch (of this kind) end now, as if its time had passed."""
        await self.rows(
            "UPDATE watch SET until = now() WHERE kind = $1 OR $1 = '' RETURNING 1", kind
        )

    async def close(self) -> None:
        for worker in self._workers:
            for provider in (self.sms, self.zalo):
                provider.gate.set()
            await worker.finish()


def posted(number: int = 1, *, phones: Sequence[str] = (MOBILE,), **data: Any) -> Posted:
    """A result-ready event as a source posts it."""
    raw = {
        "specversion": "1.0",
        "id": data.pop("event_id", f"event-{number}"),
        "source": data.pop("source", "/h10/igate"),
        "type": "vn.dossier.result-ready",
        "time": "2026-03-03T09:00:00+07:00",
        "data": {
            "dossier": {"code": f"000.00.12.H10-260303-{number:04d}"},
            "applicant": {"name": "Nguyễn Thị Minh Ánh", "phones": list(phones)},
            "unit": "H10.12",
            "pickup": {"point": "bu-dop"},
            **data,
        },
    }
    event = read_event(raw)
    assert isinstance(event, DossierEvent), event
    return Posted(event=event, canonical=canonical("vn.dossier.result-ready", raw["data"]))


async def until(true: Callable[[], bool], within_s: float = 5) -> None:
    """Wait for what another task brings about."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def emptied(url: str, tables: str) -> AsyncIterator[Database]:
    """One ledger for all tests of a module, rid of what the test before left in these tables."""
    opened = await Database.connect(url, size=4, statement_timeout_s=10)
    async with opened.connection() as connection:
        await connection.execute(f"TRUNCATE {tables}")
    yield opened
    await opened.close()
