"""Changing one entry of the directory: as strict as applying a whole file, and never over somebody
else's change that was not seen.

An entry's revision is that of its last change; whoever saves says which one they saw.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from gateway.domain.directory import KINDS, Entry
from gateway.errors import BaotinError, DirectoryError
from gateway.ledger import audit, directory_history, directory_use, tokens
from gateway.ledger import directory as stored
from gateway.ledger.database import Connection, Database
from gateway.ledger.directory import StoredEntry
from gateway.ledger.directory_history import Version
from gateway.sealing import Sealer
from gateway.services.directory_rules import DirectoryFault, Installed, Wanted, check_all
from gateway.services.live_directory import bound_to, open_secrets
from gateway.services.minting import mint
from gateway.services.where_secrets_go import check_entered_anew, check_given, moved

NEW = 0
_SHOWN = 50


class ChangedSince(BaotinError):
    """Somebody changed the entry after it was looked at."""


class CodeTaken(BaotinError):
    """There is an entry of this kind and code already."""


class StillInUse(BaotinError):
    """`count` notifications still need the entry, or keys of it are valid; `word` says which."""

    def __init__(self, word: str, count: int) -> None:
        super().__init__(f"it is still needed: {word}, {count}")
        self.word, self.count = word, count


@dataclass(frozen=True, kw_only=True)
class Edit:
    """An entry as somebody wants it. `seen` is the revision that they had before them, `NEW` for
    one that is to be added; `secrets` replaces those it names and leaves the others, an empty one
    takes its secret away. All must be in it where they would travel elsewhere than before."""

    model: Entry
    seen: int
    secrets: Mapping[str, str]

    @property
    def kind(self) -> str:
        return next(kind for kind, model in KINDS.items() if type(self.model) is model)


class EditDirectory:
    """`refresh` puts in force in this process what was saved; the others see it soon."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        installed: Installed,
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._installed = installed
        self._refresh = refresh

    async def versions(self, kind: str, code: str) -> Sequence[Version]:
        """The newest first; nothing for what never was."""
        async with self._database.connection() as connection:
            return await directory_history.versions(connection, kind, code, _SHOWN)

    def secret_names(self, version: Version) -> Sequence[str]:
        """Which secrets an entry has; what they are is shown to nobody."""
        return sorted(self._secrets(version))

    def to_enter_anew(self, version: Version | None, model: Entry) -> Sequence[str]:
        """The secrets that would travel elsewhere, were this in force: who saves enters them."""
        if version is None or not self._moved(version, model):
            return ()
        return self.secret_names(version)

    async def check(self, edit: Edit) -> None:
        """Raises what `save` would; changes nothing."""
        async with self._database.transaction() as connection:
            await self._checked(connection, edit)

    async def save(self, edit: Edit, actor: str) -> tuple[str, ...]:
        """The names of what changed; without a change nothing is written. Raises ChangedSince,
        CodeTaken, and DirectoryError for what would not work together with the other entries."""
        async with self._database.transaction() as connection:
            before = await self._checked(connection, edit)
            body = edit.model.model_dump(mode="json")
            changed = _changed(before, body, edit.secrets)
            if not changed:
                return ()
            secrets = {**(self._secrets(before) if before else {}), **edit.secrets}
            entry = self._entry(edit, body, {name: one for name, one in secrets.items() if one})
            await stored.write(connection, [entry], actor)
            if self._moved(before, edit.model):
                await tokens.give_up(connection, entry.code)
            action = "directory.add" if before is None or before.removed else "directory.change"
            await _note(connection, actor, action, edit.kind, edit.model.code, ", ".join(changed))
        await self._refresh()
        return changed

    async def remove(self, kind: str, code: str, seen: int, actor: str) -> None:
        """Raises ChangedSince, DirectoryError where another entry still names it, and StillInUse
        where what is under way would break."""
        async with self._database.transaction() as connection:
            entries = await self._locked(connection)
            before = await self._as_seen(connection, kind, code, seen)
            rest = [one for one in entries if (one.kind, one.code) != (kind, code)]
            check_all([_wanted(one) for one in rest], self._installed)
            if count := await directory_use.uses(connection, kind, code):
                raise StillInUse("keys" if kind == "source" else kind, count)
            gone = StoredEntry(kind=kind, code=code, body=before.body, removed=True)
            await stored.write(connection, [gone], actor)
            await _note(connection, actor, "directory.remove", kind, code)
        await self._refresh()

    async def as_of(self, kind: str, code: str, revision: int) -> Entry:
        """An entry as it was. Raises ChangedSince where there is no such version, and
        DirectoryFault for one that cannot be used any more."""
        async with self._database.connection() as connection:
            wanted = await directory_history.version(connection, kind, code, revision)
        if wanted is None:
            raise ChangedSince
        try:
            return KINDS[kind].model_validate(wanted.body)
        except ValidationError:
            raise DirectoryFault(
                "this version was made by an older release and cannot be used any more",
                kind=kind,
                code=code,
                field="code",
                word="too_old",
            ) from None

    async def _checked(self, connection: Connection, edit: Edit) -> Version | None:
        """What is in force, locked until the end of the transaction."""
        entries = await self._locked(connection)
        code = edit.model.code
        if edit.seen == NEW:
            before = await self._newest(connection, edit.kind, code)
            if before is not None and not before.removed:
                raise CodeTaken
        else:
            before = await self._as_seen(connection, edit.kind, code, edit.seen)
        others = [_wanted(one) for one in entries if (one.kind, one.code) != (edit.kind, code)]
        check_all([*others, Wanted(kind=edit.kind, model=edit.model, secrets={})], self._installed)
        check_given(edit.kind, edit.model, edit.secrets)
        if before is not None and (field := self._moved(before, edit.model)):
            names = self.secret_names(before)
            check_entered_anew(edit.kind, edit.model, field, names, edit.secrets)
        return before

    def _moved(self, before: Version | None, model: Entry) -> str | None:
        if before is None or before.removed:
            return moved(None, model, self._installed)
        return moved(KINDS[before.kind].model_validate(before.body), model, self._installed)

    @staticmethod
    async def _locked(connection: Connection) -> Sequence[StoredEntry]:
        await stored.lock(connection)
        _, entries = await stored.current_in(connection)
        return entries

    async def _as_seen(self, connection: Connection, kind: str, code: str, seen: int) -> Version:
        newest = await self._newest(connection, kind, code)
        if newest is None or newest.revision != seen:
            raise ChangedSince
        return newest

    @staticmethod
    async def _newest(connection: Connection, kind: str, code: str) -> Version | None:
        found = await directory_history.versions(connection, kind, code, 1)
        return found[0] if found else None

    def _secrets(self, version: Version) -> Mapping[str, str]:
        if version.removed:
            return {}
        return open_secrets(
            StoredEntry(
                kind=version.kind,
                code=version.code,
                body=version.body,
                sealed=version.sealed,
                seal_key=version.seal_key,
            ),
            self._sealer,
        )

    def _entry(
        self, edit: Edit, body: Mapping[str, Any], secrets: Mapping[str, str]
    ) -> StoredEntry:
        entry = StoredEntry(kind=edit.kind, code=edit.model.code, body=body)
        if not secrets:
            return entry
        plain = json.dumps(dict(secrets)).encode()
        sealed, key = self._sealer.seal(plain, bound_to(edit.kind, edit.model.code))
        return replace(entry, sealed=sealed, seal_key=key)


def _changed(
    before: Version | None, body: Mapping[str, Any], secrets: Mapping[str, str]
) -> tuple[str, ...]:
    """What differs, by name. Every field of one that is added."""
    old = before.body if before and not before.removed else {}
    fields = {name for name in {**body, **old} if body.get(name) != old.get(name)}
    return tuple(sorted(fields | ({"secrets"} if secrets else set())))


def _wanted(entry: StoredEntry) -> Wanted:
    try:
        model = KINDS[entry.kind].model_validate(entry.body)
    except (KeyError, ValueError):
        raise DirectoryError(
            f"the directory's {entry.kind} {entry.code} cannot be read by this version"
        ) from None
    return Wanted(kind=entry.kind, model=model, secrets={})


async def _note(
    connection: Connection, actor: str, action: str, kind: str, code: str, detail: str = ""
) -> None:
    entry = audit.Entry(
        id=mint(), actor=actor, action=action, found=0, subject=f"{kind}:{code}", detail=detail
    )
    await audit.write(connection, entry)
