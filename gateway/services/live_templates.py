"""The publications as this process sees them: renderers by number, and which one is in force."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import structlog

from gateway.domain.call import NO_PROMPTS, Prompts
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.speech import READER, Reader
from gateway.errors import LedgerUnavailable, RenderError
from gateway.ledger import templates as stored
from gateway.ledger.database import Database
from gateway.ledger.templates import StoredTemplate
from gateway.rendering.publication import Publication, TemplateKey, TemplateVersion, shipped
from gateway.rendering.renderer import Renderer

log = structlog.get_logger()

_LOOK_EVERY_S = 1.0
# Messages wait under a few publications at a time; old messages are looked at now and then.
_MOST_KEPT = 16


class LiveTemplates:
    """Renderers are made once per publication and kept as long as they are asked for: versions
    never change, and `prompts` are those of the process."""

    def __init__(
        self, database: Database, reader: Reader = READER, prompts: Prompts = NO_PROMPTS
    ) -> None:
        self._database = database
        self._reader = reader
        self._prompts = prompts
        self._renderers: OrderedDict[int, Renderer] = OrderedDict()
        self.current = 0

    async def refresh(self) -> None:
        async with self._database.connection() as connection:
            self.current = await stored.latest(connection)

    async def follow(self) -> None:
        """Keep `current` fresh until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await self.refresh()
            except LedgerUnavailable:
                log.warning("publication_not_refreshed")

    async def renderer(self, publication: int) -> Renderer:
        """Raises RenderError for a number that was never published."""
        found = self._renderers.get(publication)
        if found is None:
            async with self._database.connection() as connection:
                templates = await stored.read(connection, publication)
            if not templates:
                raise RenderError(f"publication {publication} does not exist")
            known = _publication(publication, templates)
            found = Renderer(known, self._reader, self._prompts)
        self._keep(publication, found)
        return found

    def _keep(self, publication: int, renderer: Renderer) -> None:
        """As the last one asked for. What has not been asked for longest goes, but never the one
        that new messages are made with."""
        self._renderers[publication] = renderer
        self._renderers.move_to_end(publication)
        if len(self._renderers) > _MOST_KEPT:
            del self._renderers[next(one for one in self._renderers if one != self.current)]


def _publication(number: int, templates: Sequence[StoredTemplate]) -> Publication:
    versions = [
        TemplateVersion(
            key=TemplateKey(
                kind=EventKind(one.kind),
                channel=Channel(one.channel),
                language=one.language,
                unit=one.unit or None,
            ),
            version=one.version,
            body=one.body,
        )
        for one in templates
    ]
    return Publication(number=number, templates={one.key: one for one in versions})


async def publish_shipped(database: Database, directory: Path) -> int | None:
    """Publish the shipped templates that no person has put in force since they were last shipped,
    be it in words that were once shipped: going back to such a text is a choice, too.

    Answers the new publication's number, or None if everything shipped is already in force.
    """
    async with database.transaction() as connection:
        await stored.lock(connection)
        number = await stored.latest(connection)
        in_force = {_name(one): one for one in await stored.read(connection, number)}
        changed = 0
        for version in shipped(directory):
            one = _stored(version)
            before = in_force.get(_name(one))
            if before is not None and (before.body == one.body or before.created_by != SHIPPED_BY):
                continue
            in_force[_name(one)] = await stored.add_version(connection, one, SHIPPED_BY)
            changed += 1
        if not changed:
            return None
        note = f"{changed} shipped templates"
        return await stored.publish(connection, list(in_force.values()), SHIPPED_BY, note)


SHIPPED_BY = "baotin"


def _name(one: StoredTemplate) -> tuple[str, str, str, str]:
    return one.kind, one.channel, one.language, one.unit


def _stored(version: TemplateVersion) -> StoredTemplate:
    return StoredTemplate(
        kind=str(version.key.kind),
        channel=str(version.key.channel),
        language=version.key.language,
        unit=version.key.unit or "",
        version=0,
        body=version.body,
    )
