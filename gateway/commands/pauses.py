"""The commands that stop sending, and go on."""

import click

from gateway.commands.frame import complete, explained, settings_for

_SCOPES = click.Choice(["everything", "channel", "unit", "pool", "account"])


@click.command()
@click.argument("scope", type=_SCOPES)
@click.argument("code", default="")
@click.option("--reason", default="")
@click.option("--drain", is_flag=True, help="An account still finishes what it was given.")
@explained
def pause(scope: str, code: str, reason: str, *, drain: bool) -> None:
    """Stop sending for a channel (also pools that it gets later), a unit, a pool, an account or
    everything; events are still accepted."""
    from gateway.administration.administration import Administration

    if drain and scope != "account":
        raise click.UsageError("only an account can be drained")
    complete(Administration(settings_for("pause")).pause(scope, code, reason, drains=drain))
    done = "drains" if drain else "is paused"
    click.echo(f"{scope} {code} {done}".replace("  ", " "))


@click.command()
@click.argument("scope", type=_SCOPES)
@click.argument("code", default="")
@explained
def resume(scope: str, code: str) -> None:
    """Take a pause back, or the stop of an account that the gateway stopped by itself.

    Such an account begins with one call at a time; the alert about it ends with the first message
    that goes out, and the account has all of its room again.
    """
    from gateway.administration.administration import Administration

    was_paused = complete(Administration(settings_for("resume")).resume(scope, code))
    click.echo("resumed" if was_paused else "was not paused")
