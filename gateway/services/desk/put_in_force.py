"""One text put in force, in the caller's transaction: the next version, the next publication, and
for messages that wait, where it is so chosen, publications with nothing else changed.

Each waiting message goes from the publication it was accepted under to one that is the same but for
this text, so that choices made for other texts stay as they were made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.ledger import template_moves, template_releases, templates
from gateway.ledger.database import Connection
from gateway.ledger.template_drafts import DraftKey
from gateway.ledger.template_releases import NewRelease
from gateway.ledger.templates import StoredTemplate
from gateway.services.desk.drafting import MOVE


@dataclass(frozen=True, kw_only=True)
class Change:
    """`body` None: a unit gives up its own text. Of `authors` the last one wrote last."""

    key: DraftKey
    body: str | None
    authors: Sequence[str]
    asked_by: str
    asked_at: datetime
    by: str
    note: str
    waiting: str


@dataclass(frozen=True, kw_only=True)
class Released:
    """`version` None: the unit gave up its own text. `moved` are messages that waited and have the
    new text now; more may follow within seconds."""

    release: int
    version: int | None
    publication: int
    moved: int = 0


async def put_in_force(connection: Connection, change: Change) -> Released:
    """The caller holds the lock of publications."""
    latest = await templates.latest(connection)
    before = await templates.read(connection, latest)
    new = await _version(connection, change)
    moves = await _derived(connection, change, new, latest) if change.waiting == MOVE else []
    items = _replaced(before, change.key, new)
    number = await templates.publish(connection, items, change.by, str(change.key))
    release = await template_releases.add(connection, _row(change, new, number))
    if change.waiting == MOVE:
        await template_moves.add(connection, release, [*moves, (latest, number)])
    version = new.version if new else None
    return Released(release=release, version=version, publication=number)


async def _derived(
    connection: Connection, change: Change, new: StoredTemplate | None, latest: int
) -> list[tuple[int, int]]:
    """A publication for each older one under which messages wait."""
    pairs = []
    for number in await template_moves.waiting_under(connection, change.key):
        if number != latest:
            items = _replaced(await templates.read(connection, number), change.key, new)
            made = await templates.publish(connection, items, change.by, str(change.key))
            pairs.append((number, made))
    return pairs


async def _version(connection: Connection, change: Change) -> StoredTemplate | None:
    if change.body is None:
        return None
    key = change.key
    template = StoredTemplate(
        kind=key.kind,
        channel=key.channel,
        language=key.language,
        unit=key.unit,
        version=0,
        body=change.body,
    )
    return await templates.add_version(connection, template, change.authors[-1])


def _row(change: Change, new: StoredTemplate | None, publication: int) -> NewRelease:
    return NewRelease(
        key=change.key,
        version=new.version if new else None,
        publication=publication,
        authors=change.authors,
        asked_by=change.asked_by,
        asked_at=change.asked_at,
        released_by=change.by,
        note=change.note,
        waiting=change.waiting,
    )


def _replaced(
    items: Sequence[StoredTemplate], key: DraftKey, new: StoredTemplate | None
) -> list[StoredTemplate]:
    kept = [one for one in items if key_of(one) != key]
    return [*kept, new] if new else kept


def key_of(one: StoredTemplate) -> DraftKey:
    return DraftKey(kind=one.kind, channel=one.channel, language=one.language, unit=one.unit)
