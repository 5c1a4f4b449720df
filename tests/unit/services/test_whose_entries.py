"""What somebody who is limited to units sees of the directory, and what of it is theirs alone."""

from datetime import date
from uuid import UUID

import pytest

from gateway.domain.channel import Channel
from gateway.domain.directory import (
    Account,
    CalendarDay,
    Directory,
    PickupPoint,
    Pool,
    RouteStep,
    Source,
    Unit,
)
from gateway.domain.staff import Role, Staff
from gateway.services.whose_entries import is_theirs_alone, may_add, may_edit, seen_by


def _unit(code: str, point: str, pool: str) -> Unit:
    route = (RouteStep(channel=Channel.SMS, pool=pool),)
    return Unit(code=code, name=code, verify_phone="1022", pickup_point=point, route=route)


def _source(code: str, *units: str) -> Source:
    return Source(code=code, name=code, namespace="n", units=units, sources=(f"/{code}",))


def _account(code: str) -> Account:
    return Account(code=code, provider="esms", base_url="https://sms.example")


NOW = Directory(
    revision=1,
    units={one.code: one for one in (_unit("a", "hall", "own"), _unit("b", "hall", "other"))}
    | {"c": _unit("c", "quay", "own")},
    pickup_points={
        code: PickupPoint(code=code, name=code, address="số 1") for code in ("hall", "quay", "far")
    },
    pools={
        code: Pool(code=code, channel=Channel.SMS, accounts=(account,))
        for code, account in (("own", "one"), ("other", "two"))
    },
    accounts={code: _account(code) for code in ("one", "two")},
    sources={one.code: one for one in (_source("igate", "a", "b"), _source("elsewhere", "b"))},
    calendar_days={
        "2026-02-17": CalendarDay(code="2026-02-17", day=date(2026, 2, 17), works=False)
    },
)


def staff(*units: str, role: Role = Role.OPERATOR) -> Staff:
    limit = frozenset(units) or None
    return Staff(id=UUID(int=1), name="lan", roles=frozenset({role}), units=limit)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("unit", {"a"}),
        ("pickup_point", {"hall"}),
        ("pool", {"own"}),
        ("account", {"one"}),
        ("source", {"igate"}),
        ("calendar_day", {"2026-02-17"}),
    ],
)
def test_somebody_sees_what_their_unit_has_to_do_with(kind: str, codes: set[str]) -> None:
    assert set(seen_by(staff("a"), kind, NOW)) == codes


@pytest.mark.parametrize("kind", ["unit", "pickup_point", "pool", "account", "source"])
def test_whoever_has_all_units_sees_everything_in_order(kind: str) -> None:
    seen = list(seen_by(staff(), kind, NOW))
    assert seen == sorted(seen)
    assert len(seen) > len(seen_by(staff("a"), kind, NOW))


@pytest.mark.parametrize(
    ("units", "kind", "code", "theirs"),
    [
        pytest.param(("a",), "unit", "a", True, id="their-unit"),
        pytest.param(("a",), "unit", "b", False, id="another-unit"),
        pytest.param(("c",), "pickup_point", "quay", True, id="a-point-only-they-use"),
        pytest.param(("a",), "pickup_point", "hall", False, id="a-point-another-unit-uses"),
        pytest.param(("a", "b"), "pickup_point", "hall", True, id="a-point-all-of-theirs-use"),
        pytest.param(("a",), "pickup_point", "far", False, id="a-point-nobody-uses"),
        pytest.param(("a",), "pool", "own", False, id="a-pool"),
        pytest.param((), "pool", "own", True, id="a-pool-with-all-units"),
    ],
)
def test_what_others_use_is_not_theirs_alone(
    units: tuple[str, ...], kind: str, code: str, theirs: bool
) -> None:
    assert is_theirs_alone(staff(*units), kind, code, NOW) is theirs


def test_places_are_the_operators_and_connections_the_administrators() -> None:
    operator, admin = staff(), staff(role=Role.ADMIN)
    assert [may_edit(operator, kind) for kind in ("unit", "account")] == [True, False]
    assert [may_edit(admin, kind) for kind in ("account", "source")] == [True, True]


def test_only_somebody_with_all_units_adds_an_entry() -> None:
    assert may_add(staff(), "unit")
    assert not may_add(staff("a"), "unit")
