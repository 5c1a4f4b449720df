"""A case: a load, a fault that strikes in the middle of it, and what the end must look like."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.survive.books import Verdict
from bench.survive.crowd import Heard
from bench.survive.stage import Stage
from tests.installation import event


@dataclass(frozen=True, kw_only=True)
class Struck:
    """What the fault did: `proof` says so in a few words, and `hit` whether it did. At most
    `in_doubt` attempts may have become unknown; None where the case allows any number."""

    proof: str
    hit: bool
    in_doubt: int | None = None


Events = Sequence[dict[str, Any]]


def one_each(count: int) -> Events:
    """Events about as many people."""
    return [event(number, f"0912{number:06d}") for number in range(count)]


async def as_it_is(_stage: Stage) -> None:
    """Nothing is set up."""


def nothing_more(_verdict: Verdict, _heard: Heard) -> list[str]:
    return []


def untuned(_config: dict[str, Any]) -> None:
    """The sandbox as it comes."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """`before` sets the stage. Notices may only end in `ends_as`, or wait on for a reason of
    `may_wait`; `also` names what else is wrong with the end. `ground` prepares the empty folder of
    the stores and answers what puts it back, or why the case cannot be played here. With `by_hand`,
    a person finishes it, so its recovery has no limit."""

    name: str
    what: str
    strike: Callable[[Stage], Awaitable[Struck]]
    before: Callable[[Stage], Awaitable[None]] = as_it_is
    processes: Sequence[str] = ("api", "worker-1", "worker-2", "clock")
    count: int = 3_000
    events: Callable[[int], Events] = one_each
    rate_per_s: float = 125.0
    copies: int = 1
    ends_within_s: float = 150.0
    ends_as: frozenset[str] = frozenset({"delivered"})
    may_wait: frozenset[str] = frozenset()
    by_hand: bool = False
    also: Callable[[Verdict, Heard], list[str]] = nothing_more
    settings: Mapping[str, str] = field(default_factory=dict)
    tune: Callable[[dict[str, Any]], None] = untuned
    ground: Callable[[Path], "Ground"] | None = None


@dataclass(frozen=True, kw_only=True)
class Ground:
    """`missing` says why the case cannot be played here; `put_back` is called at its end."""

    missing: str = ""
    put_back: Callable[[], None] = lambda: None
