"""Simulated accounts that are paid in advance: what is left goes down with each message that is
taken, and is told when asked for."""

from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.sandbox.conduct import Account, Setting
from gateway.sandbox.config import BadConfig
from gateway.sandbox.faults import Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class PrepaidSetting(Setting):
    """`balance` is what was paid, in the account's currency."""

    balance: float = 5_000_000.0


P_co = TypeVar("P_co", bound=PrepaidSetting, covariant=True)


class Prepaid(Account[P_co]):
    def __init__(self, setting: P_co) -> None:
        super().__init__(setting)
        self._left = setting.balance

    @property
    def left(self) -> float:
        """Nothing, while every submission is told so."""
        return 0.0 if self.conduct.fault is Fault.WALLET_EMPTY else round(self._left, 4)

    def pay(self, price: float) -> None:
        self._left -= price

    def take_wishes(self, wishes: dict[str, Any]) -> None:
        """`balance` sets what is left from now on."""
        left = wishes.pop("balance", self._left)
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise BadConfig("balance is a number")
        self._left = left
