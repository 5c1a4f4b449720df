"""Fields as providers write them: the same id or count comes as text here and as a number there."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any


def word(fields: Mapping[str, Any], name: str) -> str:
    """An id or a code; empty for anything else."""
    value = fields.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def whole(fields: Mapping[str, Any], name: str) -> int | None:
    """A count, or a price in VND, which may be written like 850.0000."""
    value = fields.get(name)
    if isinstance(value, bool):
        return None
    try:
        return round(float(value))  # type: ignore[arg-type]  # what is no number is no count
    except (TypeError, ValueError, OverflowError):
        return None


def amount(fields: Mapping[str, Any], name: str) -> Decimal | None:
    """A sum of money, with its fraction; None for anything else."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
