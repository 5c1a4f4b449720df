"""Who may what, which names and passwords will do, and how long failures make somebody wait."""

from uuid import UUID

import pytest

from gateway.domain.staff import (
    ALLOWED,
    PasswordFault,
    Patience,
    Permission,
    Role,
    Staff,
    allowed_again_s,
    clean_name,
    faults_of,
)

EVERYBODY = {"viewer", "editor", "approver", "operator", "admin"}


def staff(*roles: Role, units: frozenset[str] | None = None) -> Staff:
    return Staff(id=UUID(int=1), name="thu", roles=frozenset(roles), units=units)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("own_account", EVERYBODY),
        ("read_templates", EVERYBODY),
        ("edit_templates", {"editor"}),
        ("release_templates", {"approver"}),
        ("read_audit", {"admin"}),
        ("manage_users", {"admin"}),
    ],
)
def test_exactly_these_roles_may(permission: str, roles: set[str]) -> None:
    assert {role for role in Role if staff(role).may(Permission(permission))} == roles


def test_every_permission_has_a_row_with_somebody_in_it() -> None:
    assert set(ALLOWED) == set(Permission)
    assert all(ALLOWED.values())


def test_roles_add_up_and_without_any_nothing_is_allowed() -> None:
    both = staff(Role.EDITOR, Role.APPROVER)
    assert both.may(Permission.EDIT_TEMPLATES)
    assert both.may(Permission.RELEASE_TEMPLATES)
    assert not any(staff().may(permission) for permission in Permission)


@pytest.mark.parametrize(
    ("units", "seen", "all_of_them"),
    [
        (None, {"H10.12", "H10.13"}, True),
        (frozenset({"H10.12"}), {"H10.12"}, False),
        (frozenset(), set(), False),
    ],
    ids=["unlimited", "one", "none"],
)
def test_units_limit_what_is_seen(
    units: frozenset[str] | None, seen: set[str], all_of_them: bool
) -> None:
    one = staff(Role.ADMIN, units=units)
    assert {unit for unit in ("H10.12", "H10.13") if one.may_see(unit)} == seen
    assert one.sees_all_units is all_of_them


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Thu.Nguyen ", "thu.nguyen"),
        ("an", "an"),
        ("a", None),
        ("thư", None),
        (".thu", None),
        ("thu nguyen", None),
        ("<b>", None),
        ("a" * 40, "a" * 40),
        ("a" * 41, None),
    ],
)
def test_names_are_short_and_plain(typed: str, kept: str | None) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("sông Bé chảy về đâu", set()),
        ("xe đạp màu xanh", set()),
        ("quá ngắn thôi"[:11], {PasswordFault.TOO_SHORT}),
        ("abababababab", {PasswordFault.TOO_FEW_LETTERS}),
        ("x y z t u v " * 11, {PasswordFault.TOO_LONG}),
        ("tôi là Thu.Nguyen đây", {PasswordFault.HOLDS_NAME}),
        ("Password1234", {PasswordFault.OFTEN_USED}),
        ("mat khau 2026!", {PasswordFault.OFTEN_USED}),
        ("12345678901234", {PasswordFault.OFTEN_USED}),
    ],
)
def test_a_password_is_long_and_hard_to_guess(password: str, faults: set[PasswordFault]) -> None:
    assert set(faults_of(password, "thu.nguyen")) == faults


@pytest.mark.parametrize(
    ("failures", "wait_s"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (900, 900)],
)
def test_the_wait_doubles_up_to_its_limit(failures: int, wait_s: float) -> None:
    assert allowed_again_s(failures, Patience(free=5, longest_s=900)) == wait_s
