"""From a sealed notification to the words of its current step, and back to what was said."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

import orjson

from gateway.domain.call import CallScript, words_of
from gateway.domain.channel import Channel
from gateway.domain.check_code import check_code
from gateway.domain.dossier import EventKind
from gateway.domain.message import Body, SmsBody, VoiceBody, ZaloBody
from gateway.domain.notification import Claimed
from gateway.rendering.facts import Surroundings, facts_of
from gateway.sealing import Sealer
from gateway.services import payload as payloads
from gateway.services.database_clock import DatabaseClock
from gateway.services.live_templates import LiveTemplates
from gateway.services.payload import Payload


class Told(Protocol):
    """A notification, as far as its text depends on it."""

    @property
    def kind(self) -> str: ...

    @property
    def unit(self) -> str: ...
    @property
    def publication(self) -> int: ...
    @property
    def reference_seed(self) -> bytes: ...


class Compose:
    """Opens what was sealed and renders it by the publication it was accepted under."""

    def __init__(
        self,
        *,
        templates: LiveTemplates,
        surroundings: Callable[[], Surroundings],
        sealer: Sealer,
        clock: DatabaseClock,
    ) -> None:
        self._templates = templates
        self._surroundings = surroundings
        self._sealer = sealer
        self._clock = clock

    async def message(self, claimed: Claimed) -> tuple[Payload, Body]:
        """Raises RenderError or DirectoryError where the text cannot be made."""
        payload = self.payload(claimed.id, claimed.sealed, claimed.seal_key)
        return payload, await self.render(payload, claimed, claimed.current.channel)

    async def call_script(self, payload: Payload, about: Told) -> CallScript:
        body = await self.render(payload, about, Channel.VOICE)
        assert isinstance(body, VoiceBody)
        return body.script

    async def render(self, payload: Payload, about: Told, channel: Channel) -> Body:
        renderer = await self._templates.renderer(about.publication)
        event, kind = payload.event, EventKind(about.kind)
        facts = facts_of(
            event,
            payload.recipient,
            self._surroundings(),
            self._clock(),
            check_code(about.reference_seed),
        )
        return renderer.render(kind, channel, event.language, about.unit, facts)

    def payload(self, notification_id: UUID, sealed: bytes, seal_key: int) -> Payload:
        return payloads.read(self._sealer.open(sealed, seal_key, notification_id.bytes))

    def sealed_text(self, claimed: Claimed, body: Body, difference: str = "") -> tuple[bytes, int]:
        """What is about to be said, sealed to its attempt; or where it is not what may be said."""
        text = said(body) | ({"difference": difference} if difference else {})
        plain = orjson.dumps(text)
        return self._sealer.seal(plain, text_bound_to(claimed.id, claimed.step, claimed.try_no))

    def opened_text(self, about: tuple[UUID, int, int], sealed: bytes, seal_key: int) -> Any:
        return orjson.loads(self._sealer.open(sealed, seal_key, text_bound_to(*about)))


def text_bound_to(notification_id: UUID, step: int, try_no: int) -> bytes:
    return notification_id.bytes + bytes((step, try_no))


def said(body: Body) -> dict[str, Any]:
    """A rendered message as people read it later."""
    match body:
        case SmsBody():
            return {"text": body.text}
        case ZaloBody():
            return {"template": body.template, "params": dict(body.params)}
        case VoiceBody(script=script):
            said = [words_of((part,)) for part in script.core]
            return {"said": said, "asked": words_of(script.ask.prompt)}
