"""What an event would become if it were posted: to whom, when, in which words, at what price.

Nothing is stored, rung or sent. The words are those of the publication in force now.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory, Source, Unit
from gateway.domain.dossier import DossierEvent, EventKind, Party
from gateway.domain.hours import local
from gateway.domain.message import SmsBody
from gateway.domain.outcome import Reason
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.route import Step
from gateway.errors import RenderError
from gateway.intake.problems import Refusal
from gateway.ledger import event_keys
from gateway.ledger.database import Database
from gateway.rendering.facts import Facts, Surroundings, facts_of
from gateway.rendering.publication import TemplateVersion
from gateway.rendering.renderer import Ready, Renderer, render, shown
from gateway.sealing import Hasher
from gateway.services.addressing import recipient_of, writer_of
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates
from gateway.services.owing import Owing
from gateway.services.submit import Posted


@dataclass(frozen=True, kw_only=True, repr=False)
class _Case:
    """One event with everything that its preview is worked out from."""

    event: DossierEvent
    unit: Unit
    recipient: Party
    phones: tuple[Phone, ...]
    notes: tuple[str, ...]
    steps: tuple[Step, ...]
    oldest_s: int | None
    now: datetime

    @property
    def too_old(self) -> bool:
        happened_at = self.event.occurred_at
        if happened_at is None or self.oldest_s is None:
            return False
        return (self.now - happened_at).total_seconds() > self.oldest_s


class Preview:
    def __init__(
        self,
        *,
        database: Database,
        directory: LiveDirectory,
        templates: LiveTemplates,
        surroundings: Callable[[], Surroundings],
        hasher: Hasher,
        owing: Owing,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._directory = directory
        self._templates = templates
        self._surroundings = surroundings
        self._hasher = hasher
        self._owing = owing
        self._now = now

    async def check(
        self, source: Source, posted: Sequence[Posted]
    ) -> list[dict[str, Any] | Refusal]:
        """One answer per event, in order, ready for JSON."""
        renderer = await self._templates.renderer(self._templates.current)
        return [await self._check(source, one, renderer) for one in posted]

    async def _check(
        self, source: Source, posted: Posted, renderer: Renderer
    ) -> dict[str, Any] | Refusal:
        now, event = self._now(), posted.event
        unit = writer_of(source, event, self._directory.now, local(now).date())
        if isinstance(unit, Refusal):
            return unit
        recipient, phones, notes = recipient_of(event)
        case = _Case(
            event=event,
            unit=unit,
            recipient=recipient,
            phones=phones,
            notes=notes,
            steps=() if event.kind is EventKind.RETURNED else self._owing.route(unit, phones),
            oldest_s=source.max_event_age_s,
            now=now,
        )
        before = await self._posted_before(source, posted)
        messages = self._messages(case, renderer)
        reason = _reason(case, before, messages)
        return {
            "would_send": reason is None,
            "reason": reason,
            **_told(case),
            "leaves_at": None if reason else self._owing.leaves_at(case.steps, now).isoformat(),
            "latest_send_at": self._owing.latest_at(event.kind, case.steps, now).isoformat(),
            "steps": [_step(step, case, self._directory.now) for step in case.steps],
            "messages": messages,
        }

    async def _posted_before(self, source: Source, posted: Posted) -> str | None:
        key, event = self._hasher.event_key, posted.event
        keys = [
            key(source.code, event.source_uri, event.event_id, version)
            for version in self._hasher.versions
        ]
        async with self._database.connection() as connection:
            known = await event_keys.find(connection, keys)
        if known is None:
            return None
        same = known.digest == self._hasher.digest(posted.canonical, known.hash_key)
        return "posted_before" if same else "other_content"

    def _messages(self, case: _Case, renderer: Renderer) -> list[dict[str, Any]]:
        """One per channel of the route, as its first step would say it."""
        facts = facts_of(case.event, case.recipient, self._surroundings(), case.now)
        firsts = {step.channel: step for step in reversed(case.steps)}
        ordered = [firsts[channel] for channel in dict.fromkeys(one.channel for one in case.steps)]
        return [self._message(step, case, facts, renderer) for step in ordered]

    def _message(self, step: Step, case: _Case, facts: Facts, renderer: Renderer) -> dict[str, Any]:
        event, told = case.event, {"channel": step.channel.value}
        try:
            version = renderer.publication.find(
                event.kind, step.channel, event.language, case.unit.code
            )
            prepared = renderer.prepared(version)
            body = render(version, prepared, facts)
            said = told | {"text": shown(prepared, body), "problem": None}
            if step.channel is not Channel.SMS:
                return said
            price_vnd = _price_vnd(step, self._directory.now)
        except RenderError as error:
            return told | {"text": None, "problem": str(error)}
        forms = _forms(version, prepared, facts)
        return said | {"sms": [_sms(one, one == body, price_vnd) for one in forms]}


def _reason(case: _Case, before: str | None, messages: Sequence[dict[str, Any]]) -> str | None:
    """Why nothing would be sent; None where something would."""
    if before is not None:
        return before
    if case.event.kind is EventKind.RETURNED:
        return "owes_nothing"
    if case.too_old:
        return Reason.TOO_OLD.value
    if not case.steps:
        return Reason.NO_USABLE_PHONE.value
    return Reason.RENDER_FAILED.value if messages[0]["problem"] else None


def _told(case: _Case) -> dict[str, Any]:
    fields = case.event.applicant.phones
    if case.recipient is case.event.authorised:
        fields = case.recipient.phones
    return {
        "kind": case.event.kind.value,
        "unit": case.unit.code,
        "recipient": _masked(case.recipient.name),
        "notes": list(case.notes),
        "phone_problems": [
            {"field": one.field, "code": one.code.value, "detail": one.sentence}
            for one in read_phones(fields).problems
        ],
    }


def _step(step: Step, case: _Case, directory: Directory) -> dict[str, Any]:
    return {
        "channel": step.channel.value,
        "phone": str(case.phones[step.phone]),
        "pool": step.pool,
        "price_vnd": _price_vnd(step, directory),
    }


def _price_vnd(step: Step, directory: Directory) -> int | None:
    """Of one part, message or call: the dearest account that may carry it, where all are known."""
    pool = directory.pools.get(step.pool)
    accounts = [directory.accounts.get(code) for code in pool.accounts] if pool else []
    prices = [account.price_vnd for account in accounts if account]
    known = [price for price in prices if price is not None]
    return max(known) if known and len(known) == len(prices) else None


def _forms(version: TemplateVersion, prepared: Ready, facts: Facts) -> list[SmsBody]:
    """Plain and accented; one of them only, where the template or the letters leave no choice."""
    forms: dict[SmsBody, None] = {}
    for accented in (False, True):
        with suppress(RenderError):
            body = render(version, prepared, replace(facts, accented_sms=accented))
            assert isinstance(body, SmsBody)
            forms[body] = None
    return list(forms)


def _sms(body: SmsBody, chosen: bool, price_vnd: int | None) -> dict[str, Any]:
    return {
        "accented": body.accented,
        "chosen": chosen,
        "text": body.text,
        "segments": body.segments,
        "price_vnd": None if price_vnd is None else price_vnd * body.segments,
    }


def _masked(name: str) -> str:
    """`N••• T••• A•••`: enough to recognise whom one meant."""
    return " ".join(f"{word[0]}•••" for word in name.split())
