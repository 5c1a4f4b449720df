"""Real dossiers at the desk: the latest one, masked, for a preview; and what sources really send.

Whoever looks at one is in the audit. What is kept for the next strokes is masked already.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.dossier import DossierEvent, Party
from gateway.errors import DirectoryError
from gateway.ledger import audit, recent
from gateway.ledger.database import Database
from gateway.ledger.recent import SealedNotice
from gateway.rendering.facts import Facts, Surroundings, facts_of
from gateway.rendering.naming import OPTIONAL
from gateway.rendering.proof import Example
from gateway.services.minting import mint
from gateway.services.payload import Payload

_KEPT_S = 600.0
_MOST_KEPT = 500
_LOOKED_AT = 100
_Opened = Callable[[UUID, bytes, int], Payload]


@dataclass(frozen=True, kw_only=True)
class Lack:
    """Of `looked_at` recent dossiers of a source, `without` came without this word."""

    word: str
    source: str
    without: int
    looked_at: int


class RecentDossiers:
    def __init__(
        self,
        *,
        database: Database,
        opened: _Opened,
        surroundings: Callable[[], Surroundings],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._opened = opened
        self._surroundings = surroundings
        self._now = now
        self._kept: dict[tuple[str, str, str], tuple[float, Example]] = {}

    async def latest(
        self, kind: str, unit: str, units: Sequence[str] | None, by: str
    ) -> Example | None:
        """The newest dossier of this kind that `by` may see, masked. A look is in the audit, and
        counts for some minutes."""
        key = (by, kind, unit)
        kept = self._kept.get(key)
        if kept and time.monotonic() - kept[0] < _KEPT_S:
            return kept[1]
        wanted = [unit] if unit else units
        async with self._database.connection() as connection:
            found = await recent.latest(connection, kind, wanted, 1)
        if not found:
            return None
        async with self._database.connection() as connection:
            await audit.write(
                connection,
                audit.Entry(
                    id=mint(), actor=by, action="template.recent", notification_id=found[0].id
                ),
            )
        example = self._example(found[0])
        if example is None:
            return None
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = time.monotonic(), example
        return example

    async def lacking(self, kind: str, unit: str, words: frozenset[str], by: str) -> list[Lack]:
        """Which of these words recent dossiers came without, source by source. Nobody is shown
        anything of them."""
        words &= OPTIONAL
        if not words:
            return []
        async with self._database.connection() as connection:
            found = await recent.latest(connection, kind, [unit] if unit else None, _LOOKED_AT)
            if found:
                entry = audit.Entry(id=mint(), actor=by, action="template.facts", found=len(found))
                await audit.write(connection, entry)
        return list(self._lacks(found, words))

    def _lacks(self, found: Sequence[SealedNotice], words: frozenset[str]) -> Iterator[Lack]:
        looked_at: Counter[str] = Counter()
        without: Counter[tuple[str, str]] = Counter()
        for one in found:
            facts = self._facts(self._opened(one.id, one.sealed, one.seal_key), one.unit)
            if facts is None:
                continue
            looked_at[one.source] += 1
            without.update((word, one.source) for word in words if not getattr(facts, word))
        for (word, source), count in sorted(without.items()):
            yield Lack(word=word, source=source, without=count, looked_at=looked_at[source])

    def _facts(self, payload: Payload, unit: str) -> Facts | None:
        """None for a dossier whose unit or place is not in the directory any more."""
        event = replace(payload.event, unit=unit)
        try:
            return facts_of(event, payload.recipient, self._surroundings(), self._now())
        except DirectoryError:
            return None

    def _example(self, one: SealedNotice) -> Example | None:
        payload = masked(self._opened(one.id, one.sealed, one.seal_key))
        facts = self._facts(payload, one.unit)
        return Example(name=RECENT, facts=facts) if facts else None


RECENT = "hồ sơ thật gần đây (đã che)"
_LETTERS = re.compile(r"(?<=\w)\w")
_DIGITS = re.compile(r"\d(?=\d{0,5}$)")


def masked(payload: Payload) -> Payload:
    """The same lengths, so that parts and prices are true, and nobody to be known by them."""
    event = payload.event
    return replace(payload, event=_masked_event(event), recipient=_masked_party(payload.recipient))


def _masked_event(event: DossierEvent) -> DossierEvent:
    details = event.details
    return replace(
        event,
        dossier_code=_DIGITS.sub("0", event.dossier_code),
        applicant=_masked_party(event.applicant),
        authorised=_masked_party(event.authorised) if event.authorised else None,
        details=replace(
            details,
            reason=_masked(details.reason) if details.reason else None,
            items=tuple(map(_masked, details.items)),
        ),
    )


def _masked_party(party: Party) -> Party:
    return replace(party, name=_masked(party.name), phones=())


def _masked(text: str) -> str:
    """`Nguyễn Thị` as `Nxxxxx Txx`: letters that every alphabet of SMS has."""
    return _LETTERS.sub("x", text)
