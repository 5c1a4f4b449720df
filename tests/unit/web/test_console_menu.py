"""The main menu: one row on an ordinary screen, the page one is on marked, no page missing."""

from uuid import UUID

import pytest

from gateway.domain.staff import Role, Staff
from gateway.web.console.nav import ENTRIES, entries_for, menu_for
from gateway.web.console.routes import PAGES


def somebody(*roles: Role, units: frozenset[str] | None = None) -> Staff:
    return Staff(
        id=UUID(int=1), name="thu", roles=frozenset(roles), units=units, must_change_password=False
    )


def words(*roles: Role) -> list[str]:
    return [item.word for item in menu_for(somebody(*roles))]


def test_a_short_menu_is_a_row_of_pages() -> None:
    assert words(Role.ADMIN) == ["templates", "directory", "users", "audit"]


def test_an_operator_finds_what_is_needed_less_often_under_a_group() -> None:
    row = ["overview", "reports", "messages", "attention", "counter", "hand_list", "templates"]
    assert words(Role.OPERATOR) == [*row, "steering", "directory"]


def test_whoever_is_everything_has_one_row_too() -> None:
    assert words(*Role)[-2:] == ["steering", "administration"]
    assert len(words(*Role)) == 10


@pytest.mark.parametrize("roles", [[role] for role in Role] + [list(Role)], ids=str)
@pytest.mark.parametrize("units", [None, frozenset({"H10.12"})], ids=["all", "one"])
def test_every_page_that_somebody_may_open_is_in_the_menu_once(
    roles: list[Role], units: frozenset[str] | None
) -> None:
    staff = somebody(*roles, units=units)
    shown = [entry for item in menu_for(staff) for entry in item.entries]
    assert sorted(shown, key=ENTRIES.index) == list(entries_for(staff))


@pytest.mark.parametrize(
    ("here", "word"),
    [
        ("/console/messages/ntf_1/resend", "messages"),
        ("/console/jobs", "messages"),
        ("/console/acts/act_1", "messages"),
        ("/console/places/unit/H10.12", "directory"),
        ("/console/mapping-trial", "directory"),
        ("/console/templates-to-release", "to_release"),
        ("/console/templates/result-ready", "templates"),
        ("/console/held/one", "held"),
        ("/console/account", None),
    ],
)
def test_the_menu_knows_where_one_is(here: str, word: str | None) -> None:
    assert [entry.word for entry in ENTRIES if entry.holds(here)] == ([word] if word else [])


def test_every_page_but_those_of_everybody_belongs_to_an_entry() -> None:
    outside = {
        page.path
        for page in PAGES
        if not any(entry.holds(page.path) for entry in ENTRIES) and page.path != "/console/"
    }
    assert outside == {
        *("/console/sign-in", "/console/sign-out", "/console/language", "/console/account"),
        "/console/static/{name}",
    }
