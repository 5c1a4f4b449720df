"""The commands that move templates to files and back."""

import sys
from pathlib import Path

import click

from gateway.command_line import complete, explained, settings_for


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@explained
def export_templates(folder: Path) -> None:
    """Write every template in force to a folder, one file each; units' own in a folder of theirs.

    Files of templates that are no longer in force are removed; others are left alone.
    """
    from gateway.template_folders import TemplateFolders

    written = complete(TemplateFolders(settings_for("templates")).write(folder))
    click.echo(f"{len(written)} templates written to {folder}")


@click.command("import")
@click.argument(
    "folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--release", is_flag=True, help="Put them in force at once; all of them or none.")
@click.option("--note", default="", help="Why; shown with the versions.")
@explained
def import_templates(folder: Path, note: str, *, release: bool) -> None:
    """Read templates from a folder. Those that differ become drafts for the desk.

    A template of which somebody is writing a draft is left alone, and so is one without a file.
    Status 1 where one was left alone for that.
    """
    from gateway.template_folders import TemplateFolders

    brought = complete(
        TemplateFolders(settings_for("templates")).bring(folder, note, release=release)
    )
    for one in brought:
        if one.state != "same":
            click.echo(f"{one.key}: {one.state}" + (f" ({one.reason})" if one.reason else ""))
    same = sum(one.state == "same" for one in brought)
    click.echo(f"{len(brought)} templates read, {same} of them are in force already")
    sys.exit(1 if any(one.state == "refused" for one in brought) else 0)
