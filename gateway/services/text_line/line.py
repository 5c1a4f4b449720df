"""What the text line says: one short reply to one text, without accents.

`TextLine` is who is asked. `HelpLine` is the one that knows nothing but how to ask.
"""

from collections.abc import Callable
from typing import Protocol

from gateway.domain.directory import Directory
from gateway.domain.enquiry import help_text


class TextLine(Protocol):
    async def reply(self, account: str, sender: str, text: str) -> str | None:
        """The reply in plain SMS letters, or None for none. `sender` is +84…, `text` as it was
        typed. Raises LedgerUnavailable."""
        ...


class HelpLine:
    """Asked anything, it tells how to ask."""

    def __init__(self, directory: Callable[[], Directory]) -> None:
        self._directory = directory

    async def reply(self, account: str, sender: str, text: str) -> str | None:  # noqa: ARG002
        return help_text(centre_phone(self._directory(), account))


def centre_phone(directory: Directory, account: str) -> str:
    """The number to ask at: that of the first unit that writes through the account; else empty."""
    pools = {code for code, pool in directory.pools.items() if account in pool.accounts}
    writing = (
        unit.verify_phone
        for _, unit in sorted(directory.units.items())
        if any(step.pool in pools for step in unit.route)
    )
    return next(writing, "")
