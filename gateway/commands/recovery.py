"""The commands for backups, restores and held notifications."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.commands.frame import complete, explained, settings_for

Command = TypeVar("Command", bound=Callable[..., Any])

_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}
_MIB = 1 << 20


def _age(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d+)([mhd])", value)
    if not found:
        raise click.BadParameter(f"{value} is not an age such as 30m, 12h or 3d")
    return float(found[1]) * _UNITS_S[found[2]]


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Read FILE through; write nothing.")
@explained
def backup(file: Path, *, only_check: bool) -> None:
    """Write one consistent, sealed snapshot of the ledger to FILE. The gateway may go on working.

    The file opens with the key ring only; keep a copy of that apart from the backups.
    """
    from gateway.administration.recovery import Recovery

    recovery = Recovery(settings_for("backup"))
    if only_check:
        header, size = recovery.check_backup(file)
        click.echo(f"{file} is whole: {size / _MIB:.1f} MiB, made {header.made_at:%Y-%m-%d %H:%M}Z")
        return
    taken = complete(recovery.take_backup(file))
    click.echo(
        f"{file} written: {taken.size_bytes / _MIB:.1f} MiB,"
        f" the ledger of {taken.header.made_at:%Y-%m-%d %H:%M:%S}Z"
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@explained
def restore(file: Path) -> None:
    """Make an empty database the ledger of FILE. Afterwards nothing is sent until you say so."""
    from gateway.administration.recovery import Recovery

    done = complete(Recovery(settings_for("restore")).restore(file))
    click.echo(
        f"restored as of {done.header.made_at:%Y-%m-%d %H:%M:%S}Z; everything is paused and"
        f" {done.held} unfinished notifications are held. Next:"
    )
    for account in done.lost_tokens:
        click.echo(f"  baotin zalo paste-tokens {account}   its tokens can be used only once")
    click.echo("  baotin held list                what is held, what may have been sent")
    click.echo("  baotin held release             send what surely goes out only once")
    click.echo("  baotin held discard             end the rest unsent")
    click.echo("  baotin resume everything        let workers send again")


@click.group()
def held() -> None:
    """Notifications kept back after a restore or by the storm guard."""


def _selecting(command: Command) -> Command:
    """The options that say which held notifications are meant."""
    times = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    for option in (
        click.option("--older-than", "older_than_s", callback=_age, help="30m, 12h, 3d."),
        click.option("--to", "until", type=times, help="Accepted before this, Vietnam's time."),
        click.option("--from", "since", type=times, help="Accepted at or after this."),
        click.option("--reason", help="restored, storm_guard or by_operator."),
        click.option("--kind", help="Such as result-ready."),
        click.option("--unit"),
        click.option("--source"),
    ):
        command = option(command)
    return command


@held.command("list")
@_selecting
@explained
def list_held(**wanted: Any) -> None:
    """Count what is held, by reason, unit, kind and what releasing it would mean."""
    from gateway.administration.recovery import Recovery

    click.echo(_preview(complete(Recovery(settings_for("held")).held(_selection(wanted)))))


@held.command("release")
@_selecting
@click.option("--also-maybe-sent", is_flag=True, help="Even what people may get twice.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@explained
def release(*, also_maybe_sent: bool, yes: bool, **wanted: Any) -> None:
    """Let held notifications go on. Those that may have been sent stay held unless you say so."""
    from gateway.administration.recovery import Recovery

    recovery, selection = Recovery(settings_for("held")), _selection(wanted)
    click.echo(_preview(complete(recovery.held(selection))))
    if yes or click.confirm("release?"):
        click.echo(_done(complete(recovery.release(selection, also_maybe_sent=also_maybe_sent))))


@held.command("discard")
@_selecting
@click.option("--yes", is_flag=True, help="Do not ask.")
@explained
def discard(*, yes: bool, **wanted: Any) -> None:
    """End held notifications unsent: cancelled, or unconfirmed where they may have been sent."""
    from gateway.administration.recovery import Recovery

    recovery, selection = Recovery(settings_for("held")), _selection(wanted)
    click.echo(_preview(complete(recovery.held(selection))))
    if yes or click.confirm("discard?"):
        click.echo(_done(complete(recovery.discard(selection))))


def _selection(wanted: dict[str, Any]) -> Any:
    from gateway.ledger.held import Selection

    return Selection(
        **{**wanted, "since": _local(wanted["since"]), "until": _local(wanted["until"])}
    )


def _local(moment: datetime | None) -> datetime | None:
    from gateway.domain.hours import ZONE

    return moment.replace(tzinfo=ZONE) if moment else None


_MEANING = {
    "ready": "would be sent once",
    "ask_again": "asked for again; its account refuses a second copy",
    "maybe_sent": "may already have been sent",
    "late": "too late, would end",
}


def _preview(counts: Counter[Any]) -> str:
    lines = [
        f"{count:8}  {group.reason:12} {group.unit:12} {group.kind:20} {_MEANING[group.prospect]}"
        for group, count in sorted(counts.items())
    ]
    return "\n".join(lines) or "nothing is held"


def _done(counts: Counter[Any]) -> str:
    lines = [
        f"{count:8}  {_MEANING[stood]}: now {state}"
        for (stood, state), count in sorted(counts.items())
    ]
    return "\n".join(lines) or "nothing changed"
