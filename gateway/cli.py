"""The commands. Each reads its arguments, calls one function and prints; no rule lives here."""

import sys
from pathlib import Path

import click

from gateway import __version__
from gateway.cli_desk import export_templates, import_templates
from gateway.cli_pools import COMMANDS, registered_templates
from gateway.cli_privacy import KEY_COMMANDS, erase
from gateway.cli_prompts import prompts
from gateway.cli_recovery import backup, held, restore
from gateway.cli_speech import calls, speak
from gateway.cli_users import users
from gateway.cli_zalo import zalo
from gateway.command_line import complete as _run
from gateway.command_line import explained as _explained
from gateway.command_line import print_json, table, traced
from gateway.command_line import settings_for as _settings
from gateway.settings import load_settings


@click.group()
@click.version_option(__version__)
def main() -> None:
    """baotin: one notice per finished dossier, over Zalo, SMS or a call."""


@main.command()
@_explained
def up() -> None:
    """Start everything on this machine; end it with Ctrl-C."""
    from gateway.installation import run

    run(_settings("up"))


@main.command()
@_explained
def serve() -> None:
    """Run one API process."""
    settings = _settings("api")
    from gateway.serve import serve as run

    with traced(settings, "api"):
        run(settings)


@main.command()
@_explained
def work() -> None:
    """Run one worker process."""
    settings = _settings("worker")
    from workers.worker import run

    with traced(settings, "worker"):
        run(settings)


@main.command()
@_explained
def clock() -> None:
    """Run a clock; of several one leads and the others stand by."""
    settings = _settings("clock")
    from gateway.serve import tick

    with traced(settings, "clock"):
        tick(settings)


@main.command()
@_explained
def sandbox() -> None:
    """Run the simulated providers that notices of test keys go to."""
    from gateway.installation import run_sandbox

    run_sandbox(_settings("sandbox"))


@main.command()
@_explained
def migrate() -> None:
    """Bring the ledger's schema to this version and publish the shipped templates."""
    from gateway.administration import migrate_and_publish

    click.echo(migrate_and_publish(_settings("migrate")))


@main.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@_explained
def apply_file(file: Path, *, yes: bool, dry_run: bool) -> None:
    """Make the directory in the ledger equal to a TOML file."""
    from gateway.administration import Administration

    administration = Administration(_settings("apply"))
    seen, found = _run(administration.differences(file))
    for difference in found:
        click.echo(str(difference))
    if not found:
        click.echo("nothing to change")
    elif not dry_run and (yes or click.confirm("apply?")):
        _run(administration.apply(file, seen))
        click.echo(f"{len(found)} entries changed")


@main.command("check-config")
@_explained
def check_config() -> None:
    """Read the settings as every process does, and say what is wrong."""
    from gateway.wiring import line_texts_of, prompts_of, reader_of

    settings = load_settings()
    reader_of(settings)
    line_texts_of(settings)
    prompts_of(settings)
    click.echo("the settings are complete")


@main.command("demo-event")
@click.option("--phone", default=None, help="Write to this number instead.")
@_explained
def demo_event(phone: str | None) -> None:
    """Post one result-ready event to what `baotin up` started."""
    from gateway.demo_event import post_demo_event

    click.echo(post_demo_event(load_settings(), phone))


@main.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
def segments(text: str, *, as_json: bool) -> None:
    """What an SMS text becomes: alphabet, units and billed parts, accented and plain."""
    from gateway.domain.text import explain_segments

    explained = explain_segments(text)
    print_json(explained) if as_json else click.echo(table(explained))


@main.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
def phone(text: str, *, as_json: bool) -> None:
    """Which numbers a phone field holds, and what was made of them."""
    from gateway.domain.recipient import explain

    explained = explain(text)
    print_json(explained) if as_json else click.echo(table(explained))


@main.group()
def templates() -> None:
    """Message templates."""


@templates.command("lint")
@_explained
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


@main.group()
def sources() -> None:
    """Dossier systems that post their own payloads."""


@sources.command("test")
@click.argument("mapping_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("payload_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="A parameter of the address.")
@click.option("--json", "as_json", is_flag=True)
@_explained
def try_source(
    mapping_file: Path, payload_file: Path, query: tuple[str, ...], *, as_json: bool
) -> None:
    """Show what each dossier of a payload would become; nothing is sent or stored."""
    from gateway.administration import try_mapping_file

    rows = try_mapping_file(mapping_file, payload_file, query)
    print_json(rows) if as_json else click.echo(table(rows))
    sys.exit(1 if any(row["becomes"] == "faulty" for row in rows) else 0)


@main.group()
def keys() -> None:
    """API keys of sources, and the file of sealing keys."""


@keys.command("create")
@click.argument("source")
@click.option("--scope", "scopes", multiple=True, default=("post", "read"))
@click.option("--mode", type=click.Choice(["live", "test"]), default="live")
@_explained
def create_key(source: str, scopes: tuple[str, ...], mode: str) -> None:
    """Make an API key; it is shown this once."""
    from gateway.administration import Administration

    click.echo(_run(Administration(_settings("keys")).create_key(source, scopes, mode)))


@keys.command("revoke")
@click.argument("prefix")
@_explained
def revoke_key(prefix: str) -> None:
    """Make an API key worthless, by its visible prefix."""
    from gateway.administration import Administration

    _run(Administration(_settings("keys")).revoke_key(prefix))
    click.echo(f"{prefix} is revoked")


@keys.command("new-ring")
@click.argument("file", type=click.Path(exists=False, path_type=Path))
@_explained
def new_ring(file: Path) -> None:
    """Make a file with fresh sealing keys, readable by its owner only."""
    from gateway.sealing import Keyring

    if file.exists():
        raise click.ClickException(
            f"{file} exists; sealed rows need the keys they were sealed with"
        )
    Keyring.generate().save(file)
    click.echo(f"{file} written; keep a copy apart from the database")


@main.group()
def callbacks() -> None:
    """What dossier systems are owed by callback."""


@callbacks.command("list")
@click.argument("source", required=False)
@click.option("--limit", default=50, help="At most so many that were given up.")
@click.option("--json", "as_json", is_flag=True)
@_explained
def list_callbacks(source: str | None, limit: int, *, as_json: bool) -> None:
    """The queue of each source, and the callbacks that were given up."""
    from gateway.administration import Administration

    listed = _run(Administration(_settings("callbacks")).list_callbacks(source, limit))
    print_json(listed) if as_json else click.echo(table(listed))


@callbacks.command("redrive")
@click.argument("source", required=False)
@click.option("--notification", default=None, help="Only those of this one (ntf_…).")
@_explained
def redrive_callbacks(source: str | None, notification: str | None) -> None:
    """Post again now what was given up or waits for its next try; also after a 410."""
    from gateway.administration import Administration

    count = _run(Administration(_settings("callbacks")).redrive_callbacks(source, notification))
    click.echo(f"{count} callbacks go out again")


_SCOPES = click.Choice(["everything", "unit", "pool", "account"])


@main.command()
@click.argument("scope", type=_SCOPES)
@click.argument("code", default="")
@click.option("--reason", default="")
@click.option("--drain", is_flag=True, help="An account still finishes what it was given.")
@_explained
def pause(scope: str, code: str, reason: str, *, drain: bool) -> None:
    """Stop sending for a unit, a pool, an account or everything; events are still accepted."""
    from gateway.administration import Administration

    if drain and scope != "account":
        raise click.UsageError("only an account can be drained")
    _run(Administration(_settings("pause")).pause(scope, code, reason, drains=drain))
    done = "drains" if drain else "is paused"
    click.echo(f"{scope} {code} {done}".replace("  ", " "))


@main.command()
@click.argument("scope", type=_SCOPES)
@click.argument("code", default="")
@_explained
def resume(scope: str, code: str) -> None:
    """Take a pause back, or the stop of an account that the gateway stopped by itself.

    Such an account begins with one call at a time; the alert about it ends with the first message
    that goes out, and the account has all of its room again.
    """
    from gateway.administration import Administration

    was_paused = _run(Administration(_settings("resume")).resume(scope, code))
    click.echo("resumed" if was_paused else "was not paused")


@main.group()
def docs() -> None:
    """Pages of the documentation that are made from what they describe."""


@docs.command("configuration")
def configuration_docs() -> None:
    """Every setting, from config/default.toml, as Markdown."""
    from gateway.settings.manual import configuration_page

    click.echo(configuration_page(), nl=False)


for recovery_command in (backup, restore, held):
    main.add_command(recovery_command)

main.add_command(erase)
main.add_command(speak)
main.add_command(calls)
main.add_command(prompts)
main.add_command(users)
main.add_command(zalo)
templates.add_command(registered_templates)
templates.add_command(export_templates)
templates.add_command(import_templates)
for pool_command in COMMANDS:
    main.add_command(pool_command)
for key_command in KEY_COMMANDS:
    keys.add_command(key_command)
