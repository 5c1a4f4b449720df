"""The directory as this process sees it: a snapshot, renewed within two seconds of any change."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError

from gateway.domain.directory import KINDS, Directory, Entry
from gateway.errors import BaotinError, DirectoryError, LedgerUnavailable
from gateway.ledger import directory as stored
from gateway.ledger.database import Database
from gateway.sealing import Sealer

log = structlog.get_logger()

_FIELDS = {
    "pickup_point": "pickup_points",
    "account": "accounts",
    "pool": "pools",
    "unit": "units",
    "source": "sources",
    "key": "keys",
    "calendar_day": "calendar_days",
}
_LOOK_EVERY = timedelta(seconds=1)


class LiveDirectory:
    """`now` is always a complete snapshot; `on_change` are called after each renewal. `beside` adds
    what does not stand in the ledger; `own` is without it."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        beside: Callable[[Directory], Directory] = lambda found: found,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._beside = beside
        self.own = self.now = Directory(revision=-1)
        self.on_change: list[Callable[[Directory], None]] = []
        # Of two at once, the one that read first may end last, and would bring back what it read.
        self._one_by_one = asyncio.Lock()

    async def refresh(self) -> None:
        """Load what is in force if it changed. Raises LedgerUnavailable, or DirectoryError or a
        sealing error for an entry that cannot be read; the snapshot then stays."""
        async with self._one_by_one:
            async with self._database.connection() as connection:
                if await stored.head(connection) == self.now.revision:
                    return
                revision, entries = await stored.current(connection)
            self.own = assemble(revision, entries, self._sealer)
            self.now = self._beside(self.own)
            for tell in self.on_change:
                tell(self.now)

    async def follow(self) -> None:
        """Keep the snapshot fresh until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY.total_seconds())
            try:
                await self.refresh()
            except LedgerUnavailable:
                log.warning("directory_not_refreshed")
            except BaotinError as error:
                log.error("directory_unreadable", problem=str(error))


def assemble(revision: int, entries: list[stored.StoredEntry], sealer: Sealer) -> Directory:
    """A snapshot from its rows. Raises DirectoryError for a row this version cannot read."""
    by_kind: dict[str, dict[str, Any]] = {field: {} for field in _FIELDS.values()}
    secrets: dict[tuple[str, str], Mapping[str, str]] = {}
    for entry in entries:
        if entry.kind not in KINDS:
            raise DirectoryError(f"the directory holds an entry of unknown kind {entry.kind}")
        by_kind[_FIELDS[entry.kind]][entry.code] = _model(entry)
        if entry.sealed is not None:
            secrets[entry.kind, entry.code] = resolve(open_secrets(entry, sealer))
    return Directory(revision=revision, secrets=secrets, **by_kind)


def _model(entry: stored.StoredEntry) -> Entry:
    try:
        return KINDS[entry.kind].model_validate(entry.body)
    except ValidationError:
        raise DirectoryError(
            f"the directory's {entry.kind} {entry.code} cannot be read by this version"
        ) from None


def open_secrets(entry: stored.StoredEntry, sealer: Sealer) -> dict[str, str]:
    """The secrets of an entry as they were given: values, or names of files and variables."""
    if entry.sealed is None or entry.seal_key is None:
        return {}
    opened: dict[str, str] = json.loads(
        sealer.open(entry.sealed, entry.seal_key, bound_to(entry.kind, entry.code))
    )
    return opened


def bound_to(kind: str, code: str) -> bytes:
    return f"directory/{kind}/{code}".encode()


def resolve(secrets: Mapping[str, str]) -> Mapping[str, str]:
    """`env:NAME` and `file:PATH` are looked up where the process runs."""
    return {name: _resolved(name, value) for name, value in secrets.items()}


def is_reference(value: str) -> bool:
    """Whether a secret is looked up, and not what it says."""
    return value.partition(":")[0] in ("env", "file")


def _resolved(name: str, value: str) -> str:
    scheme, _, rest = value.partition(":")
    if scheme == "env":
        return os.environ.get(rest, "")
    if scheme == "file":
        try:
            return Path(rest).read_text(encoding="utf-8").strip()
        except OSError:
            log.error("secret_file_unreadable", secret=name)
            return ""
    return value
