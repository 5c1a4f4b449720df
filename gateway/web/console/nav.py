"""The main pages in the order of the navigation. Everybody sees those they may open."""

from dataclasses import dataclass

from gateway.domain.staff import Permission, Staff


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`word` is looked up in the catalogue under `nav.`. One of `all_units` belongs to no single
    unit: whoever is limited to some is refused there."""

    word: str
    path: str
    needs: Permission
    all_units: bool = False


ENTRIES = (
    Entry(word="overview", path="/console/overview", needs=Permission.READ_STATISTICS),
    Entry(word="reports", path="/console/reports", needs=Permission.READ_STATISTICS),
    Entry(word="messages", path="/console/messages", needs=Permission.READ_MESSAGES),
    Entry(word="attention", path="/console/attention", needs=Permission.READ_MESSAGES),
    Entry(word="counter", path="/console/counter", needs=Permission.ASK_AT_COUNTER),
    Entry(word="templates", path="/console/templates", needs=Permission.READ_TEMPLATES),
    Entry(
        word="to_release",
        path="/console/templates-to-release",
        needs=Permission.RELEASE_TEMPLATES,
    ),
    Entry(word="accounts", path="/console/accounts", needs=Permission.READ_ACCOUNTS),
    Entry(word="held", path="/console/held", needs=Permission.RELEASE_HELD),
    Entry(
        word="suppressions",
        path="/console/suppressions",
        needs=Permission.SUPPRESS,
        all_units=True,
    ),
    Entry(word="hand_list", path="/console/hand-list", needs=Permission.HAND_LIST),
    Entry(word="users", path="/console/users", needs=Permission.MANAGE_USERS),
    Entry(word="directory", path="/console/directory", needs=Permission.READ_DIRECTORY),
    Entry(word="audit", path="/console/audit", needs=Permission.READ_AUDIT),
)

OWN_ACCOUNT = "/console/account"


def entries_for(staff: Staff) -> tuple[Entry, ...]:
    return tuple(
        entry
        for entry in ENTRIES
        if staff.may(entry.needs) and (staff.sees_all_units or not entry.all_units)
    )


def first_path(staff: Staff) -> str:
    """Where somebody begins their work."""
    return next((entry.path for entry in entries_for(staff)), OWN_ACCOUNT)
