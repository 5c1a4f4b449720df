"""Identifiers: UUIDv7, minted before anything is queued, shown with a prefix for what they are."""

from datetime import UTC, datetime
from uuid import UUID

NOTIFICATION, EVENT, ATTEMPT, RECEIPT = "ntf", "evt", "att", "rcp"


def uuid7(now_ms: int, random_bits: int) -> UUID:
    """A version 7 UUID (RFC 9562): 48 bits of `now_ms`, then the lowest 74 of `random_bits`."""
    rand_a = (random_bits >> 62) & 0xFFF
    rand_b = random_bits & ((1 << 62) - 1)
    value = (now_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b
    return UUID(int=value)


def uuid7_floor(moment: datetime) -> UUID:
    """The smallest UUIDv7 that can be minted at `moment`: a bound for ranges and partitions."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def minted_at(value: UUID) -> datetime:
    return datetime.fromtimestamp((value.int >> 80) / 1000, tz=UTC)


def show(prefix: str, value: UUID) -> str:
    """`ntf_018f…`: the form in which an id leaves the gateway."""
    return f"{prefix}_{value.hex}"


def read(prefix: str, text: str) -> UUID:
    """The inverse of `show`. Raises ValueError for another prefix or a malformed id."""
    head, _, tail = text.partition("_")
    if head != prefix or len(tail) != 32:
        raise ValueError(f"not an id of the form {prefix}_<32 hex digits>")
    return UUID(hex=tail)
