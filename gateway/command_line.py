"""What every command shares: explained errors, settings with logging, and an event loop."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import click

from gateway.errors import BaotinError
from gateway.settings import Settings, load_settings

Result = TypeVar("Result")


def explained(command: Callable[..., Result]) -> Callable[..., Result]:
    """Errors the gateway can explain end a command with one sentence and status 1."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Result:
        try:
            return command(*arguments, **options)
        except BaotinError as error:
            raise click.ClickException(str(error)) from None

    return run


def settings_for(process: str) -> Settings:
    from gateway.logs import configure_logs

    settings = load_settings()
    configure_logs(settings.logs.level, style=settings.logs.format, process=process)
    return settings


def complete(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


def table(value: Any, indent: str = "") -> str:
    """A nested value as indented lines, for people."""
    if isinstance(value, dict):
        return "\n".join(_line(f"{indent}{key}:", item, indent) for key, item in value.items())
    if isinstance(value, list):
        return "\n".join(_line(f"{indent}-", item, indent) for item in value) or f"{indent}(none)"
    return f"{indent}{value}"


def _line(head: str, item: Any, indent: str) -> str:
    if isinstance(item, dict | list) and item:
        return f"{head}\n{table(item, indent + '  ')}"
    return f"{head} {'(none)' if isinstance(item, dict | list) else item}"
