"""API keys of sources: made once, shown once, kept as a hash."""

import hashlib
import secrets
from dataclasses import dataclass

from gateway.domain.directory import ApiKey
from gateway.errors import DirectoryError
from gateway.ledger import directory as stored
from gateway.ledger.database import Connection, Database

_PREFIX_BYTES, _SECRET_BYTES = 4, 24


@dataclass(frozen=True, kw_only=True)
class KeyParts:
    """`bt_<prefix>_<secret>`; the prefix may be shown anywhere, the secret nowhere."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"bt_{self.prefix}_{self.secret}"

    def __repr__(self) -> str:
        return f"KeyParts(prefix={self.prefix!r})"


def split_key(shown: str) -> KeyParts | None:
    head, _, rest = shown.partition("_")
    prefix, _, secret = rest.partition("_")
    return KeyParts(prefix=prefix, secret=secret) if head == "bt" and prefix and secret else None


def new_key(source: str, scopes: tuple[str, ...], mode: str) -> tuple[KeyParts, ApiKey]:
    """A fresh key and the entry that recognises it."""
    parts = KeyParts(
        prefix=secrets.token_hex(_PREFIX_BYTES), secret=secrets.token_hex(_SECRET_BYTES)
    )
    entry = ApiKey.model_validate(
        {
            "code": parts.prefix,
            "source": source,
            "sha256": hashlib.sha256(parts.secret.encode()).hexdigest(),
            "scopes": scopes,
            "mode": mode,
        }
    )
    return parts, entry


async def create_key(
    database: Database, source: str, scopes: tuple[str, ...], mode: str, changed_by: str
) -> KeyParts:
    """Make and store a key for a source. Raises DirectoryError for an unknown source."""
    async with database.transaction() as connection:
        return await create_in(connection, source, scopes, mode, changed_by)


async def create_in(
    connection: Connection, source: str, scopes: tuple[str, ...], mode: str, changed_by: str
) -> KeyParts:
    """The same in the caller's transaction."""
    parts, entry = new_key(source, scopes, mode)
    await stored.lock(connection)
    _, entries = await stored.current_in(connection)
    if ("source", source) not in {(one.kind, one.code) for one in entries}:
        raise DirectoryError(f"there is no source {source}; add it to the directory first")
    body = entry.model_dump(mode="json")
    row = stored.StoredEntry(kind="key", code=entry.code, body=body)
    await stored.write(connection, [row], changed_by)
    return parts


async def revoke_key(database: Database, prefix: str, changed_by: str) -> None:
    """Raises DirectoryError for a prefix that no key has."""
    async with database.transaction() as connection:
        await revoke_in(connection, prefix, changed_by)


async def revoke_in(connection: Connection, prefix: str, changed_by: str) -> None:
    """The same in the caller's transaction."""
    await stored.lock(connection)
    _, entries = await stored.current_in(connection)
    found = next((one for one in entries if (one.kind, one.code) == ("key", prefix)), None)
    if found is None:
        raise DirectoryError(f"no key has the prefix {prefix}")
    row = stored.StoredEntry(kind="key", code=prefix, body={**found.body, "revoked": True})
    await stored.write(connection, [row], changed_by)
