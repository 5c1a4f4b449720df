"""A notice that is owed: its route, when it may leave and must have left, and its row to be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from gateway.domain.channel import Channel
from gateway.domain.directory import Unit
from gateway.domain.dossier import EventKind
from gateway.domain.hours import SendingHours
from gateway.domain.notification import LaneClass
from gateway.domain.outcome import Reason
from gateway.domain.recipient import Phone
from gateway.domain.route import Step, build_route
from gateway.domain.status import State
from gateway.ledger.new_events import NewNotification
from gateway.sealing import Hasher, Sealer
from gateway.services import payload
from gateway.services.minting import mint
from gateway.services.payload import Payload
from gateway.services.search_tokens import search_tokens


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What is owed to one person. References for providers are derived from `reference_seed`;
    `once_key` is as in `NewNotification`."""

    content: Payload
    unit: str
    steps: tuple[Step, ...]
    mode: str
    publication: int
    reference_seed: bytes
    resend_of: UUID | None = None
    once_key: bytes | None = None
    other_once_keys: tuple[bytes, ...] = ()


class Owing:
    """Makes notices. `open_time` is how much open time a kind has to leave."""

    def __init__(
        self,
        *,
        hasher: Hasher,
        sealer: Sealer,
        hours: Callable[[], SendingHours],
        open_time: Callable[[EventKind], timedelta],
    ) -> None:
        self._hasher = hasher
        self._sealer = sealer
        self._hours = hours
        self._open_time = open_time

    def route(self, unit: Unit, phones: Sequence[Phone]) -> tuple[Step, ...]:
        """The unit's route for these phones."""
        return build_route(unit.route, phones, [self._hasher.phone(one.e164) for one in phones])

    def leaves_at(self, steps: Sequence[Step], now: datetime) -> datetime:
        """When the first step's channel is open."""
        return self._hours().next_open(steps[0].channel, now) if steps else now

    def latest_at(self, kind: EventKind, steps: Sequence[Step], now: datetime) -> datetime:
        """After this nothing is sent any more."""
        channels = {step.channel for step in steps} or {Channel.SMS}
        return self._hours().add_open_time(now, self._open_time(kind).total_seconds(), channels)

    def row(self, notice: Notice, now: datetime) -> NewNotification:
        """With everything personal sealed, and words to find it by."""
        kind, first = notice.content.event.kind, next(iter(notice.steps), None)
        notification_id = mint()
        sealed, seal_key = self._sealer.seal(payload.write(notice.content), notification_id.bytes)
        return NewNotification(
            id=notification_id,
            unit=notice.unit,
            kind=kind.value,
            klass=LaneClass.LIVE,
            mode=notice.mode,
            publication=notice.publication,
            state=State.WAITING if first else State.FAILED,
            reason=None if first else Reason.NO_USABLE_PHONE,
            steps=orjson.dumps([step.as_json() for step in notice.steps]).decode(),
            latest_send_at=self.latest_at(kind, notice.steps, now),
            reference_seed=notice.reference_seed,
            tokens=search_tokens(self._hasher, notice.content),
            sealed=sealed,
            seal_key=seal_key,
            due_in_s=max(0.0, (self.leaves_at(notice.steps, now) - now).total_seconds()),
            pool=first.pool if first else "",
            phone=first.phone_key if first else b"",
            resend_of=notice.resend_of,
            once_key=notice.once_key,
            other_once_keys=notice.other_once_keys,
        )
