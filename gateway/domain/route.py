"""The route of a notification: its ordered steps, fixed when it is accepted.

A unit's route names channels; a person's phones turn each channel into at most two steps. A step
says everything its sending needs, so that later changes of the directory do not bend a message
already under way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.channel import Channel
from gateway.domain.directory import RouteStep
from gateway.domain.recipient import Phone, PhoneKind

PHONES_PER_CHANNEL = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step: `phone` is the index of the number in the sealed payload, `phone_key` its keyed
    hash, by which it is remembered and looked up without being opened."""

    channel: Channel
    phone: int
    phone_key: bytes
    pool: str
    tries_s: tuple[int, ...]
    window_s: int
    escalate_on_silence: bool

    def as_json(self) -> dict[str, object]:
        return {
            "channel": self.channel.value,
            "phone": self.phone,
            "phone_key": self.phone_key.hex(),
            "pool": self.pool,
            "tries_s": list(self.tries_s),
            "window_s": self.window_s,
            "silence": self.escalate_on_silence,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Step":
        return cls(
            channel=Channel(stored["channel"]),
            phone=stored["phone"],
            phone_key=bytes.fromhex(stored["phone_key"]),
            pool=stored["pool"],
            tries_s=tuple(stored["tries_s"]),
            window_s=stored["window_s"],
            escalate_on_silence=stored["silence"],
        )


def build_route(
    plan: Iterable[RouteStep], phones: Sequence[Phone], keys: Sequence[bytes]
) -> tuple[Step, ...]:
    """The steps for these phones: channel by channel, a landline only where it can be called."""
    return tuple(
        Step(
            channel=part.channel,
            phone=index,
            phone_key=keys[index],
            pool=part.pool,
            tries_s=part.tries_s,
            window_s=part.window_s,
            escalate_on_silence=part.escalate_on_silence,
        )
        for part in plan
        for index in _usable(part.channel, phones)
    )


def _usable(channel: Channel, phones: Sequence[Phone]) -> list[int]:
    return [
        index
        for index, phone in enumerate(phones)
        if channel is Channel.VOICE or phone.kind is PhoneKind.MOBILE
    ][:PHONES_PER_CHANNEL]
