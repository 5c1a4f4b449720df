"""Looking up notifications for those who may: one with its whole story, or a search.

People are masked; a number or a name to look for is turned into keyed hashes and goes no further.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.domain.identity import ATTEMPT, EVENT, NOTIFICATION, RECEIPT, show
from gateway.domain.recipient import Phone
from gateway.ledger import audit, reading
from gateway.ledger import feed as feeds
from gateway.ledger.database import Database
from gateway.ledger.feed import Ending
from gateway.ledger.reading import Found, Story
from gateway.sealing import Hasher
from gateway.services.compose import Compose
from gateway.services.find_messages import Quest, Sweeper
from gateway.services.minting import mint
from gateway.services.payload import Payload
from gateway.services.search_tokens import dossier_group, name_groups, phone_group

_ERASED = "erased"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody looks for; what is None does not matter."""

    source: str | None = None
    dossier: str | None = None
    phone: str | None = None
    name: str | None = None
    states: Sequence[str] | None = None
    reason: str | None = None
    unit: str | None = None
    accepted_from: datetime | None = None
    accepted_to: datetime | None = None
    before: UUID | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Reader:
    """For whose eyes something sealed is opened, and why: it is written into the audit."""

    who: str
    why: str = ""

    def entry(
        self, action: str, notification_id: UUID | None = None, found: int = 1
    ) -> audit.Entry:
        return audit.Entry(
            id=mint(),
            actor=self.who,
            action=action,
            why=self.why,
            notification_id=notification_id,
            found=found,
        )


@dataclass(frozen=True, kw_only=True)
class Looked:
    """`next` goes on with what is older, as `before` of another question; None where there is
    nothing, or it was all looked at."""

    found: Sequence[Mapping[str, Any]]
    next: str | None = None


class LookUp:
    def __init__(
        self, *, database: Database, hasher: Hasher, compose: Compose, sweeper: Sweeper
    ) -> None:
        self._database = database
        self._sweeper = sweeper
        self._hasher = hasher
        self._compose = compose

    async def one(
        self, notification_id: UUID, source: str | None, reader: Reader
    ) -> dict[str, Any] | None:
        """The whole story, or None if there is none or it is another source's."""
        async with self._database.connection() as connection:
            story = await reading.story(connection, notification_id)
            if story is None or source not in (None, story.notification.source):
                return None
            await audit.write(connection, reader.entry("read", notification_id))
        return self._told(story)

    async def search(self, question: Question, reader: Reader) -> Looked:
        """Newest first, as far back as is looked within seconds. A number nobody can have, or a
        name of no letters, finds nothing."""
        groups = self._groups(question)
        if not all(groups) or (question.states is not None and not question.states):
            return Looked(found=[])
        quest = _quest(question, groups)
        swept = await self._sweeper.sweep(quest, question.limit, patient=True)
        async with self._database.connection() as connection:
            await audit.write(connection, reader.entry("search", found=len(swept.found)))
        return Looked(
            found=[self._summary(one) for one in swept.found],
            next=show(NOTIFICATION, swept.older) if swept.older else None,
        )

    async def feed(self, source: str, after: int, limit: int) -> Sequence[Ending]:
        async with self._database.connection() as connection:
            return await feeds.read(connection, source, after, limit)

    def _groups(self, question: Question) -> list[list[int]]:
        """One group per thing that must match: its hash under every key version still in use."""
        groups = []
        if question.dossier is not None:
            groups.append(dossier_group(self._hasher, question.dossier))
        if question.phone is not None:
            groups.append(phone_group(self._hasher, question.phone))
        if question.name is not None:
            groups += name_groups(self._hasher, question.name)
        return groups

    def _told(self, story: Story) -> dict[str, Any]:
        found = story.notification
        payload = self._opened(found)
        phones = payload.phones if payload else ()
        return {
            **self._summary(found),
            "due_at": _time(story.due_at),
            "notes": list(payload.notes) if payload else [],
            "steps": [
                {
                    "channel": step.channel,
                    "pool": step.pool,
                    "phone": _masked(phones, step.phone),
                    "receipt_window_s": step.window_s,
                    "escalates_on_silence": step.escalate_on_silence,
                }
                for step in found.steps
            ],
            "attempts": [_attempt(row) for row in story.attempts],
            "receipts": [_receipt(row) for row in story.receipts],
            "history": [_moment(row) for row in story.history],
        }

    def _summary(self, found: Found) -> dict[str, Any]:
        return {
            "id": show(NOTIFICATION, found.id),
            "event": show(EVENT, found.event_id),
            "source": found.source,
            "unit": found.unit,
            "kind": found.kind,
            "mode": found.mode,
            "dossier": self._dossier(found),
            "publication": found.publication,
            "state": found.state,
            "reason": found.reason,
            "revision": found.revision,
            "current_step": found.step,
            "accepted_at": _time(found.accepted_at),
            "latest_send_at": _time(found.latest_send_at),
            "ended_at": _time(found.ended_at),
            "resend_of": show(NOTIFICATION, found.resend_of) if found.resend_of else None,
        }

    def _dossier(self, found: Found) -> str:
        payload = self._opened(found)
        return payload.event.dossier_code if payload else _ERASED

    def _opened(self, found: Found) -> Payload | None:
        """None once the person's data were erased."""
        if found.sealed is None or found.seal_key is None:
            return None
        return self._compose.payload(found.id, found.sealed, found.seal_key)


def _quest(question: Question, groups: Sequence[Sequence[int]]) -> Quest:
    return Quest(
        token_groups=groups,
        is_rare=question.dossier is not None or question.phone is not None,
        source=question.source,
        states=question.states or (),
        reason=question.reason,
        units=None if question.unit is None else [question.unit],
        accepted_from=question.accepted_from,
        accepted_to=question.accepted_to,
        before=question.before,
    )


def _masked(phones: Sequence[Phone], index: int) -> str:
    return str(phones[index]) if index < len(phones) else _ERASED


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": show(ATTEMPT, row["id"]),
        "step": row["step"],
        "try": row["try_no"],
        "channel": row["channel"],
        "account": row["account"],
        "reference": row["reference"],
        "opened_at": _time(row["opened_at"]),
        "times_asked": row["asked"],
        "closed_at": _time(row["closed_at"]),
        "outcome": row["outcome"],
        "reason": row["reason"],
        "provider_code": row["code"],
        "provider_id": row["provider_id"],
        "segments": row["segments"],
        "cost_vnd": row["cost_vnd"],
        "estimate_vnd": row["estimate_vnd"],
        "report": row["verdict"],
        "report_reason": row["verdict_reason"],
        "report_code": row["verdict_code"],
        "reported_at": _time(row["verdict_at"]),
    }


def _receipt(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": show(RECEIPT, row["receipt_id"]),
        "step": row["step"],
        "try": row["try_no"],
        "report": row["verdict"],
        "reason": row["reason"],
        "provider_code": row["code"],
        "keys": row["keys"],
        "talked_s": row["talked_s"],
        "reported_at": _time(row["reported_at"]),
        "matched_at": _time(row["matched_at"]),
    }


def _moment(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "revision": row["revision"],
        "at": _time(row["at"]),
        "state": row["state"],
        "reason": row["reason"],
        "step": row["step"],
        "try": row["try_no"],
        "actor": row["actor"],
    }
