"""What the services can be told to do next with a notification. Delays count from now."""

from dataclasses import dataclass

from gateway.domain.outcome import Reason
from gateway.domain.status import State


@dataclass(frozen=True, kw_only=True, slots=True)
class TryAgain:
    """A new attempt of this step. Without `spends_try` the try just made does not count."""

    delay_s: float
    reason: Reason
    spends_try: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class AskAgain:
    """The same attempt once more: same account, same reference, which the account recognises."""

    delay_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryLater:
    """Ask the account what became of this attempt; nothing is sent."""

    delay_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class AwaitReceipt:
    """Wait for a report. With `in_doubt` it may never have been sent."""

    window_s: float
    in_doubt: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    """This step is over for `reason`; the notification moves on, or ends where none is left."""

    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """The notification ends."""

    state: State
    reason: Reason | None = None


Decision = TryAgain | AskAgain | QueryLater | AwaitReceipt | NextStep | End
