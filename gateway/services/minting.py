"""New identifiers for this process: the clock and randomness that the domain leaves to others."""

import random
import time
from uuid import UUID

from gateway.domain.identity import uuid7

_random = random.SystemRandom()


def mint() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, _random.getrandbits(74))
