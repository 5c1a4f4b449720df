"""Whom somebody looks for: kept sealed under an id, which is all that an address of a page says.

Only who kept it can open it, and only for a day.
"""

import json
from dataclasses import asdict, dataclass, field
from uuid import UUID

from gateway.domain.staff import Staff
from gateway.ledger import console_searches
from gateway.ledger.database import Database
from gateway.sealing import Hasher, Sealer
from gateway.services.minting import mint
from gateway.services.search_tokens import name_groups, phone_group, typed_dossier_group


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What is known of a person; what is empty does not matter."""

    dossier: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    name: str = field(default="", repr=False)

    @property
    def is_anybody(self) -> bool:
        return not (self.dossier or self.phone or self.name)

    @property
    def is_rare(self) -> bool:
        """A dossier or a number has few notices; a name may have a great many."""
        return bool(self.dossier or self.phone)

    def token_groups(self, hasher: Hasher) -> list[list[int]]:
        """One per thing that must match; an empty one for what nobody can have."""
        groups = []
        if self.dossier:
            groups.append(typed_dossier_group(hasher, self.dossier))
        if self.phone:
            groups.append(phone_group(hasher, self.phone))
        if self.name:
            groups += name_groups(hasher, self.name)
        return groups


class PersonSearches:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def keep(self, staff: Staff, sought: Sought) -> UUID:
        search = mint()
        sealed, seal_key = self._sealer.seal(json.dumps(asdict(sought)).encode(), search.bytes)
        async with self._database.connection() as connection:
            await console_searches.keep(connection, search, staff.id, sealed, seal_key)
        return search

    async def open(self, staff: Staff, search: UUID) -> Sought | None:
        """None for what is too old or was kept by somebody else."""
        async with self._database.connection() as connection:
            found = await console_searches.find(connection, search, staff.id)
        if found is None:
            return None
        return Sought(**json.loads(self._sealer.open(*found, search.bytes)))
