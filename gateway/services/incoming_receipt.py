"""A receipt on its way from a stored request to its effect."""

from dataclasses import dataclass

from gateway.domain.outcome import Receipt
from gateway.ledger.receipts import Matched, RawReceipt


@dataclass(frozen=True, kw_only=True)
class IncomingReceipt:
    """One of those in one stored request, and the account it is about."""

    raw: RawReceipt
    part: int
    receipt: Receipt
    account: str


# With the attempt that it is about; None where that is not known.
Pair = tuple[IncomingReceipt, Matched | None]
