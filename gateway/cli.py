"""The command `baotin`: all the commands, in one list."""

import click

from gateway import __version__
from gateway.commands.callbacks import callbacks
from gateway.commands.erase import erase
from gateway.commands.keys import keys
from gateway.commands.pauses import pause, resume
from gateway.commands.pools import accounts, alerts, suppressions
from gateway.commands.processes import clock, sandbox, serve, up, work
from gateway.commands.prompts import prompts
from gateway.commands.recovery import backup, held, restore
from gateway.commands.setting_up import apply_file, check_config, docs, migrate
from gateway.commands.speech import calls, speak
from gateway.commands.templates import templates
from gateway.commands.trying import demo_event, phone, segments, sources
from gateway.commands.users import users
from gateway.commands.zalo import zalo

_COMMANDS = (
    *(up, serve, work, clock, sandbox),
    *(migrate, apply_file, check_config, docs),
    *(demo_event, segments, phone, speak, sources),
    *(keys, erase, backup, restore, held),
    *(accounts, alerts, suppressions, pause, resume, callbacks, calls, zalo),
    *(templates, prompts, users),
)


@click.group()
@click.version_option(__version__)
def main() -> None:
    """baotin: one notice per finished dossier, over Zalo, SMS or a call."""


for command in _COMMANDS:
    main.add_command(command)
