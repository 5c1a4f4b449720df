"""Whose the entries of the directory are: what somebody sees of it, and what they may change."""

from collections.abc import Mapping

from gateway.domain.directory import Directory, Entry
from gateway.domain.staff import Permission, Staff

PLACES = ("pickup_point", "unit", "pool", "calendar_day")
CONNECTIONS = ("source", "account")


def seen_by(staff: Staff, kind: str, now: Directory) -> Mapping[str, Entry]:
    """The entries of a kind that somebody sees: all, or what their units have to do with."""
    entries = dict(sorted(_entries(kind, now).items()))
    if staff.sees_all_units or kind == "calendar_day":
        return entries
    codes = _codes_of_their_units(staff, now)[kind]
    return {code: one for code, one in entries.items() if code in codes}


def may_edit(staff: Staff, kind: str) -> bool:
    return staff.may(Permission.EDIT_PLACES if kind in PLACES else Permission.EDIT_CONNECTIONS)


def may_add(staff: Staff, kind: str) -> bool:
    return may_edit(staff, kind) and staff.sees_all_units


def is_theirs_alone(staff: Staff, kind: str, code: str, now: Directory) -> bool:
    """A unit of theirs, or a pick-up point that no other unit names."""
    if staff.sees_all_units or kind == "unit":
        return staff.sees_all_units or staff.may_see(code)
    users = [unit.code for unit in now.units.values() if unit.pickup_point == code]
    return kind == "pickup_point" and bool(users) and all(map(staff.may_see, users))


def _entries(kind: str, now: Directory) -> Mapping[str, Entry]:
    entries: Mapping[str, Mapping[str, Entry]] = {
        "pickup_point": now.pickup_points,
        "unit": now.units,
        "pool": now.pools,
        "calendar_day": now.calendar_days,
        "source": now.sources,
        "account": now.accounts,
    }
    return entries[kind]


def _codes_of_their_units(staff: Staff, now: Directory) -> Mapping[str, set[str | None]]:
    units = [unit for code, unit in now.units.items() if staff.may_see(code)]
    pools = {step.pool for unit in units for step in unit.route}
    return {
        "pickup_point": {unit.pickup_point for unit in units},
        "unit": {unit.code for unit in units},
        "pool": {*pools},
        "source": {code for code, one in now.sources.items() if any(map(staff.may_see, one.units))},
        "account": {
            code for pool in pools if pool in now.pools for code in now.pools[pool].accounts
        },
    }
