"""How the accounts of a pool share its traffic: by weights that follow how each fares, with a
breaker that cuts off one that answers nothing but faults."""

from gateway.domain.pool.breaker import Breaker, BreakerState, Caution
from gateway.domain.pool.shares import Move, Seen, Share, ShareRules, review
from gateway.domain.pool.turns import turns

__all__ = [
    "Breaker",
    "BreakerState",
    "Caution",
    "Move",
    "Seen",
    "Share",
    "ShareRules",
    "review",
    "turns",
]
