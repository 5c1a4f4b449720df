"""The commands that show what would become of something: a field, a text, a payload, an event."""

import sys
from pathlib import Path

import click

from gateway.commands.frame import explained, print_json, table
from gateway.settings import load_settings


@click.command("demo-event")
@click.option("--phone", default=None, help="Write to this number instead.")
@explained
def demo_event(phone: str | None) -> None:
    """Post one result-ready event to what `baotin up` started."""
    from gateway.demo_event import post_demo_event

    click.echo(post_demo_event(load_settings(), phone))


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
def segments(text: str, *, as_json: bool) -> None:
    """What an SMS text becomes: alphabet, units and billed parts, accented and plain."""
    from gateway.domain.text import explain_segments

    explained = explain_segments(text)
    print_json(explained) if as_json else click.echo(table(explained))


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
def phone(text: str, *, as_json: bool) -> None:
    """Which numbers a phone field holds, and what was made of them."""
    from gateway.domain.recipient import explain

    explained = explain(text)
    print_json(explained) if as_json else click.echo(table(explained))


@click.group()
def sources() -> None:
    """Dossier systems that post their own payloads."""


@sources.command("test")
@click.argument("mapping_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("payload_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="A parameter of the address.")
@click.option("--json", "as_json", is_flag=True)
@explained
def try_source(
    mapping_file: Path, payload_file: Path, query: tuple[str, ...], *, as_json: bool
) -> None:
    """Show what each dossier of a payload would become; nothing is sent or stored."""
    from gateway.administration.administration import try_mapping_file

    rows = try_mapping_file(mapping_file, payload_file, query)
    print_json(rows) if as_json else click.echo(table(rows))
    sys.exit(1 if any(row["becomes"] == "faulty" for row in rows) else 0)
