"""From a publication and facts to a message ready for a provider. Compiles each template once."""

from typing import Protocol

from gateway.domain.call import NO_PROMPTS, Prompts, words_of
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.message import Body, SmsBody, VoiceBody, ZaloBody
from gateway.domain.speech import READER, Reader
from gateway.errors import DoesNotFit, RenderError
from gateway.rendering.facts import Facts
from gateway.rendering.grammar import Fault, Refused
from gateway.rendering.publication import (
    DEFAULT_LANGUAGE,
    Publication,
    TemplateKey,
    TemplateVersion,
)
from gateway.rendering.sms import SmsTemplate
from gateway.rendering.voice import VoiceTemplate
from gateway.rendering.zalo import ZaloTemplate


class Ready(Protocol):
    """A template that was read, checked and compiled for its channel."""

    def body(self, facts: Facts) -> Body: ...


def ready(
    version: TemplateVersion, reader: Reader = READER, prompts: Prompts = NO_PROMPTS
) -> Ready:
    """Raises RenderError with the template and the line of what is wrong in it."""
    try:
        return prepare(version.key.channel, version.body, reader, version.key.language, prompts)
    except Refused as refusal:
        raise _error(version, refusal) from None


def prepare(
    channel: Channel,
    body: str,
    reader: Reader = READER,
    language: str = DEFAULT_LANGUAGE,
    prompts: Prompts = NO_PROMPTS,
) -> Ready:
    """Raises Refused, which says more of what is wrong than a RenderError tells."""
    match channel:
        case Channel.SMS:
            return SmsTemplate(body)
        case Channel.ZALO:
            return ZaloTemplate(body)
        case Channel.VOICE:
            return VoiceTemplate(body, reader, language, prompts)


class Renderer:
    """Renders by one publication. Cheap to keep: one per publication number and process."""

    def __init__(
        self, publication: Publication, reader: Reader = READER, prompts: Prompts = NO_PROMPTS
    ) -> None:
        self.publication = publication
        self._reader = reader
        self._prompts = prompts
        self._ready: dict[TemplateKey, Ready] = {}

    def render(
        self, kind: EventKind, channel: Channel, language: str, unit: str | None, facts: Facts
    ) -> Body:
        """Raises RenderError, which says where a template is wrong and never quotes a fact; it is
        DoesNotFit where another channel may take what this one does not."""
        version = self.find(kind, channel, language, unit)
        return render(version, self.prepared(version), facts)

    def find(
        self, kind: EventKind, channel: Channel, language: str, unit: str | None
    ) -> TemplateVersion:
        """As the publication finds it; but no text in another language that cannot be used, since
        everybody can be told in Vietnamese. Raises RenderError where there is none."""
        version = self.publication.find(kind, channel, language, unit)
        if version.key.language == DEFAULT_LANGUAGE:
            return version
        try:
            self.prepared(version)
        except RenderError:
            return self.publication.find(kind, channel, DEFAULT_LANGUAGE, unit)
        return version

    def prepared(self, version: TemplateVersion) -> Ready:
        if version.key not in self._ready:
            self._ready[version.key] = ready(version, self._reader, self._prompts)
        return self._ready[version.key]


def render(version: TemplateVersion, prepared: Ready, facts: Facts) -> Body:
    try:
        return prepared.body(facts)
    except Refused as refusal:
        raise _error(version, refusal) from None


def shown(prepared: Ready, body: Body) -> str:
    """All that a citizen reads or hears."""
    match body:
        case SmsBody():
            return body.text
        case ZaloBody():
            assert isinstance(prepared, ZaloTemplate)
            return prepared.shown(body)
        case VoiceBody():
            return _spoken(body)


def _spoken(body: VoiceBody) -> str:
    script = body.script
    answers = (script.on_understood, script.on_declined, script.on_silence, script.on_other_key)
    core = (words_of((part,)) for part in script.core)
    return "\n".join((*core, *map(words_of, (script.ask.prompt, *answers))))


def _error(version: TemplateVersion, refusal: Refused) -> RenderError:
    """Names the template without its language, which would tell of whoever it was rendered for."""
    key, own = version.key, f"/{version.key.unit}" if version.key.unit else ""
    where = f"{key.kind}/{key.channel}{own} version {version.version}, line {refusal.line}"
    kind_of = DoesNotFit if refusal.fault is Fault.TOO_LONG else RenderError
    return kind_of(f"{where}: {refusal.problem}")
