"""Putting a draft in force: by another person than those who wrote it, with an explicit choice for
the messages that wait; and going back to what was in force before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from gateway.ledger import template_drafts, template_moves, template_releases, templates
from gateway.ledger.database import Connection, Database
from gateway.ledger.template_drafts import Draft, DraftKey
from gateway.services.desk import refusals
from gateway.services.desk.drafting import Drafting, audited
from gateway.services.desk.moving import Moving
from gateway.services.desk.put_in_force import Change, Released, put_in_force
from gateway.services.desk.refusals import ChangedMeanwhile


class Releasing:
    """With `one_person` a centre of one may release what it wrote itself."""

    def __init__(
        self,
        *,
        database: Database,
        drafting: Drafting,
        moving: Moving,
        one_person: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._drafting = drafting
        self._moving = moving
        self.one_person = one_person
        self._now = now

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
        await self._drafting.require_ready(key, None if draft.ends else draft.body)
        # What an earlier release promised is kept before this one looks at who waits under what.
        await self._moving.go_on()
        async with self._database.transaction() as connection:
            await templates.lock(connection)
            draft = self._releasable(await template_drafts.take(connection, key), revision, by)
            await _require_based_on_newest(connection, draft)
            done = await put_in_force(connection, _change(draft, by, waiting))
            await template_drafts.drop(connection, key, revision)
            await _audited(connection, by, "template.release", key, done)
        return await self._with_waiting(done, key)

    async def go_back(self, key: DraftKey, version: int, by: str, waiting: str) -> Released:
        """To an earlier version at once: it was released by two people when it was new. But since
        then accounts, limits and words may have changed, so it is proofed like any other. A draft
        that somebody is writing stays. Raises DeskRefusal."""
        async with self._database.connection() as connection:
            found = await template_releases.versions(connection, key)
        body = next((one.body for one in found if one.version == version), None)
        if body is None:
            raise refusals.no_text()
        await self._drafting.require_ready(key, body)
        change = Change(
            key=key,
            body=body,
            authors=(by,),
            asked_by=by,
            asked_at=self._now(),
            by=by,
            note=f"Trở lại phiên bản {version}",
            waiting=waiting,
        )
        await self._moving.go_on()
        async with self._database.transaction() as connection:
            await templates.lock(connection)
            done = await put_in_force(connection, change)
            await _audited(connection, by, "template.go_back", key, done)
        return await self._with_waiting(done, key)

    async def _with_waiting(self, done: Released, key: DraftKey) -> Released:
        return replace(done, moved=await self._moving.at_once(done.release, key))

    def _releasable(self, draft: Draft | None, revision: int, by: str) -> Draft:
        if draft is None or draft.revision != revision:
            raise ChangedMeanwhile(draft)
        if draft.asked_by is None:
            raise refusals.not_asked()
        if not self.may_release(draft, by):
            raise refusals.another_person()
        return draft


async def _require_based_on_newest(connection: Connection, draft: Draft) -> None:
    standing = await template_releases.find(connection, draft.key)
    if (standing.version if standing else 0) != draft.based_on:
        raise refusals.based_on_older()


def _change(draft: Draft, by: str, waiting: str | None) -> Change:
    assert draft.asked_by is not None
    assert draft.asked_at is not None
    return Change(
        key=draft.key,
        body=None if draft.ends else draft.body,
        authors=draft.authors,
        asked_by=draft.asked_by,
        asked_at=draft.asked_at,
        by=by,
        note=draft.note,
        waiting=waiting or draft.waiting,
    )


async def _audited(
    connection: Connection, by: str, action: str, key: DraftKey, done: Released
) -> None:
    detail = f"version {done.version}, publication {done.publication}"
    await audited(connection, by, action, key, detail=detail)
