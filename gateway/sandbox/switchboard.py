"""What a phone calls: an account's number, behind which its provider asks our application what to
say. Whoever has one takes incoming calls."""

from dataclasses import dataclass
from typing import Protocol

from gateway.sandbox.call import Call, Persona


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who calls, from which phone (84…), and whether the number is shown to the other end.
    `shown_as` is what stands there instead of a withheld number; None for what is usual."""

    phone: str
    persona: Persona
    withheld: bool = False
    shown_as: str | None = None

    def shown(self, number: str) -> str:
        """The number as the other end gets it."""
        if not self.withheld:
            return number
        return "anonymous" if self.shown_as is None else self.shown_as


class Switchboard(Protocol):
    @property
    def number(self) -> str:
        """Its number, as 84…"""
        ...

    def connect(self, caller: Caller) -> Call:
        """Starts a call, which goes on in the background."""
        ...
