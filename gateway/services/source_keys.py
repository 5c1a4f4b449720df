"""API keys of sources, made and revoked by staff: shown once, and every act in the audit."""

from collections.abc import Awaitable, Callable

from gateway.domain.staff import Staff
from gateway.ledger import audit
from gateway.ledger.database import Database
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
        made = await api_keys.create_key(self._database, source, scopes, mode, staff.actor)
        await self._note(staff, "keys.create", source, f"{made.prefix} {mode}")
        return made

    async def revoke(self, source: str, prefix: str, staff: Staff) -> None:
        """Raises DirectoryError for a prefix that no key has."""
        await api_keys.revoke_key(self._database, prefix, staff.actor)
        await self._note(staff, "keys.revoke", source, prefix)

    async def _note(self, staff: Staff, action: str, source: str, detail: str) -> None:
        entry = audit.Entry(
            id=mint(),
            actor=staff.actor,
            action=action,
            found=0,
            subject=f"source:{source}",
            detail=detail,
        )
        async with self._database.connection() as connection:
            await audit.write(connection, entry)
        await self._refresh()
