"""What stands at the head of every page while something is paused: what, why, by whom, since when.

Somebody limited to units is told of theirs and of what all units share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.directory import Directory
from gateway.domain.staff import Staff
from gateway.ledger.pauses import Pause
from gateway.services.pauses import CHANNEL, UNIT
from gateway.web.console.words_book import Words


@dataclass(frozen=True, kw_only=True)
class Told:
    """One pause in words; `target` is what a form says to end it."""

    target: str
    what: str
    reason: str
    who: str
    since: datetime
    theirs: bool


def told(
    paused: Sequence[Pause], staff: Staff | None, words: Words, directory: Directory
) -> Sequence[Told]:
    """Those that this person is told of."""
    if staff is None:
        return ()
    return [
        _told(one, staff, words, directory)
        for one in paused
        if one.scope != UNIT or staff.may_see(one.code)
    ]


def _told(one: Pause, staff: Staff, words: Words, directory: Directory) -> Told:
    return Told(
        target=f"{one.scope}:{one.code}",
        what=words("pause.drained", code=one.code)
        if one.drains
        else words(f"pause.scope.{one.scope}", code=_named(one, words, directory)),
        reason=words.if_known(f"pause.reason.{one.reason}", one.reason),
        who=one.actor.removeprefix("user:"),
        since=one.since,
        theirs=staff.sees_all_units or (one.scope == UNIT and staff.may_see(one.code)),
    )


def _named(one: Pause, words: Words, directory: Directory) -> str:
    if one.scope == CHANNEL:
        return words(f"channel.{one.code}")
    unit = directory.units.get(one.code) if one.scope == UNIT else None
    return unit.name if unit else one.code
