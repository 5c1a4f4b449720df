"""Writing a text: begun from the one in force, saved only by who has seen its last state, asked
for or declined; and an earlier version brought back."""

import unicodedata
from dataclasses import dataclass

from gateway.domain.text import nfc
from gateway.ledger import audit, template_drafts, template_releases
from gateway.ledger.database import Connection, Database
from gateway.ledger.template_drafts import Draft, DraftKey
from gateway.ledger.template_releases import VersionRow
from gateway.rendering.fields import unix
from gateway.rendering.text import LONGEST_SOURCE
from gateway.services.desk import refusals
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.refusals import ChangedMeanwhile, NotReady
from gateway.services.minting import mint

KEEP, MOVE = "keep", "move"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A template as its page shows it. `in_force` is the version messages are made with now, 0 for
    a unit that has no text of its own; `common` what it says instead."""

    key: DraftKey
    body: str
    draft: Draft | None
    in_force: int
    body_in_force: str
    common: str
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants saved. `revision` is that of the draft they saw, 0 where there was
    none; `ends`: the unit gives up its own text."""

    key: DraftKey
    body: str
    revision: int
    by: str
    ends: bool = False


class Drafting:
    def __init__(self, database: Database, proofs: Proofs) -> None:
        self._database = database
        self._proofs = proofs

    async def open(self, key: DraftKey) -> Opened:
        """Raises DeskRefusal for a template that nobody could have."""
        async with self._database.connection() as connection:
            draft = await template_drafts.find(connection, key)
            versions = await template_releases.versions(connection, key)
            own = await template_releases.find(connection, key)
            common = await template_releases.find(connection, _common(key))
        if draft is None and own is None and common is None and not versions:
            raise refusals.no_text()
        body = own.body if own else ""
        common_body = common.body if common else ""
        return Opened(
            key=key,
            body=draft.body if draft else body or common_body,
            draft=draft,
            in_force=own.version if own else 0,
            body_in_force=body or common_body,
            common=common_body,
            versions=tuple(versions),
        )

    async def save(self, wish: Wish) -> Draft:
        """Raises ChangedMeanwhile where somebody else did; nothing is overwritten."""
        body = kept_form(wish.body)
        async with self._database.transaction() as connection:
            saved = await self._saved(connection, wish, body)
            if saved is None:
                raise ChangedMeanwhile(await template_drafts.find(connection, wish.key))
            await audited(connection, wish.by, "template.draft", wish.key)
        return saved

    async def _saved(self, connection: Connection, wish: Wish, body: str) -> Draft | None:
        standing = await template_releases.find(connection, wish.key)
        based_on = standing.version if standing else 0
        return await template_drafts.save(
            connection, wish.key, wish.revision, body, ends=wish.ends, based_on=based_on, by=wish.by
        )

    async def drop(self, key: DraftKey, revision: int, by: str) -> None:
        async with self._database.transaction() as connection:
            if not await template_drafts.drop(connection, key, revision):
                raise ChangedMeanwhile(await template_drafts.find(connection, key))
            await audited(connection, by, "template.drop", key)

    async def ask(
        self, key: DraftKey, revision: int, by: str, remark: str = "", waiting: str = KEEP
    ) -> Draft:
        """Ask for its release. Raises NotReady for a text that must not go out."""
        async with self._database.connection() as connection:
            draft = await template_drafts.find(connection, key)
        if draft is None or draft.revision != revision:
            raise ChangedMeanwhile(draft)
        await self.require_ready(key, None if draft.ends else draft.body)
        async with self._database.transaction() as connection:
            asked = await template_drafts.ask(connection, key, revision, by, remark, waiting)
            if asked is None:
                raise ChangedMeanwhile(await template_drafts.find(connection, key))
            await audited(connection, by, "template.ask", key)
        return asked

    async def require_ready(self, key: DraftKey, body: str | None) -> None:
        """Raises NotReady. `body` None: a unit gives up its own text."""
        if body is None:
            return
        proof = await self._proofs.proof(key, body)
        if proof.grave:
            raise NotReady(proof.grave)

    async def send_back(self, key: DraftKey, revision: int, by: str, remark: str) -> Draft:
        """Decline the release, with a word on why."""
        async with self._database.transaction() as connection:
            back = await template_drafts.send_back(connection, key, revision, remark)
            if back is None:
                raise ChangedMeanwhile(await template_drafts.find(connection, key))
            await audited(connection, by, "template.send_back", key)
        return back

    async def bring_back(self, key: DraftKey, version: int, by: str) -> Draft:
        """An earlier version as a new draft whose release is asked for. Raises ChangedMeanwhile
        where a draft is open already."""
        async with self._database.connection() as connection:
            found = await template_releases.versions(connection, key)
        body = next((one.body for one in found if one.version == version), None)
        if body is None:
            raise refusals.no_text()
        draft = await self.save(Wish(key=key, body=body, revision=0, by=by))
        remark = f"Trở lại phiên bản {version}"
        return await self.ask(key, draft.revision, by, remark)


def kept_form(body: str) -> str:
    """As texts are kept. Raises DeskRefusal for one without end."""
    text = tidied(body)
    if len(text) > LONGEST_SOURCE:
        raise refusals.too_long(LONGEST_SOURCE)
    return text


def tidied(body: str) -> str:
    """Composed letters, lines ended by one character, no control characters."""
    text = nfc(unix(body))
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) != "Cc")


async def audited(
    connection: Connection, by: str, action: str, key: DraftKey, found: int = 0, detail: str = ""
) -> None:
    """To the audit, in the same transaction."""
    entry = audit.Entry(
        id=mint(), actor=by, action=action, found=found, subject=f"template:{key}", detail=detail
    )
    await audit.write(connection, entry)


def _common(key: DraftKey) -> DraftKey:
    return DraftKey(kind=key.kind, channel=key.channel, language=key.language, unit="")
