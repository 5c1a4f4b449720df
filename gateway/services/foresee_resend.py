"""What would become of many notices if they were sent again now, in this order: as if it were done,
without doing it, and in a few statements however many they are."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from gateway.domain.directory import Directory, Source
from gateway.domain.staff import Staff
from gateway.intake.problems import RequestRefused
from gateway.ledger import dossiers, reading, resends
from gateway.ledger.database import Connection, Database
from gateway.ledger.reading import Found
from gateway.ledger.resends import Family, LastReport
from gateway.services.booking import MODE_LIVE
from gateway.services.payload import Payload
from gateway.services.rehearsal import MODE_TEST
from gateway.services.resend_check import ResendCheck, Wish, mode_of

# So many are opened before everybody else has a turn.
_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """One that is opened; where the last report about its dossier is found, and whatever says the
    same."""

    found: Found
    source: Source
    content: Payload
    dossier_keys: Sequence[bytes]
    once_keys: Sequence[bytes]


@dataclass(kw_only=True)
class _Sent:
    """What would have been sent before: families, in which modes, and what was said by them."""

    modes: dict[UUID, set[str]] = field(default_factory=dict)
    said: set[bytes] = field(default_factory=set)

    def is_in_the_way(self, first: UUID, mode: str) -> bool:
        before = self.modes.get(first, set())
        return MODE_LIVE in before or (mode == MODE_TEST and bool(before))

    def add(self, first: UUID, mode: str) -> None:
        self.modes.setdefault(first, set()).add(mode)


class ForeseeResend:
    def __init__(
        self, *, database: Database, check: ResendCheck, directory: Callable[[], Directory]
    ) -> None:
        self._database = database
        self._check = check
        self._directory = directory

    async def refusals(self, staff: Staff, ids: Sequence[UUID], wish: Wish) -> list[str]:
        """What is in the way of each, as a word; empty for one that will be sent."""
        words: list[str] = []
        sent = _Sent()
        async with self._database.connection() as connection:
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                words += await self._some(connection, staff, some, wish, sent)
                await asyncio.sleep(0)
        return words

    async def _some(
        self, connection: Connection, staff: Staff, ids: Sequence[UUID], wish: Wish, sent: _Sent
    ) -> list[str]:
        found = await reading.several(connection, ids)
        opened = [self._opened(staff, found.get(one), wish) for one in ids]
        candidates = [one for one in opened if isinstance(one, _Candidate)]
        families = await resends.families(connection, [one.found.id for one in candidates])
        reports = await resends.last_reports(
            connection, [key for one in candidates for key in one.dossier_keys]
        )
        once = [key for one in candidates for key in one.once_keys]
        sent.said |= await dossiers.said(connection, once)
        return [
            one if isinstance(one, str) else self._word(one, wish, families, reports, sent)
            for one in opened
        ]

    def _opened(self, staff: Staff, found: Found | None, wish: Wish) -> _Candidate | str:
        if found is None or not staff.may_see(found.unit):
            return "no_such_notification"
        source = self._directory().sources.get(found.source)
        if source is None:
            return "source_gone"
        try:
            content = self._check.content(found, source, wish)
        except RequestRefused as refused:
            return refused.refusal.code
        return _Candidate(
            found=found,
            source=source,
            content=content,
            dossier_keys=self._check.dossier_keys(found, content, source),
            once_keys=self._check.once_keys(found, content, source),
        )

    def _word(
        self,
        one: _Candidate,
        wish: Wish,
        families: Mapping[UUID, Family],
        reports: Mapping[bytes, LastReport],
        sent: _Sent,
    ) -> str:
        family, mode = families[one.found.id], mode_of(one.found, MODE_LIVE)
        may_reach = family.may_reach_somebody(mode) or sent.is_in_the_way(family.first, mode)
        last = resends.last_of(reports, one.dossier_keys)
        try:
            self._check.require_unreached(may_reach_somebody=may_reach)
            was_said = not sent.said.isdisjoint(one.once_keys)
            self._check.require_due(one.found, one.content, last, was_said=was_said)
            self._check.route(one.found, one.content, one.source, wish, self._check.now())
        except RequestRefused as refused:
            return refused.refusal.code
        sent.add(family.first, mode)
        sent.said.update(one.once_keys)
        return ""
