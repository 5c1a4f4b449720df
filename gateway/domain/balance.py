"""What an account has left of what was paid in advance."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """`currency` is what the provider calls it, such as VND or USD. It may be negative where the
    provider gives credit."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.currency}".strip()

    def is_below(self, least: int) -> bool:
        return self.amount < least
