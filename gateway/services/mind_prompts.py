"""Tells operators which prompts of the texts in force were not recorded in their language.

Looked for in the texts, whenever others come into force, and not when somebody is called: an alert
then would say in which language.
"""

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger import alerts
from gateway.ledger.database import Database
from gateway.rendering.prompt_use import lacking
from gateway.rendering.prompts import PromptBook
from gateway.services.alarm import Alarm
from gateway.services.live_templates import LiveTemplates

_KIND = AlertKind.PROMPT_MISSING


class MindPrompts:
    def __init__(
        self, *, database: Database, templates: LiveTemplates, book: PromptBook, alarm: Alarm
    ) -> None:
        self._database = database
        self._templates = templates
        self._book = book
        self._alarm = alarm
        self._seen = 0

    async def look(self) -> None:
        """Raise what is missing, end what is not; a statement or two for each new publication."""
        number = self._templates.current
        if number == self._seen:
            return
        renderer = await self._templates.renderer(number)
        missing = lacking(renderer.publication.templates.values(), self._book)
        for played, problem in missing.items():
            self._alarm.note(Alert(kind=_KIND, subject=str(played), detail=problem))
        await self._alarm.tell()
        await self._end_all_but({str(played) for played in missing})
        self._seen = number

    async def _end_all_but(self, missing: set[str]) -> None:
        async with self._database.connection() as connection:
            found = await alerts.open_of(connection, _KIND)
        for subject in found.keys() - missing:
            await self._alarm.over(_KIND, subject)
