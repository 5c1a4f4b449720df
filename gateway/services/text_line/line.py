"""Who is asked what a text is answered with, and whom to ring where nobody can tell."""

from typing import Protocol

from gateway.domain.directory import Directory


class TextLine(Protocol):
    async def reply(self, account: str, sender: str, text: str) -> str | None:
        """The reply in plain SMS letters, or None for none. `sender` is +84…, `text` as it was
        typed. Raises LedgerUnavailable."""
        ...


def centre_phone(directory: Directory, account: str) -> str:
    """The number to ask at: that of the first unit that writes through the account; else empty."""
    pools = {code for code, pool in directory.pools.items() if account in pool.accounts}
    writing = (
        unit.verify_phone
        for _, unit in sorted(directory.units.items())
        if any(step.pool in pools for step in unit.route)
    )
    return next(writing, "")
