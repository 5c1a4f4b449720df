"""All templates at a glance: what is in force, what is being written, and how much each is used."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.ledger import template_drafts, template_releases, template_use
from gateway.ledger.database import Database
from gateway.ledger.template_drafts import Draft, DraftKey
from gateway.ledger.template_releases import Standing
from gateway.ledger.template_use import Usage

LATELY_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Line:
    """One template. `in_force` None: only a draft, so far. `sent` within the last thirty days."""

    key: DraftKey
    in_force: Standing | None
    draft: Draft | None
    sent: int
    last_at: datetime | None

    @property
    def state(self) -> str:
        """asked, draft or in_force: what concerns staff most."""
        if self.draft is None:
            return "in_force"
        return "asked" if self.draft.asked_by else "draft"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """ "" leaves a field open. `units` None: all units may be seen, else the common ones and
    these."""

    kind: str = ""
    channel: str = ""
    language: str = ""
    unit: str = ""
    state: str = ""
    units: Collection[str] | None = None

    def takes(self, key: DraftKey) -> bool:
        if self.units is not None and key.unit and key.unit not in self.units:
            return False
        wanted = (self.kind, self.channel, self.language)
        found = (key.kind, key.channel, key.language)
        if any(one and one != other for one, other in zip(wanted, found, strict=True)):
            return False
        return not self.unit or key.unit == ("" if self.unit == COMMON else self.unit)


COMMON = "common"


class Listing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(self, wanted: Filter) -> list[Line]:
        """In the order of kinds, channels and languages; units below the common text."""
        async with self._database.connection() as connection:
            in_force = {one.key: one for one in await template_releases.standing(connection)}
            drafts = {one.key: one for one in await template_drafts.every(connection)}
            usage = await template_use.lately(connection, LATELY_DAYS)
        lines = [
            _line(key, in_force.get(key), drafts.get(key), usage)
            for key in {**in_force, **drafts}
            if wanted.takes(key)
        ]
        shown = [one for one in lines if wanted.state in ("", one.state)]
        return sorted(shown, key=lambda line: line.key.columns)

    async def sent_lately(self, key: DraftKey) -> int:
        """How many messages in thirty days this text would have been for."""
        async with self._database.connection() as connection:
            usage = await template_use.lately(connection, LATELY_DAYS)
        return sum(one.sent for one in usage if _concerns(key, one))


def _line(
    key: DraftKey, in_force: Standing | None, draft: Draft | None, usage: Sequence[Usage]
) -> Line:
    used = [one for one in usage if _is_of(key, one)]
    return Line(
        key=key,
        in_force=in_force,
        draft=draft,
        sent=sum(one.sent for one in used),
        last_at=max((one.last_at for one in used), default=None),
    )


def _is_of(key: DraftKey, one: Usage) -> bool:
    """Whether these messages were said in the words of this template."""
    return _same_text(key, one) and (
        (one.own and one.unit == key.unit) or not (one.own or key.unit)
    )


def _concerns(key: DraftKey, one: Usage) -> bool:
    """Whether they would be, had it been in force: a unit's first own text takes over from the
    common one."""
    return _same_text(key, one) and (one.unit == key.unit if key.unit else not one.own)


def _same_text(key: DraftKey, one: Usage) -> bool:
    return (one.kind, one.channel, one.language) == (key.kind, key.channel, key.language)
