"""The commands for keys: of sources, and those that seal and hash."""

from pathlib import Path

import click

from gateway.commands.frame import complete, explained, settings_for

_PURPOSE = click.Choice(["seal", "hash"])
_REST = click.option(
    "--rest",
    default=1.0,
    type=click.FloatRange(min=0),
    help="Pause after each page, as a share of the time it took.",
)


@click.group()
def keys() -> None:
    """API keys of sources, and the file of sealing keys."""


@keys.command("create")
@click.argument("source")
@click.option("--scope", "scopes", multiple=True, default=("post", "read"))
@click.option("--mode", type=click.Choice(["live", "test"]), default="live")
@explained
def create_key(source: str, scopes: tuple[str, ...], mode: str) -> None:
    """Make an API key; it is shown this once."""
    from gateway.administration.administration import Administration

    click.echo(complete(Administration(settings_for("keys")).create_key(source, scopes, mode)))


@keys.command("revoke")
@click.argument("prefix")
@explained
def revoke_key(prefix: str) -> None:
    """Make an API key worthless, by its visible prefix."""
    from gateway.administration.administration import Administration

    complete(Administration(settings_for("keys")).revoke_key(prefix))
    click.echo(f"{prefix} is revoked")


@keys.command("new-ring")
@click.argument("file", type=click.Path(exists=False, path_type=Path))
@explained
def new_ring(file: Path) -> None:
    """Make a file with fresh sealing keys, readable by its owner only."""
    from gateway.sealing import Keyring

    if file.exists():
        raise click.ClickException(
            f"{file} exists; sealed rows need the keys they were sealed with"
        )
    Keyring.generate().save(file)
    click.echo(f"{file} written; keep a copy apart from the database")


@keys.command("rotate")
@click.argument("purpose", type=_PURPOSE)
@explained
def rotate(purpose: str) -> None:
    """Make a new key and write under it once every running process can read it."""
    from gateway.administration.privacy import PersonalData
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


@keys.command("reseal")
@_REST
@explained
def reseal(rest: float) -> None:
    """Seal old rows anew under the key in use. May be stopped and started again at any time."""
    from gateway.administration.privacy import PersonalData

    done = complete(PersonalData(settings_for("keys")).reseal(_show, rest))
    _tell(done.rows, done.unreadable, "sealed")


@keys.command("rehash")
@_REST
@explained
def rehash(rest: float) -> None:
    """Make the hashes of people anew under the key in use. May be stopped at any time."""
    from gateway.administration.privacy import PersonalData

    done = complete(PersonalData(settings_for("keys")).rehash(_show, rest))
    _tell(done.rows, done.unreadable, "hashed")


@keys.command("retire")
@click.argument("purpose", type=_PURPOSE)
@click.argument("version", type=int)
@explained
def retire(purpose: str, version: int) -> None:
    """Take an old key out of the key file, if no row and no process needs it any more."""
    from gateway.administration.privacy import PersonalData
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
