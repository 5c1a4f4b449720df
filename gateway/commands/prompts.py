"""The commands for recorded prompts."""

import sys

import click

from gateway.commands.frame import complete, explained, print_json, settings_for, table


@click.group()
def prompts() -> None:
    """Recorded prompts for calls in other languages."""


@prompts.command("check")
@click.option("--json", "as_json", is_flag=True)
@explained
def check_prompts(*, as_json: bool) -> None:
    """Each prompt: what it says, its recordings and their length, what is missing, who plays it.

    Ends with status 1 where something is missing or a file cannot be played.
    """
    from gateway.administration import prompt_check

    found = complete(prompt_check.check_prompts(settings_for("prompts")))
    print_json(found) if as_json else click.echo(table(found))
    sys.exit(0 if all(map(prompt_check.is_whole, found)) else 1)
