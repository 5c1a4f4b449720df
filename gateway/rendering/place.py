"""Where a result is collected: the point an event names, a place it spells out, or the unit's."""

from dataclasses import dataclass

from gateway.domain.directory import Directory, OpeningHours, PickupPoint, Unit
from gateway.domain.dossier import Pickup
from gateway.domain.text import bare
from gateway.errors import DirectoryError
from gateway.rendering.free_text import printable


@dataclass(frozen=True, kw_only=True)
class Place:
    """`hours` are known to the day, `hours_text` only as the source wrote them."""

    name: str
    address: str
    phone: str
    hours: tuple[OpeningHours, ...]
    hours_text: str

    @property
    def in_full(self) -> str:
        return ", ".join(filter(None, (self.name, self.address)))

    def after(self, centre: str) -> str:
        """The place in a text that has named the centre: not a second time where they are one."""
        same = bare(self.name).casefold() == bare(centre).casefold()
        return self.address if same and self.address else self.in_full


def place_of(pickup: Pickup, unit: Unit, directory: Directory) -> Place:
    """Raises DirectoryError for a point nobody knows: a wrong address is worse than no message."""
    spelled_out = pickup.point is None and (pickup.name or pickup.address)
    point = None if spelled_out else _point(pickup.point or unit.pickup_point, directory)
    return Place(
        name=printable(pickup.name or (point.name if point else "")),
        address=printable(pickup.address or (point.address if point else "")),
        phone=printable(pickup.phone or (point.phone if point else None) or unit.verify_phone),
        hours=point.hours if point and not pickup.hours else (),
        hours_text=printable(pickup.hours),
    )


def _point(code: str, directory: Directory) -> PickupPoint:
    if code not in directory.pickup_points:
        raise DirectoryError(f"the pick-up point {code!r} is not in the directory")
    return directory.pickup_points[code]
