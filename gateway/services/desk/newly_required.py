"""A text that begins to rely on a word: which sources do not send it, by their mappings or by what
their recent events had."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory, Source
from gateway.domain.dossier import EventKind
from gateway.intake.mapping import Mapping as SourceMapping
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.fields import take_apart
from gateway.rendering.grammar import Refused
from gateway.rendering.naming import OPTIONAL, required
from gateway.services.desk.recent import Lack, RecentDossiers


@dataclass(frozen=True, kw_only=True)
class Warned:
    """One word that the text did not need before, and why that may leave a hole."""

    word: str
    vi: str
    en: str

    def sentence(self, language: str) -> str:
        return self.en if language == "en" else self.vi


class NewlyRequired:
    def __init__(
        self,
        *,
        directory: Callable[[], Directory],
        mappings: Mapping[str, SourceMapping],
        recent: RecentDossiers,
    ) -> None:
        self._directory = directory
        self._mappings = mappings
        self._recent = recent

    async def warnings(self, key: DraftKey, body: str, body_in_force: str, by: str) -> list[Warned]:
        """Once for each word and source; nothing for a word that every source sends."""
        channel = Channel(key.channel)
        words = (_required(channel, body) - _required(channel, body_in_force)) & OPTIONAL
        if not words:
            return []
        never = dict(self._never(EventKind(key.kind), key.unit, words))
        lacks = await self._recent.lacking(key.kind, key.unit, words, by)
        seen = [_seen(one) for one in lacks if (one.word, one.source) not in never]
        return sorted([*never.values(), *seen], key=lambda one: one.word)

    def _never(
        self, kind: EventKind, unit: str, words: frozenset[str]
    ) -> Iterator[tuple[tuple[str, str], Warned]]:
        for source in self._directory().sources.values():
            mapping = self._mappings.get(source.mapping or "")
            if mapping is None or (unit and unit not in source.units):
                continue
            for word in words & mapping.never_tells(kind):
                yield (word, source.code), _never(word, source)


def _required(channel: Channel, body: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for field in take_apart(channel, body).fields:
        if field.is_template:
            with suppress(Refused):
                found |= required(field.text)
    return found


def _never(word: str, source: Source) -> Warned:
    return Warned(
        word=word,
        vi=f"Mẫu tin nay cần “{word}”, nhưng hệ thống {source.name} không bao giờ gửi giá trị này:"
        f" câu ấy sẽ hụt chữ. Hãy đặt trong {{% if {word} %}} … {{% endif %}}.",
        en=f"The text now needs “{word}”, which {source.name} never sends: that sentence will have"
        f" a hole. Put it into {{% if {word} %}} … {{% endif %}}.",
    )


def _seen(one: Lack) -> Warned:
    return Warned(
        word=one.word,
        vi=f"Mẫu tin nay cần “{one.word}”, nhưng {one.without}/{one.looked_at} hồ sơ gần đây của"
        f" {one.source} không có. Hãy đặt trong {{% if {one.word} %}} … {{% endif %}}.",
        en=f"The text now needs “{one.word}”, which {one.without} of {one.looked_at} recent"
        f" dossiers of {one.source} lacked. Put it into {{% if {one.word} %}} … {{% endif %}}.",
    )
