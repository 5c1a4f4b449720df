"""API keys of sources, made and revoked by staff: shown once, and no act without its audit."""

from collections.abc import Awaitable, Callable

from gateway.domain.staff import Staff
from gateway.ledger import audit
from gateway.ledger.database import Connection, Database
from gateway.services import api_keys
from gateway.services.minting import mint


class SourceKeys:
    def __init__(self, database: Database, refresh: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._refresh = refresh

    async def create(
        self, source: str, scopes: tuple[str, ...], mode: str, staff: Staff
    ) -> api_keys.KeyParts:
        """Raises DirectoryError for an unknown source."""
        async with self._database.transaction() as connection:
            made = await api_keys.create_in(connection, source, scopes, mode, staff.actor)
            detail = f"{made.prefix} {mode} {','.join(scopes)}"
            await _note(connection, staff, "keys.create", source, detail)
        await self._refresh()
        return made

    async def revoke(self, source: str, prefix: str, staff: Staff) -> None:
        """Raises DirectoryError for a prefix that no key has."""
        async with self._database.transaction() as connection:
            await api_keys.revoke_in(connection, prefix, staff.actor)
            await _note(connection, staff, "keys.revoke", source, prefix)
        await self._refresh()


async def _note(
    connection: Connection, staff: Staff, action: str, source: str, detail: str
) -> None:
    entry = audit.Entry(
        id=mint(),
        actor=staff.actor,
        action=action,
        found=0,
        subject=f"source:{source}",
        detail=detail,
    )
    await audit.write(connection, entry)
