"""What is to be booked of a posted event: its keys, what it says of its dossier, and what it owes.

Whether it is new, overtaken or said before is for the ledger to find (`gateway.ledger.accept`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.directory import Source, Unit
from gateway.domain.dossier import DossierEvent, EventKind
from gateway.domain.outcome import Reason
from gateway.domain.recipient import Phone
from gateway.domain.status import State
from gateway.intake.problems import Refusal
from gateway.ledger.dossiers import Report
from gateway.ledger.new_events import NewEvent, NewNotification, OtherKey
from gateway.sealing import Hasher
from gateway.services import payload
from gateway.services.addressing import recipient_of, writer_of
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint
from gateway.services.owing import Notice, Owing
from gateway.services.rehearsal import MODE_TEST, rehearsed
from gateway.services.search_tokens import dossier_group

MODE_LIVE = "live"


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """One valid event as its source posted it; `canonical` are the bytes "same content" means."""

    event: DossierEvent
    canonical: bytes


class Booking:
    """`supersedes` says which kinds an event of a kind makes pointless for its dossier."""

    def __init__(
        self,
        *,
        directory: LiveDirectory,
        templates: LiveTemplates,
        hasher: Hasher,
        owing: Owing,
        supersedes: Mapping[EventKind, Sequence[EventKind]],
    ) -> None:
        self._directory = directory
        self._templates = templates
        self._hasher = hasher
        self._owing = owing
        self._supersedes = {
            kind: tuple(other.value for other in others) for kind, others in supersedes.items()
        }

    def of(self, source: Source, posted: Posted, mode: str, now: datetime) -> NewEvent | Refusal:
        """The event as its source, or whoever posts in its name, wants it booked."""
        event, directory = posted.event, self._directory.now
        unit = writer_of(source, event, directory, now.date())
        if isinstance(unit, Refusal):
            return unit
        keyed, report = self._hasher, self._report(source, event, mode, now)
        # Whoever has collected the result needs no notice of it.
        owes = event.kind is not EventKind.RETURNED
        return NewEvent(
            key=keyed.event_key(source.code, event.source_uri, event.event_id),
            hash_key=keyed.primary,
            digest=keyed.digest(posted.canonical),
            event_id=mint(),
            source=source.code,
            notifications=(self._owed(source, unit, event, mode, report, now),) if owes else (),
            report=report,
            hold_above=source.hold_above_per_hour,
            other_keys=self._other_keys(source, posted),
        )

    def _owed(
        self,
        source: Source,
        unit: Unit,
        event: DossierEvent,
        mode: str,
        report: Report,
        now: datetime,
    ) -> NewNotification:
        recipient, phones, notes = recipient_of(event)
        route = self._owing.route(unit, phones)
        told_once = once_keys(self._hasher, event, phones, (report.key, *report.other_keys))
        notice = Notice(
            content=payload.Payload(event=event, recipient=recipient, phones=phones, notes=notes),
            unit=unit.code,
            steps=rehearsed(route) if mode == MODE_TEST else route,
            mode=mode,
            publication=self._templates.current,
            reference_seed=self._hasher.reference_seed(
                source.code, event.source_uri, event.event_id, 0
            ),
            once_key=told_once[0] if told_once else None,
            other_once_keys=told_once[1:],
        )
        row = self._owing.row(notice, now)
        age_s = (now - report.at).total_seconds()
        oldest_s = source.max_event_age_s
        if row.state is State.WAITING and oldest_s is not None and age_s > oldest_s:
            return replace(row, state=State.EXPIRED, reason=Reason.TOO_OLD)
        return row

    def _other_keys(self, source: Source, posted: Posted) -> tuple[OtherKey, ...]:
        """While a hash key is rotated, the same event may be known under another version."""
        keyed, event = self._hasher, posted.event
        return tuple(
            OtherKey(
                version=version,
                key=keyed.event_key(source.code, event.source_uri, event.event_id, version),
                digest=keyed.digest(posted.canonical, version),
            )
            for version in keyed.versions[1:]
        )

    def _report(self, source: Source, event: DossierEvent, mode: str, now: datetime) -> Report:
        """What is tried with a test key is about a dossier of its own, whatever its code."""
        keyed = self._hasher
        key, *others = dossier_keys(keyed, source.namespace, event.dossier_code, mode)
        corrects = event.details.corrects if event.kind is EventKind.CORRECTION else None
        return Report(
            key=key,
            other_keys=tuple(others),
            kind=event.kind.value,
            # A time ahead of ours must not overtake everything that is still to come.
            at=min(event.occurred_at or now, now),
            tokens=tuple(dossier_group(keyed, event.dossier_code)),
            sources=self._directory.now.sources_of(source.namespace),
            supersedes=self._supersedes.get(event.kind, ()),
            mode=mode,
            ends_as=Reason.COLLECTED if event.kind is EventKind.RETURNED else Reason.OVERTAKEN,
            corrects=keyed.event_keys(source.code, event.source_uri, corrects) if corrects else (),
        )


def dossier_keys(hasher: Hasher, namespace: str, code: str, mode: str) -> list[bytes]:
    """A dossier's hash under each live version, the primary one first."""
    own = namespace if mode == MODE_LIVE else f"{mode}:{namespace}"
    return [hasher.dossier(own, code, version) for version in hasher.versions]


def once_keys(
    hasher: Hasher, event: DossierEvent, phones: Sequence[Phone], dossier_keys: Sequence[bytes]
) -> tuple[bytes, ...]:
    """What must not be told twice, hashed under each live version; nothing if it may."""
    if event.again:
        return ()
    return tuple(
        hasher.digest(_same_notice(event, phones, key), version)
        for version, key in zip(hasher.versions, dossier_keys, strict=True)
    )


def _same_notice(event: DossierEvent, phones: Sequence[Phone], dossier_key: bytes) -> bytes:
    """What makes two notices the same: dossier, kind, recipient, and what happens repeatedly."""
    numbers = sorted(phone.e164 for phone in phones)
    return repr((dossier_key, event.kind.value, numbers, event.details.occurrence)).encode()
