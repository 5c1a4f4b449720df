"""The commands for people's data: erasing somebody, and rotating the keys that seal and hash."""

import json

import click

from gateway.command_line import complete, explained, person, settings_for


def _erase(
    phone: str | None,
    name: str | None,
    dossier: str | None,
    source: str | None,
    *,
    why: str,
    yes: bool,
) -> None:
    """Erase a person from the ledger; what was sent and when stays, to whom does not.

    Give --phone, or --name with --dossier, or --dossier alone. Without a value each is asked for,
    or read as a line of standard input, so that nobody stands in a shell history.
    """
    from gateway.privacy import PersonalData
    from gateway.services.erase import Whom

    personal = PersonalData(settings_for("erase"))
    whom = Whom(phone=phone, name=name, dossier=dossier, source=source)
    if not yes:
        notices, rows = complete(personal.count(whom))
        listed = f" and {rows} rows of uploaded lists" if rows else ""
        click.confirm(f"erase {notices} notifications{listed}?", abort=True)
    erasure = complete(personal.erase(whom, why))
    click.echo(json.dumps(erasure.as_json(), ensure_ascii=False, indent=1))
    click.echo(str(erasure), err=True)


erase = click.Command(
    "erase",
    callback=explained(_erase),
    help=_erase.__doc__,
    params=[
        person("phone", "Everything that names this number."),
        person("name", "Whole words, with or without accents; only with --dossier."),
        person("dossier", "Everything about this dossier."),
        click.Option(["--source"], help="Only what this source reported."),
        click.Option(["--why"], default="", help="Stands in the audit; name nobody."),
        click.Option(["--yes"], is_flag=True, help="Do not ask."),
    ],
)

_PURPOSE = click.Choice(["seal", "hash"])
_REST = click.option(
    "--rest",
    default=1.0,
    type=click.FloatRange(min=0),
    help="Pause after each page, as a share of the time it took.",
)


@click.command("rotate")
@click.argument("purpose", type=_PURPOSE)
@explained
def rotate(purpose: str) -> None:
    """Make a new key and write under it once every running process can read it."""
    from gateway.privacy import PersonalData
    from gateway.sealing import KeyPurpose

    rotation = complete(PersonalData(settings_for("keys")).rotate(KeyPurpose(purpose)))
    if rotation.waits_for:
        raise click.ClickException(
            f"{purpose} key {rotation.version} is in the key file but not in use:"
            f" {', '.join(rotation.waits_for)} cannot read it yet. Copy the key file to every"
            " machine and run this command again."
        )
    again = "reseal" if purpose == "seal" else "rehash"
    click.echo(
        f"{purpose} key {rotation.version} is in use. Copy the key file to where you keep it safe,"
        f" then run `baotin keys {again}`."
    )


@click.command("reseal")
@_REST
@explained
def reseal(rest: float) -> None:
    """Seal old rows anew under the key in use. May be stopped and started again at any time."""
    from gateway.privacy import PersonalData

    done = complete(PersonalData(settings_for("keys")).reseal(_show, rest))
    _tell(done.rows, done.unreadable, "sealed")


@click.command("rehash")
@_REST
@explained
def rehash(rest: float) -> None:
    """Make the hashes of people anew under the key in use. May be stopped at any time."""
    from gateway.privacy import PersonalData

    done = complete(PersonalData(settings_for("keys")).rehash(_show, rest))
    _tell(done.rows, done.unreadable, "hashed")


@click.command("retire")
@click.argument("purpose", type=_PURPOSE)
@click.argument("version", type=int)
@explained
def retire(purpose: str, version: int) -> None:
    """Take an old key out of the key file, if no row and no process needs it any more."""
    from gateway.privacy import PersonalData
    from gateway.sealing import KeyPurpose

    complete(PersonalData(settings_for("keys")).retire(KeyPurpose(purpose), version))
    click.echo(
        f"{purpose} key {version} is retired. Backups made under it open only with an older copy of"
        " the key file."
    )


def _show(progress: object) -> None:
    click.echo(str(progress), err=True)


def _tell(rows: int, unreadable: int, what: str) -> None:
    click.echo(f"{rows} rows {what} anew")
    if unreadable:
        raise click.ClickException(f"{unreadable} rows cannot be opened and stay as they are")


KEY_COMMANDS = (rotate, reseal, rehash, retire)
