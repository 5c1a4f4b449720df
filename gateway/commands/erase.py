"""The command that erases somebody."""

import json

import click

from gateway.commands.frame import complete, explained, person, settings_for


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
    from gateway.administration.privacy import PersonalData
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
