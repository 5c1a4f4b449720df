"""The commands that run a process, or all of them."""

import click

from gateway.commands.frame import explained, settings_for, traced


@click.command()
@explained
def up() -> None:
    """Start everything on this machine; end it with Ctrl-C."""
    from gateway.installation import run

    run(settings_for("up"))


@click.command()
@explained
def serve() -> None:
    """Run one API process."""
    settings = settings_for("api")
    from gateway.serve import serve as run

    with traced(settings, "api"):
        run(settings)


@click.command()
@explained
def work() -> None:
    """Run one worker process."""
    settings = settings_for("worker")
    from workers.worker import run

    with traced(settings, "worker"):
        run(settings)


@click.command()
@explained
def clock() -> None:
    """Run a clock; of several one leads and the others stand by."""
    settings = settings_for("clock")
    from gateway.serve import tick

    with traced(settings, "clock"):
        tick(settings)


@click.command()
@explained
def sandbox() -> None:
    """Run the simulated providers that notices of test keys go to."""
    from gateway.installation import run_sandbox

    run_sandbox(settings_for("sandbox"))
