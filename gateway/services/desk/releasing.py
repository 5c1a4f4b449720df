"""Putting a draft in force: by another person than those who wrote it, with an explicit choice for
the messages that wait.

A released text becomes the next version and the next publication. Where what waits is to have it,
each message goes to a publication that is the one it was accepted under with this text replaced and
nothing else, so that choices made for other texts stay as they were made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.ledger import template_drafts, template_moves, template_releases, templates
from gateway.ledger.database import Connection, Database
from gateway.ledger.template_drafts import Draft, DraftKey
from gateway.ledger.template_releases import NewRelease
from gateway.ledger.templates import StoredTemplate
from gateway.services.desk import refusals
from gateway.services.desk.drafting import MOVE, Drafting, audited
from gateway.services.desk.moving import Moving
from gateway.services.desk.refusals import ChangedMeanwhile


@dataclass(frozen=True, kw_only=True)
class Released:
    """`version` None: the unit gave up its own text. `moved` are messages that waited and have the
    new text now; more may follow within seconds."""

    version: int | None
    publication: int
    moved: int


class Releasing:
    """With `one_person` a centre of one may release what it wrote itself."""

    def __init__(
        self, *, database: Database, drafting: Drafting, moving: Moving, one_person: bool
    ) -> None:
        self._database = database
        self._drafting = drafting
        self._moving = moving
        self.one_person = one_person

    def may_release(self, draft: Draft, by: str) -> bool:
        return self.one_person or by not in (*draft.authors, draft.asked_by)

    async def waiting(self, key: DraftKey) -> int:
        """How many messages wait that this text concerns: the choice at release is about them."""
        async with self._database.connection() as connection:
            return sum((await template_moves.waiting_under(connection, key)).values())

    async def release(
        self, key: DraftKey, revision: int, by: str, waiting: str | None = None
    ) -> Released:
        """Raises DeskRefusal. `waiting` None: as whoever asked for the release proposed."""
        async with self._database.connection() as connection:
            draft = await template_drafts.find(connection, key)
        draft = self._releasable(draft, revision, by)
        await self._drafting.require_ready(draft)
        # What an earlier release promised is kept before this one looks at who waits under what.
        await self._moving.go_on()
        async with self._database.transaction() as connection:
            await templates.lock(connection)
            draft = self._releasable(await template_drafts.take(connection, key), revision, by)
            waiting = waiting or draft.waiting
            release, done = await self._in_force(connection, draft, by, waiting)
            detail = f"version {done.version}, publication {done.publication}, {waiting}"
            await audited(connection, by, "template.release", key, detail=detail)
        return replace(done, moved=await self._moving.at_once(release, key))

    def _releasable(self, draft: Draft | None, revision: int, by: str) -> Draft:
        if draft is None or draft.revision != revision:
            raise ChangedMeanwhile(draft)
        if draft.asked_by is None:
            raise refusals.not_asked()
        if not self.may_release(draft, by):
            raise refusals.another_person()
        return draft

    async def _in_force(
        self, connection: Connection, draft: Draft, by: str, waiting: str
    ) -> tuple[int, Released]:
        latest = await templates.latest(connection)
        before = await templates.read(connection, latest)
        old = next((one for one in before if _key(one) == draft.key), None)
        if (old.version if old else 0) != draft.based_on:
            raise refusals.based_on_older()
        new = None if draft.ends else await _version(connection, draft)
        pairs = []
        if waiting == MOVE:
            pairs = await _derived(connection, draft, new, by, latest)
        items = _replaced(before, draft.key, new)
        number = await templates.publish(connection, items, by, str(draft.key))
        assert draft.asked_by is not None
        assert draft.asked_at is not None
        release = await template_releases.add(
            connection,
            NewRelease(
                key=draft.key,
                version=new.version if new else None,
                publication=number,
                authors=draft.authors,
                asked_by=draft.asked_by,
                asked_at=draft.asked_at,
                released_by=by,
                note=draft.note,
                waiting=waiting,
            ),
        )
        if waiting == MOVE:
            await template_moves.add(connection, release, [*pairs, (latest, number)])
        await template_drafts.drop(connection, draft.key, draft.revision)
        version = new.version if new else None
        return release, Released(version=version, publication=number, moved=0)


async def _derived(
    connection: Connection, draft: Draft, new: StoredTemplate | None, by: str, latest: int
) -> list[tuple[int, int]]:
    """A publication for each older one under which messages wait."""
    pairs = []
    for number in await template_moves.waiting_under(connection, draft.key):
        if number == latest:
            continue
        items = _replaced(await templates.read(connection, number), draft.key, new)
        pairs.append((number, await templates.publish(connection, items, by, str(draft.key))))
    return pairs


async def _version(connection: Connection, draft: Draft) -> StoredTemplate:
    key = draft.key
    template = StoredTemplate(
        kind=key.kind,
        channel=key.channel,
        language=key.language,
        unit=key.unit,
        version=0,
        body=draft.body,
    )
    return await templates.add_version(connection, template, draft.author)


def _replaced(
    items: Sequence[StoredTemplate], key: DraftKey, new: StoredTemplate | None
) -> list[StoredTemplate]:
    kept = [one for one in items if _key(one) != key]
    return [*kept, new] if new else kept


def _key(one: StoredTemplate) -> DraftKey:
    return DraftKey(kind=one.kind, channel=one.channel, language=one.language, unit=one.unit)
