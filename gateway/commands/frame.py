"""What every command shares: explained errors, settings with logging, an event loop, answers as
lines or JSON, and persons asked for instead of written behind an option."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
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
    if settings.metrics.dir and settings.metrics.dir.is_dir():
        # Read when the first metric is made, which is after this.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.metrics.dir.resolve()))
    configure_logs(settings.logs.level, style=settings.logs.format, process=process)
    return settings


@contextmanager
def traced(settings: Settings, process: str) -> Iterator[None]:
    """Record spans for as long as the process works, where the settings want it."""
    from gateway import tracing

    tracing.start(settings.traces.endpoint, settings.traces.share, process)
    try:
        yield
    finally:
        tracing.stop()


def complete(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


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


# Where a person stands behind an option, a shell history and a list of processes would keep it.
_ASK = "-"


def _asked_for(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A value of its own, or one line from standard input; a terminal is asked without echo."""
    if value != _ASK:
        return value
    if sys.stdin.isatty():
        return str(click.prompt(str(option.name), hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def person(name: str, text: str) -> click.Option:
    """An option that may stand without a value, which is then read from standard input."""
    return click.Option(
        [f"--{name}"], is_flag=False, flag_value=_ASK, callback=_asked_for, help=text
    )
