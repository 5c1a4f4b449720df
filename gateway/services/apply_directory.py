"""Makes the directory in the ledger equal to a TOML file, and says first what would change.

API keys are not part of the file: they are created and revoked by command, and stay.
"""

import json
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.domain.directory import KINDS, Account, Entry, Pool, Source, Unit
from gateway.domain.dossier import EventKind
from gateway.errors import DirectoryError
from gateway.ledger import audit, directory_use
from gateway.ledger import directory as stored
from gateway.ledger.database import Connection, Database
from gateway.sealing import Sealer
from gateway.services.live_directory import bound_to, open_secrets
from gateway.services.minting import mint

_IN_FILE = tuple(kind for kind in KINDS if kind != "key")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An entry as the file gives it."""

    kind: str
    model: Entry
    secrets: Mapping[str, str]

    @property
    def body(self) -> dict[str, Any]:
        return self.model.model_dump(mode="json")


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


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What a directory may name that does not stand in it: providers, and mappings by name with
    the CloudEvents source of their events. Those that `need_registration` take registered texts
    only; of those that `tell_balance` one can be asked for."""

    providers: Collection[str]
    mappings: Mapping[str, str]
    need_registration: Collection[str] = ()
    tell_balance: Collection[str] = ()


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


class DirectoryFault(DirectoryError):
    """What keeps an entry from being part of the directory. `word` says what is wrong with its
    `field`, for the console's catalogue, in which it finds `values`."""

    def __init__(
        self, message: str, *, kind: str, code: str, field: str, word: str, **values: str
    ) -> None:
        super().__init__(f"[[{kind}]] {code}: {message}")
        self.kind, self.code = kind, code
        self.field, self.word, self.values = field, word, values


def check_all(wanted: Sequence[Wanted], installed: Installed) -> None:
    """Whether these entries make a directory together. Raises DirectoryFault."""
    codes: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
    for one in wanted:
        if one.model.code in codes[one.kind]:
            raise DirectoryFault(
                "stands twice; keep one",
                kind=one.kind,
                code=one.model.code,
                field="code",
                word="twice",
            )
        codes[one.kind][one.model.code] = one.model
    _check_aliases([one.model for one in wanted if isinstance(one.model, Unit)])
    for one in wanted:
        for field, kind, code in _references(one.model):
            if code not in codes[kind]:
                raise DirectoryFault(
                    f"names {kind} {code}, which is not in the file; add a [[{kind}]] with this"
                    " code or correct the name",
                    kind=one.kind,
                    code=one.model.code,
                    field=field,
                    word=f"no_{kind}",
                    named=code,
                )
        _check_one(one.model, codes, installed)


def _check_aliases(units: Sequence[Unit]) -> None:
    """A code that is written in an event means one unit."""
    means = {unit.code: unit.code for unit in units}
    for unit in units:
        for alias in unit.aliases:
            other = means.setdefault(alias, unit.code)
            if other != unit.code:
                raise DirectoryFault(
                    f"alias {alias} already means unit {other}; take it out of one of them",
                    kind="unit",
                    code=unit.code,
                    field="aliases",
                    word="alias_taken",
                    named=alias,
                    other=other,
                )


def _references(model: Entry) -> list[tuple[str, str, str]]:
    """The field, kind and code of each entry that this one names."""
    match model:
        case Pool():
            return [("accounts", "account", code) for code in model.accounts]
        case Unit():
            pools = [("route", "pool", step.pool) for step in model.route]
            heirs = [("successor", "unit", model.successor)] if model.successor else []
            return [("pickup_point", "pickup_point", model.pickup_point), *pools, *heirs]
        case Account(line_unit=str(unit)):
            return [("line_unit", "unit", unit)]
        case Source():
            return [("units", "unit", code) for code in model.units]
        case _:
            return []


def _check_one(
    model: Entry, codes: Mapping[str, Mapping[str, Entry]], installed: Installed
) -> None:
    if isinstance(model, Account):
        _check_account(model, installed)
    if isinstance(model, Pool) and (strangers := sorted(set(model.weights) - set(model.accounts))):
        raise DirectoryFault(
            f"weights name {', '.join(strangers)}, which its accounts do not; add the account or"
            " take the weight out",
            kind="pool",
            code=model.code,
            field="weights",
            word="strange_weights",
            named=", ".join(strangers),
        )
    if isinstance(model, Source) and model.mapping is not None:
        _check_mapping(model, model.mapping, installed.mappings)
    if isinstance(model, Unit):
        _check_route(model, codes["pool"])


def _check_route(unit: Unit, pools: Mapping[str, Entry]) -> None:
    for step in unit.route:
        pool = pools[step.pool]
        assert isinstance(pool, Pool)
        if pool.channel is not step.channel:
            raise DirectoryFault(
                f"route step {step.channel} uses pool {pool.code}, which is a pool of"
                f" {pool.channel}",
                kind="unit",
                code=unit.code,
                field="route",
                word="wrong_channel",
                named=pool.code,
            )


def _check_account(account: Account, installed: Installed) -> None:
    if account.provider not in installed.providers:
        raise _account_fault(
            account,
            f"provider {account.provider} is not known; choose one of"
            f" {', '.join(sorted(installed.providers))}",
            field="provider",
            word="no_provider",
            known=", ".join(sorted(installed.providers)),
        )
    if account.balance_alert_below is not None and account.provider not in installed.tell_balance:
        raise _account_fault(
            account,
            f"{account.provider} does not tell what an account has left, so nobody would be"
            " alerted; take balance_alert_below out",
            field="balance_alert_below",
            word="no_balance",
        )
    kinds = {kind.value for kind in EventKind}
    if strange := sorted({one.kind for one in account.registered} - kinds):
        raise _account_fault(
            account,
            f"registered texts of kind {', '.join(strange)}, which is none; choose one of"
            f" {', '.join(sorted(kinds))}",
            field="registered",
            word="no_kind",
            known=", ".join(sorted(kinds)),
        )
    if account.provider not in installed.need_registration:
        return
    if not account.registered:
        raise _account_fault(
            account,
            f"{account.provider} sends registered texts only; add a [[account.registered]] for"
            " each kind of notice that it is to send",
            field="registered",
            word="needs_texts",
        )
    if unnamed := [one.kind for one in account.registered if not one.id]:
        raise _account_fault(
            account,
            f"the registered text of {unnamed[0]} has no id; {account.provider} is told nothing"
            " else of it",
            field="registered",
            word="needs_ids",
        )


def _account_fault(
    account: Account, message: str, *, field: str, word: str, **values: str
) -> DirectoryFault:
    return DirectoryFault(
        message, kind="account", code=account.code, field=field, word=word, **values
    )


def _check_mapping(source: Source, mapping: str, installed: Mapping[str, str]) -> None:
    """A mapping gives all its events one CloudEvents source, which must be one of the source's."""
    if mapping not in installed:
        raise DirectoryFault(
            f"mapping {mapping} is not known; choose one of {', '.join(sorted(installed))}, or add"
            " a file to intake.mappings_dir",
            kind="source",
            code=source.code,
            field="mapping",
            word="no_mapping",
            known=", ".join(sorted(installed)),
        )
    if installed[mapping] not in source.sources:
        raise DirectoryFault(
            f"its mapping {mapping} makes events of {installed[mapping]}; add this to its sources",
            kind="source",
            code=source.code,
            field="sources",
            word="mapping_source",
            named=installed[mapping],
        )


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
