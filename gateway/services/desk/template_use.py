"""Counting which words went out, in every worker; added to the ledger every few seconds.

A statistic: what a process counted in its last seconds is lost where it is killed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime

import structlog

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.hours import local
from gateway.errors import BaotinError
from gateway.ledger import template_use as stored
from gateway.ledger.database import Database
from gateway.ledger.template_use import Used
from gateway.rendering.publication import DEFAULT_LANGUAGE
from gateway.services.live_templates import LiveTemplates

log = structlog.get_logger()

_EVERY_S = 5.0
_Said = tuple[str, Channel, str, str, int, date]


class TemplateUse:
    def __init__(
        self, database: Database, templates: LiveTemplates, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._templates = templates
        self._clock = clock
        self._counts: defaultdict[_Said, int] = defaultdict(int)

    def count(
        self, kind: str, channel: Channel, language: str, unit: str, publication: int
    ) -> None:
        """A message left, or may have."""
        day = local(self._clock()).date()
        self._counts[kind, channel, language, unit, publication, day] += 1

    async def follow(self) -> None:
        """Add what was counted until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.add()
            except Exception as error:
                # This goes on for as long as the process lives.
                log.warning("template_use_not_added", error=type(error).__name__)

    async def add(self) -> None:
        """To the ledger; once it is away, later."""
        if not self._counts:
            return
        counts, self._counts = self._counts, defaultdict(int)
        try:
            used = [one for said, sent in counts.items() if (one := await self._used(said, sent))]
            if used:
                async with self._database.connection() as connection:
                    await stored.add(connection, _summed(used))
        except BaotinError:
            for said, sent in counts.items():
                self._counts[said] += sent
            raise

    async def _used(self, said: _Said, sent: int) -> Used | None:
        """Not of a text in another language: what is counted by day and unit would tell by whom it
        was wished for."""
        kind, channel, language, unit, publication, day = said
        renderer = await self._templates.renderer(publication)
        found = renderer.find(EventKind(kind), channel, language, unit)
        if found.key.language != DEFAULT_LANGUAGE:
            return None
        return Used(
            kind=kind,
            channel=channel.value,
            language=found.key.language,
            unit=unit,
            own=found.key.unit is not None,
            day=day,
            sent=sent,
            last_at=self._clock(),
        )


def _summed(used: list[Used]) -> list[Used]:
    """One row may be changed once in a statement: two publications can have the same template."""
    rows: dict[tuple[str, str, str, str, bool, date], Used] = {}
    for one in used:
        key = (one.kind, one.channel, one.language, one.unit, one.own, one.day)
        before = rows.get(key)
        rows[key] = one if before is None else _added(before, one)
    return list(rows.values())


def _added(before: Used, one: Used) -> Used:
    return Used(
        kind=one.kind,
        channel=one.channel,
        language=one.language,
        unit=one.unit,
        own=one.own,
        day=one.day,
        sent=before.sent + one.sent,
        last_at=max(before.last_at, one.last_at),
    )
