"""The commands for templates: their rules, files, and what accounts have registered of them."""

import sys
from pathlib import Path

import click

from gateway.commands.frame import complete, explained, settings_for
from gateway.settings import load_settings


@click.group()
def templates() -> None:
    """Message templates."""


@templates.command("lint")
@explained
def lint_templates() -> None:
    """Render all shipped templates against sample data; print texts, segments and findings."""
    from gateway.rendering.lint import lint, lint_report
    from gateway.rendering.publication import shipped
    from gateway.rendering.samples import load_samples
    from gateway.wiring import TEMPLATES, reader_of

    versions, reader = shipped(TEMPLATES), reader_of(load_settings())
    samples = load_samples(TEMPLATES / "samples.toml")
    for row in lint_report(versions, samples, reader):
        parts = f"{row.segments} phần" if row.segments else ""
        click.echo(f"{row.key!s:32} {row.sample:24} {parts:8} {row.text}")
    findings = lint(versions, samples, reader)
    for finding in findings:
        click.echo(str(finding), err=True)
    sys.exit(1 if findings else 0)


@templates.command("registered")
@explained
def registered_templates() -> None:
    """Hold every published SMS, on sample data, against what accounts have registered for it.

    For each account and each unit that writes through it: ok, where the text differs from the
    registered one, or that nothing is registered, so that it goes out as free text. Status 1 where
    a message would be refused.
    """
    from gateway.administration.pools import Pools

    found = complete(Pools(settings_for("templates")).registered())
    for trial in found:
        click.echo(str(trial))
    if not found:
        click.echo("no account in use has registered texts, or needs them")
    sys.exit(1 if any(trial.wrong for trial in found) else 0)


@templates.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@explained
def export_templates(folder: Path) -> None:
    """Write every template in force to a folder, one file each; units' own in a folder of theirs.

    Files of templates that are no longer in force are removed; others are left alone.
    """
    from gateway.administration.template_folders import TemplateFolders

    written = complete(TemplateFolders(settings_for("templates")).write(folder))
    click.echo(f"{len(written)} templates written to {folder}")


@templates.command("import")
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
    from gateway.administration.template_folders import TemplateFolders

    brought = complete(
        TemplateFolders(settings_for("templates")).bring(folder, note, release=release)
    )
    for one in brought:
        if one.state != "same":
            click.echo(f"{one.key}: {one.state}" + (f" ({one.reason})" if one.reason else ""))
    same = sum(one.state == "same" for one in brought)
    click.echo(f"{len(brought)} templates read, {same} of them are in force already")
    sys.exit(1 if any(one.state == "refused" for one in brought) else 0)
