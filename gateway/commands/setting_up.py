"""The commands that set an installation up: its schema, its directory, its settings."""

from pathlib import Path

import click

from gateway.commands.frame import complete, explained, settings_for
from gateway.settings import load_settings


@click.command()
@explained
def migrate() -> None:
    """Bring the ledger's schema to this version and publish the shipped templates."""
    from gateway.administration.administration import migrate_and_publish

    click.echo(migrate_and_publish(settings_for("migrate")))


@click.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@explained
def apply_file(file: Path, *, yes: bool, dry_run: bool) -> None:
    """Make the directory in the ledger equal to a TOML file."""
    from gateway.administration.administration import Administration

    administration = Administration(settings_for("apply"))
    seen, found = complete(administration.differences(file))
    for difference in found:
        click.echo(str(difference))
    if not found:
        click.echo("nothing to change")
    elif not dry_run and (yes or click.confirm("apply?")):
        complete(administration.apply(file, seen))
        click.echo(f"{len(found)} entries changed")


@click.command("check-config")
@explained
def check_config() -> None:
    """Read the settings as every process does, and say what is wrong."""
    from gateway.wiring import line_texts_of, prompts_of, reader_of

    settings = load_settings()
    reader_of(settings)
    line_texts_of(settings)
    prompts_of(settings)
    click.echo("the settings are complete")


@click.group()
def docs() -> None:
    """Pages of the documentation that are made from what they describe."""


@docs.command("configuration")
def configuration_docs() -> None:
    """Every setting, from config/default.toml, as Markdown."""
    from gateway.settings.manual import configuration_page

    click.echo(configuration_page(), nl=False)
