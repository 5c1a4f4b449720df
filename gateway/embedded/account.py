"""The account that the stores run under when the gateway was started as root.

PostgreSQL refuses to run as root, so root lends the stores to an account without rights and lets
that account reach their folder and their programs.
"""

import os
import pwd
import stat
import subprocess
from pathlib import Path

import structlog

from gateway.errors import ConfigurationError
from gateway.tether import Account

_NAME = "baotin"
_log = structlog.get_logger(__name__)


def account_for(folder: Path) -> Account | None:
    """Whom a store over `folder` runs as: its owner, a made account, or None for ourselves."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    entry = _entry() or _made_entry()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def let_in(path: Path) -> None:
    """Let every account pass through the folders above `path`, without letting it list them."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            _log.warning("folder_opened_for_stores", folder=str(folder))


def let_read(tree: Path) -> None:
    """Let every account read and run the programs under `tree`, as a strict umask may not have.

    Some platforms bring no such tree; then there is nothing to do.
    """
    if not tree.exists():
        return
    let_in(tree)
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        owners = mode & (stat.S_IRUSR | stat.S_IXUSR)
        wanted = mode | owners >> 6
        if wanted != mode:
            path.chmod(stat.S_IMODE(wanted))


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return None


def _made_entry() -> pwd.struct_passwd:
    try:
        subprocess.run(  # noqa: S603 - constant arguments
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME],  # noqa: S607
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigurationError(
            f"embedded: PostgreSQL does not run as root, and the account {_NAME} could not be "
            "made for it; start as an ordinary user, or set database.url and redis.url"
        ) from error
    return pwd.getpwnam(_NAME)
