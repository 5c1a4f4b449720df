"""Taking a backup: pg_dump reads one snapshot while the ledger works on, straight into the seal."""

import asyncio
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from gateway import __version__
from gateway.backup.container import (
    BLOCK_BYTES,
    BackupError,
    BlockWriter,
    Header,
    keyring_name,
    new_salt,
)
from gateway.backup.programs import (
    PostgresPrograms,
    connecting,
    first_line,
    fitting_programs,
)
from gateway.ledger.schema import RESTORE_MARK
from gateway.ledger.snapshot import Snapshot, snapshot
from gateway.sealing import Keyring


@dataclass(frozen=True, kw_only=True)
class Taken:
    header: Header
    size_bytes: int


async def take(url: str, keyring: Keyring, file: Path) -> Taken:
    """Write the backup; the file appears under its name only when it is whole.

    Raises BackupError where it cannot be written, ConfigurationError where nothing can be read.
    """
    async with snapshot(url) as moment:
        programs = fitting_programs(moment.postgres)
        header = _header(moment, programs, keyring)
        with tempfile.TemporaryFile() as said, _pg_dump(url, programs, moment, said) as dump:
            try:
                size = await asyncio.to_thread(_write, file, header, keyring, _content(dump, said))
            finally:
                dump.kill()
    return Taken(header=header, size_bytes=size)


def _header(moment: Snapshot, programs: PostgresPrograms, keyring: Keyring) -> Header:
    return Header(
        made_at=moment.at,
        gateway=__version__,
        schema=moment.schema,
        postgres=moment.postgres,
        dumped_by=programs.major,
        keyring=keyring_name(keyring),
        seal_keys=tuple(sorted(keyring.seal.keys)),
        hash_keys=tuple(sorted(keyring.hash.keys)),
        salt=new_salt(),
    )


def _pg_dump(
    url: str, programs: PostgresPrograms, moment: Snapshot, said: IO[bytes]
) -> subprocess.Popen[bytes]:
    bare_url, environment = connecting(url)
    return subprocess.Popen(  # noqa: S603 - the argument vector is ours
        [
            programs.pg_dump,
            *("--format=custom", "--compress=1", f"--snapshot={moment.id}"),
            *("--no-owner", "--no-privileges", f"--exclude-table={RESTORE_MARK}"),
            f"--dbname={bare_url}",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=said,
        env=environment,
    )


def _content(dump: subprocess.Popen[bytes], said: IO[bytes]) -> Iterator[bytes]:
    """What pg_dump writes; raises BackupError at the end unless it did all of its work."""
    assert dump.stdout
    while content := dump.stdout.read(BLOCK_BYTES):
        yield content
    if dump.wait():
        raise BackupError(f"pg_dump failed: {first_line(said)}")


def _write(file: Path, header: Header, keyring: Keyring, contents: Iterator[bytes]) -> int:
    if file.exists():
        raise BackupError(f"{file} exists; choose another name")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with _private(draft) as out:
            writer = BlockWriter(out, header, keyring)
            for content in contents:
                writer.write(content)
            writer.finish()
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
        _sync_folder(file.parent)
        return file.stat().st_size
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync_folder(path: Path) -> None:
    """A rename survives a power cut only once its folder is on disk too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
