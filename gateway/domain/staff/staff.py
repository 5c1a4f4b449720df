"""Somebody who is signed in, and the questions that pages ask about them."""

from dataclasses import dataclass
from uuid import UUID

from gateway.domain.staff.permissions import ALLOWED, Permission, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """`units` None: all of them, also those that come later."""

    id: UUID
    name: str
    roles: frozenset[Role]
    units: frozenset[str] | None = None
    must_change_password: bool = False

    @property
    def actor(self) -> str:
        """Who this is in the audit."""
        return f"user:{self.name}"

    def may(self, permission: Permission) -> bool:
        return not self.roles.isdisjoint(ALLOWED[permission])

    def may_see(self, unit: str) -> bool:
        return self.units is None or unit in self.units

    @property
    def sees_all_units(self) -> bool:
        """Needed for what belongs to no single unit, such as a text that all units share."""
        return self.units is None
