"""How long somebody who keeps failing to sign in has to wait: longer each time, never for ever."""

from dataclasses import dataclass

_FIRST_WAIT_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """`free` failures in a row cost nothing; the wait after them doubles up to `longest_s`."""

    free: int
    longest_s: float


def allowed_again_s(failures: int, patience: Patience) -> float:
    """Seconds to wait after so many failures in a row."""
    over = failures - patience.free
    if over < 0:
        return 0.0
    return float(min(_FIRST_WAIT_S * 2 ** min(over, 20), patience.longest_s))
