"""What entries of the directory must be to make one together: each code once, each name known, each
account usable. Files, the demo and the console are held to the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.directory import KINDS, Account, Entry, Pool, Source, Unit
from gateway.domain.dossier import EventKind
from gateway.errors import DirectoryError


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An entry as a file or somebody at the console wants it."""

    kind: str
    model: Entry
    secrets: Mapping[str, str]

    @property
    def body(self) -> dict[str, Any]:
        return self.model.model_dump(mode="json")


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What a directory may name that does not stand in it: providers, and mappings by name with
    the CloudEvents source of their events. Those that `need_registration` take registered texts
    only; of those that `tell_balance` one can be asked for. `address_settings` are the settings of
    accounts that decide where they are called."""

    providers: Collection[str]
    mappings: Mapping[str, str]
    need_registration: Collection[str] = ()
    tell_balance: Collection[str] = ()
    address_settings: Collection[str] = ()


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
