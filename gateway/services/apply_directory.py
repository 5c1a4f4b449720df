"""Makes the directory in the ledger equal to a TOML file, and says first what would change.

API keys are not part of the file: they are created and revoked by command, and stay.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.domain.directory import KINDS
from gateway.errors import DirectoryError
from gateway.ledger import audit, directory_use
from gateway.ledger import directory as stored
from gateway.ledger.database import Connection, Database
from gateway.sealing import Sealer
from gateway.services.directory_rules import Installed, Wanted, check_all
from gateway.services.live_directory import bound_to, open_secrets
from gateway.services.minting import mint

_IN_FILE = tuple(kind for kind in KINDS if kind != "key")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One entry that the file adds, changes or removes; `fields` names what differs."""

    action: str
    kind: str
    code: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        sign = {"add": "+", "change": "~", "remove": "-"}[self.action]
        return f"{sign} {self.kind} {self.code} {', '.join(self.fields)}".rstrip()


def read_file(path: Path, installed: Installed) -> list[Wanted]:
    """The entries of a directory file. Raises DirectoryError naming the entry and what to do."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DirectoryError(f"{path}: {error}") from error
    unknown = sorted(set(content) - set(_IN_FILE))
    if unknown:
        raise DirectoryError(
            f"{path}: unknown tables {', '.join(unknown)}; a directory file has"
            f" {', '.join(f'[[{kind}]]' for kind in _IN_FILE)}"
        )
    for kind, tables in content.items():
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            raise DirectoryError(f"{path}: write each {kind} as a table of its own, [[{kind}]]")
    wanted = [as_wanted(kind, table) for kind in _IN_FILE for table in content.get(kind, [])]
    check_all(wanted, installed)
    return wanted


def as_wanted(kind: str, table: Mapping[str, Any]) -> Wanted:
    """One table of a directory file. Raises DirectoryError."""
    table = dict(table)
    secrets = table.pop("secrets", {})
    try:
        model = KINDS[kind].model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DirectoryError(
            f"[[{kind}]] {table.get('code', '(no code)')}: {place}: {first['msg']}"
        ) from None
    if not isinstance(secrets, dict) or not all(isinstance(one, str) for one in secrets.values()):
        raise DirectoryError(f"[[{kind}]] {model.code}: secrets: a table in which each is a text")
    return Wanted(kind=kind, model=model, secrets=secrets)


async def differences(
    database: Database, sealer: Sealer, wanted: Sequence[Wanted]
) -> tuple[int, list[Difference]]:
    """The revision in force, and what applying would change of it."""
    async with database.connection() as connection:
        revision, current = await stored.current(connection)
    return revision, [difference for difference, _ in _compare(sealer, wanted, current)]


async def apply(
    database: Database,
    sealer: Sealer,
    wanted: Sequence[Wanted],
    changed_by: str,
    seen: int | None = None,
    *,
    audited: bool = False,
) -> list[Difference]:
    """Make the ledger equal to `wanted`; answers what was changed. No change, no revision. It is in
    the audit where a person wants it, as `audited` says. Raises DirectoryError where the directory
    was changed after the revision that was `seen`, and where what is under way would break."""
    async with database.transaction() as connection:
        await stored.lock(connection)
        revision, current = await stored.current_in(connection)
        if seen not in (None, revision):
            raise DirectoryError(
                "the directory was changed meanwhile, perhaps in the console; apply again and look"
                " at the differences, or take the change into the file"
            )
        changes = _compare(sealer, wanted, current)
        for difference, _ in changes:
            if difference.action == "remove":
                await _must_be_unused(connection, difference)
        if changes:
            await stored.write(connection, [entry for _, entry in changes], changed_by)
        for difference, _ in changes if audited else ():
            await _note(connection, changed_by, difference)
    return [difference for difference, _ in changes]


async def _note(connection: Connection, actor: str, what: Difference) -> None:
    entry = audit.Entry(
        id=mint(),
        actor=actor,
        action=f"directory.{what.action}",
        found=0,
        subject=f"{what.kind}:{what.code}",
        detail=", ".join(what.fields),
    )
    await audit.write(connection, entry)


async def _must_be_unused(connection: Connection, gone: Difference) -> None:
    """Keys of a source wait for it to come back; nobody waits for a message that cannot leave."""
    if gone.kind == "source":
        return
    if count := await directory_use.uses(connection, gone.kind, gone.code):
        raise DirectoryError(
            f"{gone.kind} {gone.code} cannot be removed yet: {count} notifications under way still"
            " need it; keep it in the file until they have ended, or discard them"
        )


def _compare(
    sealer: Sealer, wanted: Sequence[Wanted], current: Sequence[stored.StoredEntry]
) -> list[tuple[Difference, stored.StoredEntry]]:
    known = {(entry.kind, entry.code): entry for entry in current if entry.kind in _IN_FILE}
    changes = []
    for one in wanted:
        before = known.pop((one.kind, one.model.code), None)
        fields = _changed_fields(one, before, sealer)
        if before is None or fields:
            action = "change" if before else "add"
            difference = Difference(
                action=action, kind=one.kind, code=one.model.code, fields=fields if before else ()
            )
            changes.append((difference, _sealed(one, sealer)))
    for entry in known.values():
        gone = stored.StoredEntry(kind=entry.kind, code=entry.code, body=entry.body, removed=True)
        changes.append((Difference(action="remove", kind=entry.kind, code=entry.code), gone))
    return changes


def _changed_fields(
    one: Wanted, before: stored.StoredEntry | None, sealer: Sealer
) -> tuple[str, ...]:
    if before is None:
        return ()
    body = one.body
    fields = [name for name in {**body, **before.body} if body.get(name) != before.body.get(name)]
    if dict(one.secrets) != open_secrets(before, sealer):
        fields.append("secrets")
    return tuple(sorted(fields))


def _sealed(one: Wanted, sealer: Sealer) -> stored.StoredEntry:
    sealed, key = (None, None)
    if one.secrets:
        plain = json.dumps(dict(one.secrets)).encode()
        sealed, key = sealer.seal(plain, bound_to(one.kind, one.model.code))
    return stored.StoredEntry(
        kind=one.kind, code=one.model.code, body=one.body, sealed=sealed, seal_key=key
    )
