"""The commands for Zalo's official accounts: consent, tokens, registered templates."""

import json
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.frame import complete, explained, settings_for, table

if TYPE_CHECKING:
    from gateway.administration.zalo_accounts import ZaloAccounts

_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def zalo() -> None:
    """Zalo accounts."""


@zalo.command("consent")
@click.argument("account")
@click.option("--redirect-uri", help="Print the address of a new consent that returns to this one.")
@click.option("--code", help="The code that a consent returned with; tokens are stored for it.")
@click.option("--state", default=None, help="The state it returned with, to be compared.")
@click.option("--oa-id", default=None, help="The oa_id it returned with, to be compared.")
@explained
def consent(
    account: str,
    redirect_uri: str | None,
    code: str | None,
    state: str | None,
    oa_id: str | None,
) -> None:
    """Connect an official account: first with --redirect-uri, then with the --code that came back.

    An administrator of the official account opens the printed address within a quarter of an hour
    and consents; the browser then goes to the redirect URI with code, state and oa_id behind it.
    """
    if (redirect_uri is None) == (code is None):
        raise click.UsageError("give either --redirect-uri or --code")
    accounts = _accounts()
    if redirect_uri is not None:
        click.echo(complete(accounts.ask_consent(account, redirect_uri)))
        return
    complete(accounts.redeem_consent(account, str(code), state, oa_id))
    click.echo(f"{account} sends with the new tokens")


@zalo.command("paste-tokens")
@click.argument("account")
@explained
def paste_tokens(account: str) -> None:
    """Store a new pair of tokens for an account that lost its consent."""
    access = click.prompt("access token", hide_input=True)
    refresh = click.prompt("refresh token", hide_input=True)
    complete(_accounts().store_tokens(account, access, refresh))
    click.echo(f"{account} sends with the new tokens")


@zalo.command("templates")
@click.argument("account")
@click.option("--refresh", is_flag=True, help="Ask the account now.")
@_JSON
@explained
def templates(account: str, *, refresh: bool, as_json: bool) -> None:
    """The templates registered with an account, and which of them we use under which name."""
    found = complete(_accounts().templates(account, refresh=refresh))
    _print(found, as_json=as_json)


@zalo.command("status")
@click.argument("account")
@_JSON
@explained
def status(account: str, *, as_json: bool) -> None:
    """Until when an account's token is valid, its quota and its quality."""
    _print(complete(_accounts().status(account)), as_json=as_json)


def _accounts() -> "ZaloAccounts":
    from gateway.administration.zalo_accounts import ZaloAccounts

    return ZaloAccounts(settings_for("zalo"))


def _print(value: Any, *, as_json: bool) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1) if as_json else table(value))
