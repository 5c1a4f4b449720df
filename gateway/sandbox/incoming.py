"""A text that a person writes, and what an account must do to bring it to the gateway."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gateway.sandbox.postman import Letter


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """`phone` is 84…, or the name or number that the sender goes by. `forged`: somebody else than
    the provider makes the request."""

    id: str
    phone: str
    text: str
    forged: bool = False


@runtime_checkable
class BringsTexts(Protocol):
    """A simulated account with a number that people may write to."""

    @property
    def text_number(self) -> str:
        """Empty where the account has none, or no address to bring a text to."""
        ...

    def bring(self, text: Text) -> Letter: ...

    def reply_in(self, content_type: str, answer: bytes) -> str | None:
        """The reply that the answer carries. None where it is empty, or this provider reads none.
        Raises ValueError for what the provider does not understand."""
        ...
