"""The main pages in the order of the menu. Everybody sees those they may open.

Whoever may open few finds all of them in one row. For whoever may open more, those that are needed
less often stand together under the name of their group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.domain.staff import Permission, Staff

# So many stand beside each other on a screen of 1280 points.
_ROW = 8


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`word` is looked up in the catalogue under `nav.`, and so is `group`. One of `all_units`
    belongs to no single unit: whoever is limited to some is refused there. `also` are addresses
    that belong to it without standing under its own."""

    word: str
    path: str
    needs: Permission
    all_units: bool = False
    group: str = ""
    also: tuple[str, ...] = ()

    def holds(self, here: str) -> bool:
        return any(here == one or here.startswith(f"{one}/") for one in (self.path, *self.also))


@dataclass(frozen=True, kw_only=True)
class Item:
    """What stands in the row: one page, or a group of them with a word of its own."""

    word: str
    entries: Sequence[Entry]

    @property
    def is_group(self) -> bool:
        return len(self.entries) > 1

    def holds(self, here: str) -> bool:
        return any(entry.holds(here) for entry in self.entries)


_STEERING, _ADMINISTRATION = "steering", "administration"

ENTRIES = (
    Entry(word="overview", path="/console/overview", needs=Permission.READ_STATISTICS),
    Entry(word="reports", path="/console/reports", needs=Permission.READ_STATISTICS),
    Entry(
        word="messages",
        path="/console/messages",
        needs=Permission.READ_MESSAGES,
        also=("/console/acts", "/console/jobs"),
    ),
    Entry(word="attention", path="/console/attention", needs=Permission.READ_MESSAGES),
    Entry(word="counter", path="/console/counter", needs=Permission.ASK_AT_COUNTER),
    Entry(word="hand_list", path="/console/hand-list", needs=Permission.HAND_LIST),
    Entry(word="templates", path="/console/templates", needs=Permission.READ_TEMPLATES),
    Entry(
        word="to_release",
        path="/console/templates-to-release",
        needs=Permission.RELEASE_TEMPLATES,
    ),
    Entry(
        word="accounts",
        path="/console/accounts",
        needs=Permission.READ_ACCOUNTS,
        group=_STEERING,
        also=("/console/pauses",),
    ),
    Entry(word="held", path="/console/held", needs=Permission.RELEASE_HELD, group=_STEERING),
    Entry(
        word="suppressions",
        path="/console/suppressions",
        needs=Permission.SUPPRESS,
        all_units=True,
        group=_STEERING,
    ),
    Entry(
        word="directory",
        path="/console/directory",
        needs=Permission.READ_DIRECTORY,
        group=_ADMINISTRATION,
        also=(
            "/console/places",
            "/console/connections",
            "/console/keys",
            "/console/mapping-trial",
        ),
    ),
    Entry(
        word="users",
        path="/console/users",
        needs=Permission.MANAGE_USERS,
        group=_ADMINISTRATION,
    ),
    Entry(word="audit", path="/console/audit", needs=Permission.READ_AUDIT, group=_ADMINISTRATION),
)

OWN_ACCOUNT = "/console/account"


def entries_for(staff: Staff) -> tuple[Entry, ...]:
    return tuple(
        entry
        for entry in ENTRIES
        if staff.may(entry.needs) and (staff.sees_all_units or not entry.all_units)
    )


def menu_for(staff: Staff) -> Sequence[Item]:
    entries = entries_for(staff)
    if len(entries) <= _ROW:
        return [_alone(entry) for entry in entries]
    items: list[Item] = []
    for group, members in groupby(entries, key=lambda entry: entry.group):
        found = tuple(members)
        if group and len(found) > 1:
            items.append(Item(word=group, entries=found))
        else:
            items += [_alone(entry) for entry in found]
    return items


def _alone(entry: Entry) -> Item:
    return Item(word=entry.word, entries=(entry,))


def first_path(staff: Staff) -> str:
    """Where somebody begins their work."""
    return next((entry.path for entry in entries_for(staff)), OWN_ACCOUNT)
