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
    READ_AUDIT = "read_audit"
    MANAGE_USERS = "manage_users"


_EVERYBODY = frozenset(Role)

# Who administers users is not by that allowed to write to citizens or to see their data.
ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_ACCOUNT: _EVERYBODY,
    Permission.READ_TEMPLATES: _EVERYBODY,
    Permission.EDIT_TEMPLATES: frozenset({Role.EDITOR}),
    Permission.RELEASE_TEMPLATES: frozenset({Role.APPROVER}),
    Permission.ASK_AT_COUNTER: frozenset({Role.VIEWER, Role.OPERATOR}),
    Permission.READ_MESSAGES: frozenset({Role.OPERATOR}),
    Permission.STEER_MESSAGES: frozenset({Role.OPERATOR}),
    Permission.READ_AUDIT: frozenset({Role.ADMIN}),
    Permission.MANAGE_USERS: frozenset({Role.ADMIN}),
}
