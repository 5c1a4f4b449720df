"""The commands for what dossier systems are told by callback."""

import click

from gateway.commands.frame import complete, explained, print_json, settings_for, table


@click.group()
def callbacks() -> None:
    """What dossier systems are owed by callback."""


@callbacks.command("list")
@click.argument("source", required=False)
@click.option("--limit", default=50, help="At most so many that were given up.")
@click.option("--json", "as_json", is_flag=True)
@explained
def list_callbacks(source: str | None, limit: int, *, as_json: bool) -> None:
    """The queue of each source, and the callbacks that were given up."""
    from gateway.administration.administration import Administration

    listed = complete(Administration(settings_for("callbacks")).list_callbacks(source, limit))
    print_json(listed) if as_json else click.echo(table(listed))


@callbacks.command("redrive")
@click.argument("source", required=False)
@click.option("--notification", default=None, help="Only those of this one (ntf_…).")
@explained
def redrive_callbacks(source: str | None, notification: str | None) -> None:
    """Post again now what was given up or waits for its next try; also after a 410."""
    from gateway.administration.administration import Administration

    count = complete(
        Administration(settings_for("callbacks")).redrive_callbacks(source, notification)
    )
    click.echo(f"{count} callbacks go out again")
