"""What becomes of notices on a route Zalo, SMS, call, and how often."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fate:
    """How a notice went: its state, the step and try it stands at, how many moves that took, and
    how long in seconds (a median, and how it is spread)."""

    share: float
    state: str
    reason: str | None
    step: int
    tries: int
    revision: int
    median_s: float = 0.0
    spread: float = 1.0


def _fate(
    share: float,
    state: str,
    reason: str | None,
    at: tuple[int, int, int],
    median_s: float = 0.0,
    spread: float = 1.0,
) -> Fate:
    """`at`: step, try and revision."""
    step, tries, revision = at
    return Fate(
        share=share,
        state=state,
        reason=reason,
        step=step,
        tries=tries,
        revision=revision,
        median_s=median_s,
        spread=spread,
    )


FATES = (
    _fate(58, "delivered", None, (0, 1, 4), 20),
    _fate(5, "acknowledged", None, (0, 1, 5), 900),
    _fate(21, "delivered", None, (1, 1, 6), 90),
    _fate(2.5, "acknowledged", None, (2, 1, 9), 7_000, 0.7),
    _fate(4, "unconfirmed", "receipt_missing", (1, 1, 6), 86_400, 0.01),
    _fate(2.4, "failed", "carrier_rejected", (1, 1, 6), 300),
    _fate(1.6, "failed", "no_usable_phone", (-1, 0, 1)),
    _fate(2.2, "cancelled", "duplicate", (0, 0, 1)),
    _fate(1.5, "cancelled", "overtaken", (0, 0, 1)),
    _fate(0.6, "expired", "latest_time_passed", (0, 0, 2), 200_000, 0.1),
    _fate(0.4, "suppressed", "suppressed", (0, 0, 3), 2),
    _fate(0.8, "unconfirmed", "unknown_outcome", (0, 1, 4), 90_000, 0.01),
)
WAITS = _fate(0, "waiting", "next_step", (1, 0, 3))
SENT = _fate(0, "sent", None, (0, 1, 3), 5)
