"""The way back: an empty database becomes the ledger of the backup, paused, with nothing to send.

A mark stands in the database from before the first row until everything unfinished is held, and no
process starts over a marked database. So a restore that dies half-way sends nothing either.
"""

import asyncio
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.backup.container import BackupError, Header, read_blocks, read_header
from gateway.backup.programs import connecting, first_line, fitting_programs
from gateway.errors import ConfigurationError
from gateway.ledger import restored, schema
from gateway.ledger.connection import connect
from gateway.ledger.migrate import migrate_in
from gateway.sealing import Keyring


@dataclass(frozen=True, kw_only=True)
class Restored:
    """`held` notifications were unfinished; `lost_tokens` are accounts that need a new pair."""

    header: Header
    held: int
    lost_tokens: tuple[str, ...]


def check(file: Path, keyring: Keyring) -> tuple[Header, int]:
    """Read the file through; its header and the size of the dump. Raises BackupError."""
    try:
        with file.open("rb") as opened:
            header = read_header(opened)
            return header, sum(map(len, read_blocks(opened, header, keyring)))
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from error


async def restore(url: str, keyring: Keyring, file: Path, actor: str) -> Restored:
    """Raises BackupError or ConfigurationError, and then the database is as empty as before."""
    header, _ = await asyncio.to_thread(check, file, keyring)
    connection = await connect(url)
    try:
        server = connection.get_server_version().major
        _require_knowable(header, server)
        if not await schema.is_empty(connection):
            raise ConfigurationError(
                "database.url: the database is not empty; make a new one (`createdb baotin_new`), "
                "point database.url at it and restore there"
            )
        await restored.mark(connection)
        try:
            await asyncio.to_thread(_pg_restore, url, server, header, keyring, file)
        except BaseException:
            await restored.unmark(connection)
            raise
        await migrate_in(url)
        stopped = await restored.hold_everything(connection, header.made_at, actor)
    finally:
        await connection.close()
    return Restored(header=header, held=stopped.held, lost_tokens=stopped.lost_tokens)


def _require_knowable(header: Header, server: int) -> None:
    if header.schema not in schema.known():
        raise BackupError(
            f"the backup has schema {header.schema}, made by baotin {header.gateway}; "
            "this release is older: restore with that release or a later one"
        )
    if server < header.postgres:
        raise BackupError(
            f"the backup was made from PostgreSQL {header.postgres}, this server is {server}; "
            f"restore into PostgreSQL {header.postgres} or newer"
        )


def _pg_restore(url: str, server: int, header: Header, keyring: Keyring, file: Path) -> None:
    """All of it in one transaction: at the first mistake nothing is left."""
    bare_url, environment = connecting(url)
    programs = fitting_programs(server, header.dumped_by)
    with tempfile.TemporaryFile() as said, file.open("rb") as opened:
        with subprocess.Popen(  # noqa: S603 - the argument vector is ours
            [
                *(programs.pg_restore, "--single-transaction", "--exit-on-error"),
                *("--no-owner", "--no-privileges", f"--dbname={bare_url}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment,
        ) as process:
            try:
                _feed(process, keyring, opened)
            except BaseException:
                # Killed before its input ends, it cannot have committed.
                process.kill()
                raise
        if process.returncode:
            raise BackupError(f"pg_restore failed: {first_line(said)}")


def _feed(process: subprocess.Popen[bytes], keyring: Keyring, opened: BinaryIO) -> None:
    assert process.stdin
    header = read_header(opened)
    # Its complaint says more than the pipe that it closed.
    with suppress(BrokenPipeError):
        for block in read_blocks(opened, header, keyring):
            process.stdin.write(block)
    with suppress(BrokenPipeError):
        process.stdin.close()
