"""The commands for the console's users: the first administrator is made here."""

import sys

import click

from gateway.commands.frame import complete, explained, print_json, settings_for, table
from gateway.domain.staff import Role

_ROLES = click.Choice([role.value for role in Role])
_ROLE = click.option("--role", "roles", multiple=True, required=True, type=_ROLES)
_UNIT = click.option("--unit", "units", multiple=True, help="Only these units; else all.")
_OWN = click.option(
    "--own", is_flag=True, help="The person chose the password; it need not be changed."
)


@click.group("users")
def users() -> None:
    """Who may sign in to the console."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True)
@explained
def list_users(*, as_json: bool) -> None:
    """Every user with roles, units and the last time they signed in."""
    from gateway.administration.users import UserAdministration

    found = complete(UserAdministration(settings_for("users")).list())
    print_json(found) if as_json else click.echo(table(found))


@users.command("add")
@click.argument("name")
@_ROLE
@_UNIT
@_OWN
@explained
def add_user(name: str, roles: tuple[str, ...], units: tuple[str, ...], *, own: bool) -> None:
    """Make a user. The password is asked for, or read as a line of standard input."""
    from gateway.administration.users import UserAdministration

    users_of = UserAdministration(settings_for("users"))
    complete(users_of.add(name, roles, units, _password(), own=own))
    click.echo(f"{name} may sign in")


@users.command("roles")
@click.argument("name")
@_ROLE
@_UNIT
@click.option("--all-units", is_flag=True, help="Not limited to units any more.")
@explained
def set_roles(
    name: str, roles: tuple[str, ...], units: tuple[str, ...], *, all_units: bool
) -> None:
    """Give a user these roles and no others; units stay unless some are named."""
    from gateway.administration.users import UserAdministration

    users_of = UserAdministration(settings_for("users"))
    complete(users_of.set_roles(name, roles, units, all_units=all_units))
    click.echo(f"{name}: {', '.join(roles)}")


@users.command("disable")
@click.argument("name")
@explained
def disable_user(name: str) -> None:
    """Sign a user out everywhere and let them in no more."""
    from gateway.administration.users import UserAdministration

    complete(UserAdministration(settings_for("users")).set_disabled(name, disabled=True))
    click.echo(f"{name} is disabled")


@users.command("enable")
@click.argument("name")
@explained
def enable_user(name: str) -> None:
    """Let a disabled user in again."""
    from gateway.administration.users import UserAdministration

    complete(UserAdministration(settings_for("users")).set_disabled(name, disabled=False))
    click.echo(f"{name} may sign in")


@users.command("reset-password")
@click.argument("name")
@_OWN
@explained
def reset_password(name: str, *, own: bool) -> None:
    """Give a user a new password, asked for as with `add`; signs them out everywhere."""
    from gateway.administration.users import UserAdministration

    users_of = UserAdministration(settings_for("users"))
    complete(users_of.reset_password(name, _password(), own=own))
    click.echo(f"{name} has a new password")


def _password() -> str:
    """Never an argument: a shell history and a list of processes would keep it."""
    if sys.stdin.isatty():
        typed: str = click.prompt("password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
