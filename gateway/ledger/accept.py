"""Accepting events: which of them are new, what each means for its dossier, and so what is owed.

The rows of events stand in `event_rows`, those of dossiers in `dossiers`; here is what is decided
between them, and in which order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg

from gateway.domain.dossier import EventKind
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import dossiers, event_rows, other_keys, same_results
from gateway.ledger.dossiers import Report, Reported, Standing
from gateway.ledger.new_events import Booked, NewEvent


async def accept(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> list[Booked]:
    """Write what is new, in the caller's transaction; answer for each event, in order.

    Keys must differ. Events about one dossier take effect in the order given.
    """
    known = await other_keys.known(connection, events)
    await _carry(connection, events)
    fresh = await event_rows.write_keys(connection, [one for one in events if one.key not in known])
    written: dict[bytes, Booked] = {}
    for part in _rounds([event for event in events if event.key in fresh]):
        judged = [await _judged(connection, event) for event in await _weighed(connection, part)]
        await event_rows.write_owed(connection, judged)
        await _join_families(connection, judged)
        written |= {event.key: Booked.new(event) for event in judged}
    old = [event for event in events if event.key not in fresh]
    written |= await event_rows.seen(connection, old, known)
    return [written[event.key] for event in events]


async def _join_families(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> None:
    owed = [one for event in events for one in event.notifications]
    again = [(one.id, one.tells_as or one.resend_of) for one in owed]
    await same_results.join(connection, [(one, earlier) for one, earlier in again if earlier])


async def _carry(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> None:
    """What is known of dossiers under another version of the hash key stays known."""
    reports = {
        (other, event.report.key): event.hash_key
        for event in events
        if event.report
        for other in event.report.other_keys
    }
    told = {
        (other, one.once_key): event.hash_key
        for event in events
        for one in event.notifications
        if one.once_key
        for other in one.other_once_keys
    }
    for table, newest, pairs in (("dossier", "last_at", reports), ("notice_once", "at", told)):
        for primary in set(pairs.values()):
            await other_keys.carry(connection, table, newest, list(pairs), primary)


def _rounds(events: Sequence[NewEvent]) -> Iterator[list[NewEvent]]:
    """Events about one dossier follow each other: the second must find what the first left."""
    waiting = list(events)
    while waiting:
        taken: dict[object, NewEvent] = {}
        later = []
        for event in waiting:
            key = event.report.key if event.report else event.key
            if taken.setdefault(key, event) is not event:
                later.append(event)
        yield list(taken.values())
        waiting = later


async def _weighed(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> list[NewEvent]:
    """The events with what they owe cancelled where it is overtaken or was said before."""
    reports = [
        Reported(
            report=one.report,
            event_id=one.event_id,
            notification_id=one.notifications[0].id if one.notifications else None,
            hash_key=one.hash_key,
        )
        for one in events
        if one.report
    ]
    standing = await dossiers.report(connection, reports) if reports else {}
    stale = {key for key, one in standing.items() if one.overtaken}
    events = [
        _ending(event, State.CANCELLED, Reason.OVERTAKEN)
        if event.report and event.report.key in stale
        else event
        for event in events
    ]
    repeats = await dossiers.said_before(
        connection,
        [
            (one.once_key, event.hash_key, one.id)
            for event in events
            for one in event.notifications
            if one.once_key and one.state is State.WAITING
        ],
    )
    for event in events:
        if event.report and _makes_pointless(event.report, standing):
            await dossiers.supersede(connection, event.report)
    return [_of_its_result(_without_repeats(event, repeats), standing) for event in events]


def _of_its_result(event: NewEvent, standing: Mapping[bytes, Standing]) -> NewEvent:
    """A result that is reported once more is still the same one."""
    if event.report is None or event.report.kind != EventKind.RESULT_READY:
        return event
    return _telling_as(event, standing[event.report.key].result_notice)


def _makes_pointless(report: Report, standing: Mapping[bytes, Standing]) -> bool:
    """Only the newest report ends others, and only where there was an earlier one."""
    found = standing[report.key]
    return bool(report.supersedes) and found.known_before and not found.overtaken


async def _judged(connection: asyncpg.Connection, event: NewEvent) -> NewEvent:
    """A correction nobody needs is cancelled; a storm is held."""
    report = event.report
    if report and report.corrects:
        corrected = await dossiers.withdraw_corrected(connection, report)
        event = _telling_as(event, next(iter(corrected.notification_ids), None))
        if not corrected.may_have_reached:
            event = _ending(event, State.CANCELLED, Reason.NOTHING_TO_CORRECT)
    if event.hold_above is not None and event.notifications:
        asked = await dossiers.asked_this_hour(connection, event.source, len(event.notifications))
        if asked > event.hold_above:
            event = _ending(event, State.HELD, Reason.STORM_GUARD)
    return event


def _telling_as(event: NewEvent, earlier: UUID | None) -> NewEvent:
    if earlier is None:
        return event
    return replace(
        event,
        notifications=tuple(
            replace(one, tells_as=None if one.id == earlier else earlier)
            for one in event.notifications
        ),
    )


def _ending(event: NewEvent, state: State, reason: Reason) -> NewEvent:
    """The event with everything it owes in this state instead of waiting."""
    return replace(
        event,
        notifications=tuple(
            replace(one, state=state, reason=reason) if one.state is State.WAITING else one
            for one in event.notifications
        ),
    )


def _without_repeats(event: NewEvent, repeats: set[UUID]) -> NewEvent:
    if not any(one.id in repeats for one in event.notifications):
        return event
    return replace(
        event,
        notifications=tuple(
            replace(one, state=State.CANCELLED, reason=Reason.DUPLICATE)
            if one.id in repeats
            else one
            for one in event.notifications
        ),
    )
