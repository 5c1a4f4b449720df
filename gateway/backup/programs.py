"""PostgreSQL's own pg_dump and pg_restore: which ones this machine has, and how they connect."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

from gateway.embedded.postgres import program_folder
from gateway.errors import ConfigurationError

_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, kw_only=True)
class PostgresPrograms:
    """pg_dump and pg_restore of one major version."""

    folder: Path
    major: int

    @property
    def pg_dump(self) -> str:
        return str(self.folder / "pg_dump")

    @property
    def pg_restore(self) -> str:
        return str(self.folder / "pg_restore")


def fitting_programs(server: int, archive: int = 0) -> PostgresPrograms:
    """The oldest programs that know this server and can read an archive made by `archive`.

    The oldest, because a newer one may say things to the server that it does not understand.
    Raises ConfigurationError where there is none.
    """
    needed = max(server, archive)
    fitting = [found for found in _installed() if found.major >= needed]
    if not fitting:
        raise ConfigurationError(
            f"pg_dump and pg_restore of PostgreSQL {needed} are needed and were not found; "
            f"install postgresql-client-{needed}"
        )
    return min(fitting, key=lambda found: found.major)


def connecting(url: str) -> tuple[str, Mapping[str, str]]:
    """The URL without its password, and the environment that holds it: arguments can be seen."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, os.environ
    user, _, host = parts.netloc.rpartition("@")
    bare = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))
    return bare, {**os.environ, "PGPASSWORD": unquote(parts.password)}


def first_line(said: IO[bytes]) -> str:
    """What a program complained about first; the rest follows from it."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "no output"


def _installed() -> Iterator[PostgresPrograms]:
    for folder in _folders():
        if (folder / "pg_dump").exists() and (folder / "pg_restore").exists():
            yield PostgresPrograms(folder=folder, major=_major(folder / "pg_dump"))


def _folders() -> Iterator[Path]:
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    yield from sorted(_DEBIAN.glob("*/bin"))
    try:
        yield program_folder()
    except ConfigurationError:
        return


def _major(program: Path) -> int:
    said = subprocess.run(  # noqa: S603 - found by ourselves
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0
