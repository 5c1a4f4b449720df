"""How one simulated account behaves at the moment: its settings, which control calls may change,
and which fault the next submission meets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, TypeVar

from gateway.sandbox.faults import ALTERNATING, Fault, fault_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """`fault` meets `share` (0 to 1) of the submissions to phones that ask for nothing special.
    Where `refuse_with` is a code of the provider, every submission is refused with it."""

    latency_ms: int = 0
    receipt_delay_ms: int = 200
    send_receipts: bool = True
    fault: Fault = Fault.NONE
    share: float = 1.0
    refuse_with: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What every simulated account is configured with."""

    code: str
    conduct: Conduct = field(default_factory=Conduct)

    @classmethod
    def prepared(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """The fields as they stand in a configuration table, made ready for this class."""
        return dict(table)


S_co = TypeVar("S_co", bound=Setting, covariant=True)


class Account(Generic[S_co]):
    """A simulated account at run time."""

    def __init__(self, setting: S_co) -> None:
        self.setting = setting
        self.conduct = setting.conduct
        self._dice = Random(setting.code)  # noqa: S311
        self._had: set[tuple[Fault, str]] = set()

    @property
    def code(self) -> str:
        return self.setting.code

    def take_wishes(self, wishes: dict[str, Any]) -> None:
        """Takes out of a control call what only this kind of account understands."""

    def fault_for(self, phone: str) -> Fault:
        """The fault that this submission to `phone` meets."""
        fault = fault_of(phone) or self._drawn()
        if fault in ALTERNATING and not self._turn((fault, phone)):
            return Fault.NONE
        return fault

    def _drawn(self) -> Fault:
        conduct = self.conduct
        if conduct.fault is Fault.NONE or self._dice.random() >= conduct.share:
            return Fault.NONE
        return conduct.fault

    def _turn(self, key: tuple[Fault, str]) -> bool:
        if key in self._had:
            self._had.remove(key)
            return False
        self._had.add(key)
        return True
