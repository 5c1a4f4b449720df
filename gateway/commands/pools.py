"""The commands for alerts, accounts and suppressions: what operators look at every day."""

import sys
from datetime import UTC, datetime, timedelta

import click

from gateway.commands.frame import (
    complete,
    explained,
    person,
    print_json,
    settings_for,
    table,
)
from gateway.domain.alert import AlertKind
from gateway.domain.channel import Channel

_JSON = click.option("--json", "as_json", is_flag=True)


@click.group("alerts", invoke_without_command=True)
@_JSON
@click.pass_context
@explained
def alerts(context: click.Context, *, as_json: bool) -> None:
    """What is open: kind, subject, detail, since when, the last time, how often."""
    from gateway.administration.pools import Pools

    if context.invoked_subcommand is not None:
        return
    found = complete(Pools(settings_for("alerts")).alerts())
    print_json(found) if as_json else click.echo(table(found))


@alerts.command("clear")
@click.argument("kind", type=click.Choice([kind.value for kind in AlertKind]))
@click.argument("subject")
@explained
def clear_alert(kind: str, subject: str) -> None:
    """End an alert. What is still wrong raises it anew.

    That an account was stopped ends by itself: with the first message it sends after
    `baotin resume account`, or on its trial.
    """
    from gateway.administration.pools import Pools

    cleared = complete(Pools(settings_for("alerts")).clear_alert(AlertKind(kind), subject))
    if not cleared:
        raise click.ClickException(f"no alert {kind} about {subject} is open")
    click.echo("cleared")


@alerts.command("test")
@explained
def test_alerts() -> None:
    """Send a trial message by every way that [alerts] configures. Status 1 where one fails."""
    from gateway.administration.pools import Pools

    found = complete(Pools(settings_for("alerts")).try_ways())
    if not found:
        raise click.ClickException("no way is configured: see [alerts] in config/default.toml")
    click.echo(table(found))
    sys.exit(0 if set(found.values()) == {"told"} else 1)


@click.command("accounts")
@_JSON
@explained
def accounts(*, as_json: bool) -> None:
    """How the accounts of each pool stand: shares, stops, and what was seen of them lately.

    `keeps` is the part of its weight that an account has now. Calls and faults are those of
    pools.window_s, judged and late the messages old enough to be late, each since the share was
    moved last. Stopped by `trial`: it was stopped, is tried again with one call at a time, and
    nothing has gone out yet.
    """
    from gateway.administration.pools import Pools

    found = complete(Pools(settings_for("accounts")).accounts())
    print_json(found) if as_json else click.echo(table(found))


@click.group("suppressions")
def suppressions() -> None:
    """Whom not to write to."""


def _list(phone: str | None, *, limit: int, as_json: bool) -> None:
    """Those in force, newest first; numbers masked, names not shown."""
    from gateway.administration.pools import Pools

    found = complete(Pools(settings_for("suppressions")).suppressions(phone or "", limit))
    print_json(found) if as_json else click.echo(table(found))


def _add(
    phone: str | None,
    name: str | None,
    dossier: str | None,
    *,
    channel: str | None,
    reason: str,
    days: float | None,
    note: str,
) -> None:
    """Write no more to a number, or with --name to a person.

    Without --name it is about whoever has the number, with it about that person on any of the
    numbers given with this one in a dossier. It holds for what already waits, too. Without a value
    --phone, --name and --dossier are asked for, or read as lines of standard input in the order in
    which they stand, so that nobody stands in a shell history.
    """
    from gateway.administration.pools import Pools
    from gateway.services.suppress import Why, Wish

    pools = Pools(settings_for("suppressions"))
    wish = Wish(
        phone=phone or "",
        name=name or "",
        dossier=dossier or "",
        channel=Channel(channel) if channel else None,
        reason=Why(reason),
        origin=pools.actor,
        note=note,
        until=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    click.echo(complete(pools.suppress(wish)))


suppressions.add_command(
    click.Command(
        "list",
        callback=explained(_list),
        help=_list.__doc__,
        params=[
            person("phone", "Only those about this number."),
            click.Option(["--limit"], default=100, help="At most so many."),
            click.Option(["--json", "as_json"], is_flag=True),
        ],
    )
)
suppressions.add_command(
    click.Command(
        "add",
        callback=explained(_add),
        help=_add.__doc__,
        params=[
            person("phone", "The number; always needed."),
            person("name", "The person's whole name, with or without accents."),
            person("dossier", "Only about this dossier."),
            click.Option(
                ["--channel"],
                type=click.Choice([one.value for one in Channel]),
                help="Only on this channel; else on all.",
            ),
            click.Option(
                ["--reason"], type=click.Choice(["by_staff", "wrong_number"]), required=True
            ),
            click.Option(
                ["--days"],
                type=click.FloatRange(min=0, min_open=True),
                help="For so long; else for good.",
            ),
            click.Option(["--note"], default="", help="Shown in the list; name nobody."),
        ],
    )
)


@suppressions.command("end")
@click.argument("suppression", metavar="ID")
@explained
def end_suppression(suppression: str) -> None:
    """Write to them again from now on; ID is the sup_… of the list."""
    from gateway.administration.pools import Pools

    if not complete(Pools(settings_for("suppressions")).end_suppression(suppression)):
        raise click.ClickException(f"no suppression {suppression} is in force")
    click.echo("ended")
