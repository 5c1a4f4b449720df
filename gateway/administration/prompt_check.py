"""A site's recorded prompts beside the texts in force, for the command line."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.administration.reached import ledger_of
from gateway.embedded.attached import with_made_keyring
from gateway.rendering.prompt_use import Played, lacking, prompts_used
from gateway.rendering.prompts import PromptBook, Recording
from gateway.rendering.publication import TemplateKey, TemplateVersion
from gateway.services.live_templates import LiveTemplates
from gateway.settings import Settings
from gateway.wiring import prompts_of


async def check_prompts(settings: Settings) -> list[dict[str, Any]]:
    """One entry per prompt that is in the manifest or played. Raises ConfigurationError for a
    manifest that cannot work."""
    book = prompts_of(settings)
    async with ledger_of(with_made_keyring(settings)) as database:
        templates = LiveTemplates(database, prompts=book.prompts)
        await templates.refresh()
        if not templates.current:
            return entries(book, ())
        renderer = await templates.renderer(templates.current)
    return entries(book, renderer.publication.templates.values())


def entries(book: PromptBook, templates: Iterable[TemplateVersion]) -> list[dict[str, Any]]:
    templates = tuple(templates)
    used, missing = prompts_used(templates), lacking(templates, book)
    names = sorted({*book.words, *(played.prompt for played in used)})
    return [
        {
            "prompt": name,
            "says": book.words.get(name),
            "recorded": [_shown(one) for one in book.recordings_of(name)],
            "missing": {each.language: why for each, why in missing.items() if each.prompt == name},
            "used_by": sorted(_users(name, used)),
        }
        for name in names
    ]


def _users(name: str, used: Mapping[Played, list[TemplateKey]]) -> Iterable[str]:
    return (str(key) for played, keys in used.items() if played.prompt == name for key in keys)


def _shown(one: Recording) -> dict[str, Any]:
    told: dict[str, Any] = {"language": one.language, "path": str(one.path)}
    if one.problem:
        return told | {"problem": one.problem}
    return told | {"file": one.file, "length_s": one.length_s}


def is_whole(entry: dict[str, Any]) -> bool:
    """Whether nothing is missing and every file can be played."""
    return not entry["missing"] and not any("problem" in one for one in entry["recorded"])
