"""What an event would become if it were posted: to whom, when, in which words, at what price.

Nothing is stored, rung or sent. The words are those of the publication in force now.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.domain.billing import estimate_vnd
from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Source, Unit
from gateway.domain.dossier import DossierEvent, EventKind, Party
from gateway.domain.hours import local
from gateway.domain.message import Body, Registered, SmsBody
from gateway.domain.outcome import Reason
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.registration import Difference, Unregistered, find
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
from gateway.services.booking import Posted
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates
from gateway.services.owing import Owing


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
    """Accounts of the providers that `need_registration` take registered texts only."""

    def __init__(
        self,
        *,
        database: Database,
        directory: LiveDirectory,
        templates: LiveTemplates,
        surroundings: Callable[[], Surroundings],
        hasher: Hasher,
        owing: Owing,
        need_registration: Collection[str],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._directory = directory
        self._templates = templates
        self._surroundings = surroundings
        self._hasher = hasher
        self._owing = owing
        self._need_registration = need_registration
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
        drafts = self._drafts(case, renderer)
        messages = [self._message(*draft) for draft in drafts.values()]
        reason = _reason(case, before, messages)
        return {
            "would_send": reason is None,
            "reason": reason,
            **_told(case),
            "leaves_at": None if reason else self._owing.leaves_at(case.steps, now).isoformat(),
            "latest_send_at": self._owing.latest_at(event.kind, case.steps, now).isoformat(),
            "steps": [self._step(step, case, drafts[step.channel][1]) for step in case.steps],
            "messages": messages,
        }

    async def _posted_before(self, source: Source, posted: Posted) -> str | None:
        event = posted.event
        keys = self._hasher.event_keys(source.code, event.source_uri, event.event_id)
        async with self._database.connection() as connection:
            known = await event_keys.find(connection, keys)
        if known is None:
            return None
        same = known.digest == self._hasher.digest(posted.canonical, known.hash_key)
        return "posted_before" if same else "other_content"

    def _drafts(self, case: _Case, renderer: Renderer) -> dict[Channel, tuple[Step, "_Draft"]]:
        """By channel, in the order of the route: its first step, and what it would say."""
        facts = facts_of(case.event, case.recipient, self._surroundings(), case.now)
        firsts = {step.channel: step for step in reversed(case.steps)}
        return {
            channel: (firsts[channel], _draft(channel, case, facts, renderer))
            for channel in dict.fromkeys(step.channel for step in case.steps)
        }

    def _message(self, step: Step, draft: "_Draft") -> dict[str, Any]:
        told = {"channel": step.channel.value, "text": draft.text, "problem": draft.problem}
        if not isinstance(draft.body, SmsBody):
            return told
        accounts = self._accounts(step)
        return told | {"sms": [_sms(one, draft.body, accounts) for one in draft.forms]}

    def _step(self, step: Step, case: _Case, draft: "_Draft") -> dict[str, Any]:
        accounts, body = self._accounts(step), draft.body
        told = {
            "channel": step.channel.value,
            "phone": str(case.phones[step.phone]),
            "pool": step.pool,
            "price_vnd": _dearest([one.price_vnd for one in accounts]),
            "estimate_vnd": _estimate_vnd(body, accounts) if body else None,
        }
        if not isinstance(body, SmsBody):
            return told
        filed = [self._filed(account, case.event.kind, body.text) for account in accounts]
        return told | {"registered": [one for one in filed if one]}

    def _accounts(self, step: Step) -> list[Account]:
        pool = self._directory.now.pools.get(step.pool)
        known = self._directory.now.accounts
        return [known[code] for code in pool.accounts if code in known] if pool else []

    def _filed(self, account: Account, kind: EventKind, text: str) -> dict[str, Any] | None:
        """What the account has registered for this kind; None where it has and needs nothing."""
        needed = account.provider in self._need_registration
        told: dict[str, Any] = {"account": account.code, "id": None, "difference": None}
        match find(account.registered, kind, text, needed=needed):
            case Registered(id=registration):
                return told | {"id": registration}
            case Difference(registration=registration, expected=expected, found=found):
                difference = {"expected": expected, "found": found}
                return told | {"id": registration, "difference": difference}
            case Unregistered():
                return told
        return None


@dataclass(frozen=True, kw_only=True, repr=False)
class _Draft:
    """What one channel would say. `body` None: it cannot be said, for this problem; `forms` are
    those an SMS could have."""

    text: str | None = None
    problem: str | None = None
    body: Body | None = None
    forms: Sequence[SmsBody] = ()


def _draft(channel: Channel, case: _Case, facts: Facts, renderer: Renderer) -> _Draft:
    event = case.event
    try:
        version = renderer.find(event.kind, channel, event.language, case.unit.code)
        prepared = renderer.prepared(version)
        body = render(version, prepared, facts)
    except RenderError as error:
        return _Draft(problem=str(error))
    forms = _forms(version, prepared, facts) if channel is Channel.SMS else ()
    return _Draft(text=shown(prepared, body), body=body, forms=forms)


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


def _estimate_vnd(body: Body, accounts: Sequence[Account]) -> int | None:
    """What the message costs through the dearest account that may carry it."""
    return _dearest([estimate_vnd(account, body) for account in accounts])


def _dearest(prices: Sequence[int | None]) -> int | None:
    """None where one of them is not known."""
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


def _sms(form: SmsBody, body: SmsBody, accounts: Sequence[Account]) -> dict[str, Any]:
    return {
        "accented": form.accented,
        "chosen": form == body,
        "text": form.text,
        "segments": form.segments,
        "price_vnd": _estimate_vnd(form, accounts),
    }


def _masked(name: str) -> str:
    """`N••• T••• A•••`: enough to recognise whom one meant."""
    return " ".join(f"{word[0]}•••" for word in name.split())
