"""Templates as files that a centre keeps in git: the texts in force, one file each, byte for byte.

`<kind>/<channel>.<language>.j2` (Zalo: `.toml`), as they are shipped; a unit's own ones in
`<kind>/<unit>/`.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.errors import ConfigurationError
from gateway.ledger import template_releases, templates
from gateway.ledger.database import Connection, Database
from gateway.ledger.template_drafts import DraftKey
from gateway.ledger.template_releases import InForce, NewRelease
from gateway.ledger.templates import StoredTemplate
from gateway.rendering.publication import SUFFIXES
from gateway.rendering.remarks import Remark
from gateway.services.desk.drafting import KEEP, Drafting, Wish, audited
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.put_in_force import key_of
from gateway.services.desk.refusals import ChangedMeanwhile, NotReady

_FILE = re.compile(r"(zalo|sms|voice)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.(j2|toml)")
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What became of one file: same, drafted, released, or refused for a reason."""

    key: DraftKey
    state: str
    reason: str = ""


def path_of(key: DraftKey) -> Path:
    suffix = SUFFIXES[Channel(key.channel)]
    name = f"{key.channel}.{key.language}.{suffix}"
    return Path(key.kind) / key.unit / name if key.unit else Path(key.kind) / name


def read_folder(folder: Path) -> Mapping[DraftKey, str]:
    """Every template in the folder. Raises ConfigurationError for a file that is no UTF-8 text."""
    return {
        key: _text(path)
        for kind in EventKind
        for path in sorted((folder / kind).rglob("*"))
        if path.is_file() and (key := _key(path.relative_to(folder)))
    }


def write_folder(folder: Path, found: list[InForce]) -> list[Path]:
    """Write each text where it belongs; a file of a text that is no longer in force is removed."""
    wanted = {folder / path_of(one.key): one.body for one in found}
    for path in [folder / path_of(key) for key in read_folder(folder)]:
        if path not in wanted:
            path.unlink()
    for path, body in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode())
    return sorted(wanted)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: is not UTF-8 text") from None


def _key(path: Path) -> DraftKey | None:
    parts = path.parts
    found = _FILE.fullmatch(parts[-1])
    if found is None or len(parts) not in (2, 3):
        return None
    channel, language, suffix = found.groups()
    unit = parts[1] if len(parts) == 3 else ""
    if suffix != SUFFIXES[Channel(channel)] or (unit and not _UNIT.fullmatch(unit)):
        return None
    return DraftKey(kind=parts[0], channel=channel, language=language, unit=unit)


class TemplateFiles:
    def __init__(self, database: Database, drafting: Drafting, proofs: Proofs) -> None:
        self._database = database
        self._drafting = drafting
        self._proofs = proofs

    async def write(self, folder: Path) -> list[Path]:
        async with self._database.connection() as connection:
            found = await _in_force(connection)
        return write_folder(folder, list(found.values()))

    async def as_drafts(self, folder: Path, by: str) -> list[Brought]:
        """A draft for each text that differs; one that somebody is writing is left alone."""
        return [one async for one in self._drafted(read_folder(folder), by)]

    async def _drafted(self, files: Mapping[DraftKey, str], by: str) -> AsyncIterator[Brought]:
        async with self._database.connection() as connection:
            in_force = await _in_force(connection)
        for key, body in files.items():
            if key in in_force and in_force[key].body == body:
                yield Brought(key=key, state="same")
                continue
            try:
                await self._drafting.save(Wish(key=key, body=body, revision=0, by=by))
                yield Brought(key=key, state="drafted")
            except ChangedMeanwhile as refusal:
                yield Brought(key=key, state="refused", reason=refusal.en)

    async def release(self, folder: Path, by: str, note: str) -> list[Brought]:
        """Put all that differs in force at once. Raises NotReady, and nothing is, where one of
        them must not go out."""
        files = read_folder(folder)
        for key, body in files.items():
            proofed = await self._proofs.proof(key, body)
            if proofed.grave:
                raise NotReady([_about(key, one) for one in proofed.grave])
        async with self._database.transaction() as connection:
            await templates.lock(connection)
            return await self._released(connection, files, by, note)

    async def _released(
        self, connection: Connection, files: Mapping[DraftKey, str], by: str, note: str
    ) -> list[Brought]:
        in_force = await _in_force(connection)
        changed = {key: body for key, body in files.items() if _differs(in_force.get(key), body)}
        if not changed:
            return [Brought(key=key, state="same") for key in files]
        before = await templates.read(connection, await templates.latest(connection))
        new = {
            key: await templates.add_version(connection, _template(key, body), by)
            for key, body in changed.items()
        }
        kept = [one for one in before if key_of(one) not in new]
        number = await templates.publish(connection, [*kept, *new.values()], by, note)
        for key, version in new.items():
            await template_releases.add(connection, _release(key, version, number, by, note))
            await audited(connection, by, "template.import", key, detail=f"publication {number}")
        return [Brought(key=key, state="released" if key in new else "same") for key in files]


def _about(key: DraftKey, one: Remark) -> Remark:
    file = path_of(key)
    return replace(one, vi=f"{file}: {one.vi}", en=f"{file}: {one.en}")


def _differs(one: InForce | None, body: str) -> bool:
    return one is None or one.body != body


async def _in_force(connection: Connection) -> dict[DraftKey, InForce]:
    return {one.key: one for one in await template_releases.in_force(connection)}


def _template(key: DraftKey, body: str) -> StoredTemplate:
    return StoredTemplate(
        kind=key.kind,
        channel=key.channel,
        language=key.language,
        unit=key.unit,
        version=0,
        body=body,
    )


def _release(
    key: DraftKey, version: StoredTemplate, publication: int, by: str, note: str
) -> NewRelease:
    return NewRelease(
        key=key,
        version=version.version,
        publication=publication,
        authors=(by,),
        asked_by=by,
        asked_at=datetime.now(UTC),
        released_by=by,
        note=note,
        waiting=KEEP,
    )
