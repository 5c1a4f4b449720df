"""Which templates play which prompts, and what they lack to be heard in their language.

This is known from the templates alone. So what is missing can be told by name and language without
anybody having wished for it; told when a call is made, it would say in which language somebody was
called.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.domain.channel import Channel
from gateway.rendering.prompts import PromptBook
from gateway.rendering.publication import TemplateKey, TemplateVersion
from gateway.rendering.text import prompts_played


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Played:
    """A prompt in the language of the templates that play it."""

    prompt: str
    language: str

    def __str__(self) -> str:
        return f"{self.prompt}/{self.language}"


def prompts_used(templates: Iterable[TemplateVersion]) -> Mapping[Played, list[TemplateKey]]:
    used: defaultdict[Played, list[TemplateKey]] = defaultdict(list)
    for version in templates:
        if version.key.channel is Channel.VOICE:
            for name in prompts_played(version.body):
                used[Played(prompt=name, language=version.key.language)].append(version.key)
    return used


def lacking(templates: Iterable[TemplateVersion], book: PromptBook) -> dict[Played, str]:
    """What is heard in Vietnamese, or not at all, and why."""
    return {
        played: book.problem(played.prompt, played.language)
        for played in sorted(prompts_used(templates))
        if played.prompt not in book.prompts
        or book.prompts[played.prompt].is_lacking(played.language)
    }
