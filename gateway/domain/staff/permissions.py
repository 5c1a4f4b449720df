"""Which role may do what: the one table. Every page of the console names what it needs."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is at work. A person may have several."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    OWN_ACCOUNT = "own_account"
    READ_TEMPLATES = "read_templates"
    EDIT_TEMPLATES = "edit_templates"
    RELEASE_TEMPLATES = "release_templates"
    ASK_AT_COUNTER = "ask_at_counter"
    READ_MESSAGES = "read_messages"
    STEER_MESSAGES = "steer_messages"
    READ_ACCOUNTS = "read_accounts"
    STEER = "steer"
    RELEASE_HELD = "release_held"
    SUPPRESS = "suppress"
    READ_DIRECTORY = "read_directory"
    EDIT_PLACES = "edit_places"
    EDIT_CONNECTIONS = "edit_connections"
    HAND_LIST = "hand_list"
    READ_STATISTICS = "read_statistics"
    READ_AUDIT = "read_audit"
    MANAGE_USERS = "manage_users"


_EVERYBODY = frozenset(Role)
_OPERATORS = frozenset({Role.OPERATOR})

# Who administers users is not by that allowed to write to citizens or to see their data.
ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_ACCOUNT: _EVERYBODY,
    Permission.READ_TEMPLATES: _EVERYBODY,
    Permission.EDIT_TEMPLATES: frozenset({Role.EDITOR}),
    Permission.RELEASE_TEMPLATES: frozenset({Role.APPROVER}),
    Permission.ASK_AT_COUNTER: frozenset({Role.VIEWER, Role.OPERATOR}),
    Permission.READ_MESSAGES: frozenset({Role.OPERATOR}),
    Permission.STEER_MESSAGES: frozenset({Role.OPERATOR}),
    Permission.READ_ACCOUNTS: _OPERATORS,
    Permission.STEER: _OPERATORS,
    Permission.RELEASE_HELD: _OPERATORS,
    Permission.SUPPRESS: _OPERATORS,
    Permission.READ_DIRECTORY: frozenset({Role.OPERATOR, Role.ADMIN}),
    # Where people go and in whose name we write; not what opens a way in or out.
    Permission.EDIT_PLACES: _OPERATORS,
    Permission.EDIT_CONNECTIONS: frozenset({Role.ADMIN}),
    Permission.HAND_LIST: _OPERATORS,
    Permission.READ_STATISTICS: frozenset({Role.VIEWER, Role.OPERATOR}),
    Permission.READ_AUDIT: frozenset({Role.ADMIN}),
    Permission.MANAGE_USERS: frozenset({Role.ADMIN}),
}
