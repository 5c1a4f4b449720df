"""The names people sign in with: short, lower case, without accents; anybody can type them."""

import re

NAME_PATTERN = r"[a-z0-9][a-z0-9._-]{1,39}"
_NAME = re.compile(NAME_PATTERN)


def clean_name(typed: str) -> str | None:
    """The name as it is kept; None for what cannot be one."""
    name = typed.strip().lower()
    return name if _NAME.fullmatch(name) else None
