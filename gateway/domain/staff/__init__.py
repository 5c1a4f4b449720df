"""The people who work with the console: what each may do, see and use as a password."""

from gateway.domain.staff.naming import NAME_PATTERN, clean_name
from gateway.domain.staff.passwords import LEAST_LENGTH, MOST_LENGTH, PasswordFault, faults_of
from gateway.domain.staff.patience import Patience, allowed_again_s
from gateway.domain.staff.permissions import ALLOWED, Permission, Role
from gateway.domain.staff.staff import Staff

__all__ = [
    "ALLOWED",
    "LEAST_LENGTH",
    "MOST_LENGTH",
    "NAME_PATTERN",
    "PasswordFault",
    "Patience",
    "Permission",
    "Role",
    "Staff",
    "allowed_again_s",
    "clean_name",
    "faults_of",
]
