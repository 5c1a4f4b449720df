"""The ledger of this machine for one command: the configured one, or the embedded one.

Where `baotin up` runs with its own PostgreSQL, commands beside it find that one. Where it does not
run, PostgreSQL is started for the command and stopped after it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gateway.embedded.postgres import DATABASE, EmbeddedPostgres
from gateway.settings import Settings


@contextmanager
def attached(settings: Settings, *, make: bool = False) -> Iterator[Settings]:
    """Settings with the URL and the key file filled in. `make` allows a new embedded ledger."""
    data = settings.embedded.data_dir / "postgres" / "data"
    if settings.database.url or not (make or data.exists()):
        yield with_made_keyring(settings)
    elif running := _running_url(data):
        yield with_made_keyring(_with_url(settings, running))
    else:
        server = EmbeddedPostgres(settings.embedded.data_dir)
        try:
            yield with_made_keyring(_with_url(settings, server.start()))
        finally:
            server.stop()


def _running_url(data: Path) -> str | None:
    """PostgreSQL writes down its pid, the folder of its socket and whether it is ready."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, socket_folder, state = int(lines[0]), lines[4].strip(), lines[7].strip()
    except (OSError, IndexError, ValueError):
        return None
    if state != "ready" or not _lives(pid):
        return None
    return f"postgresql://baotin@/{DATABASE}?host={quote(socket_folder, safe='')}"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _with_url(settings: Settings, url: str) -> Settings:
    database = settings.database.model_copy(update={"url": url})
    return settings.model_copy(update={"database": database})


def with_made_keyring(settings: Settings) -> Settings:
    """The key file that `baotin up` makes, where none is named."""
    made = settings.embedded.data_dir / "keyring.json"
    if settings.keys.keyring_file or not made.exists():
        return settings
    keys = settings.keys.model_copy(update={"keyring_file": made})
    return settings.model_copy(update={"keys": keys})
