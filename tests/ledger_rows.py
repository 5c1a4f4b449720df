"""Rows for tests of the ledger. Every state is reached as in life: accepted, claimed, moved."""

import hashlib
import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from gateway.domain.channel import Channel
from gateway.domain.notification import (
    AttemptResult,
    AttemptVerdict,
    Change,
    Claimed,
    Due,
    Lane,
    LaneClass,
    Watch,
    WatchKind,
)
from gateway.domain.outcome import Reason, Verdict
from gateway.domain.route import Step
from gateway.domain.status import State
from gateway.ledger import horizon, moves
from gateway.ledger.accept import accept
from gateway.ledger.claim import Room, Slot, claim
from gateway.ledger.new_events import Booked, NewEvent, NewNotification
from gateway.services.minting import mint

SMS = Lane(pool="sms")
PHONE = b"keyed hash of it"
ACCEPTED = AttemptResult(outcome="accepted", provider_id="p-1")
REJECTED = AttemptResult(outcome="rejected", reason=Reason.CONTENT_REFUSED)
UNKNOWN = AttemptResult(outcome="unknown", reason=Reason.TIMEOUT)
FOR_RECEIPT = Watch(kind=WatchKind.RECEIPT, in_s=3600)

_numbers = itertools.count(1)


def step(channel: Channel = Channel.SMS, pool: str = "sms", phone_key: bytes = PHONE) -> Step:
    return Step(
        channel=channel,
        phone=0,
        phone_key=phone_key,
        pool=pool,
        tries_s=(0, 30, 120),
        window_s=3600,
        escalate_on_silence=False,
    )


ZALO_THEN_SMS = (step(Channel.ZALO, "zalo"), step())


def new_event(
    name: str = "",
    *,
    content: str = "as posted",
    steps: Sequence[Step] = (step(),),
    latest_in_s: float = 3600,
    **changes: Any,
) -> NewEvent:
    """An event that owes one notification, due now unless `changes` of it say otherwise."""
    name = name or f"event {next(_numbers)}"
    fields: dict[str, Any] = {
        "id": mint(),
        "unit": "H10.12",
        "kind": "result-ready",
        "klass": "live",
        "mode": "live",
        "publication": 1,
        "state": State.WAITING,
        "reason": None,
        "steps": json.dumps([one.as_json() for one in steps]),
        "latest_send_at": datetime.now(UTC) + timedelta(seconds=latest_in_s),
        "reference_seed": b"seed of " + name.encode(),
        "tokens": [1, -2],
        "sealed": b"sealed",
        "seal_key": 1,
        "due_in_s": 0.0,
        "pool": steps[0].pool if steps else "",
        "phone": steps[0].phone_key if steps else b"",
    }
    return NewEvent(
        key=hashlib.blake2b(name.encode(), digest_size=16).digest(),
        hash_key=1,
        digest=hashlib.blake2b(content.encode(), digest_size=16).digest(),
        event_id=mint(),
        source="igate",
        notifications=(NewNotification(**{**fields, **changes}),),
    )


async def book(connection: asyncpg.Connection, *events: NewEvent) -> list[Booked]:
    async with connection.transaction():
        return await accept(connection, events)


async def accepted(connection: asyncpg.Connection, event: NewEvent | None = None) -> UUID:
    """The id of one notification that now waits."""
    [booked] = await book(connection, event or new_event())
    [notification_id] = booked.notification_ids
    return notification_id


def slots(count: int, account: str = "esms") -> list[Slot]:
    return [Slot(account=account, attempt_id=mint()) for _ in range(count)]


async def take(
    connection: asyncpg.Connection,
    count: int = 1,
    lane: Lane = SMS,
    *,
    account: str = "esms",
    lease_s: float = 30,
    asks_only: bool = False,
) -> list[Claimed]:
    channel = "zalo" if lane.pool == "zalo" else "sms"
    room = Room(slots=slots(count, account), asks_only=asks_only)
    return await claim(connection, lane, channel, room, lease_s, horizon.of_times())


def bulk(pool: str) -> Lane:
    return Lane(pool=pool, klass=LaneClass.BULK)


def about(claimed: Claimed, to: State | None, **fields: Any) -> Change:
    """A change of the attempt that this claim opened."""
    return Change(
        notification_id=claimed.id, step=claimed.step, try_no=claimed.try_no, to=to, **fields
    )


def anywhere(notification_id: UUID, to: State, **fields: Any) -> Change:
    """A change that does not care where the notification stands."""
    return Change(notification_id=notification_id, step=0, try_no=1, to=to, anywhere=True, **fields)


def said(verdict: Verdict, reason: Reason | None = None) -> AttemptVerdict:
    return AttemptVerdict(verdict=verdict, reason=reason)


def due(in_s: float = 0, pool: str = "sms", ask_again: str | None = None) -> Due:
    return Due(in_s=in_s, pool=pool, phone=PHONE, ask_again=ask_again)


async def sent(
    connection: asyncpg.Connection, event: NewEvent | None = None, **fields: Any
) -> Claimed:
    """One that its provider took, waiting for a receipt."""
    await accepted(connection, event)
    [claimed] = await take(connection)
    change = about(claimed, State.SENT, result=ACCEPTED, watch=FOR_RECEIPT)
    await moves.apply(connection, [change])
    return claimed


async def reach(connection: asyncpg.Connection, state: State) -> UUID:
    """A notification in this state, brought there by real moves."""
    match state:
        case State.WAITING:
            return await accepted(connection)
        case State.SENDING:
            await accepted(connection)
            [claimed] = await take(connection)
            return claimed.id
        case State.SENT:
            return (await sent(connection)).id
    notification_id = await accepted(connection)
    moved = await moves.apply(connection, [anywhere(notification_id, state)])
    assert moved[notification_id].state is state
    return notification_id


async def row(connection: asyncpg.Connection, notification_id: UUID) -> asyncpg.Record:
    return await connection.fetchrow("SELECT * FROM notification WHERE id = $1", notification_id)


async def state_of(connection: asyncpg.Connection, notification_id: UUID) -> tuple[str, str | None]:
    found = await row(connection, notification_id)
    return found["state"], found["reason"]


async def attempts(connection: asyncpg.Connection, notification_id: UUID) -> list[asyncpg.Record]:
    statement = "SELECT * FROM attempt WHERE notification_id = $1 ORDER BY step, try"
    found: list[asyncpg.Record] = await connection.fetch(statement, notification_id)
    return found


async def count(connection: asyncpg.Connection, table: str) -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
