"""Where the secrets of an account travel, and what keeps staff from learning them by it.

Whoever sends them elsewhere must know them already. A secret that is read from a file or from the
environment is named by who runs the server only: else any file could be had that the gateway reads.
"""

from collections.abc import Mapping, Sequence

from gateway.domain.directory import Account, Entry
from gateway.services.directory_rules import DirectoryFault, Installed
from gateway.services.live_directory import is_reference


def moved(before: Entry | None, after: Entry, installed: Installed) -> str | None:
    """The field by which the secrets would travel elsewhere than `before`, None for a new entry."""
    if not isinstance(after, Account):
        return None
    if not isinstance(before, Account) or before.base_url != after.base_url:
        return "base_url"
    names = installed.address_settings
    if any(before.settings.get(name) != after.settings.get(name) for name in names):
        return "settings"
    return None


def check_given(kind: str, after: Entry, given: Mapping[str, str]) -> None:
    """Raises DirectoryFault for a secret that names where it is to be read."""
    if any(is_reference(value) for value in given.values()):
        raise DirectoryFault(
            "a secret is given as it is here; env: and file: stand in a directory file only",
            kind=kind,
            code=after.code,
            field="secrets",
            word="secret_reference",
        )


def check_entered_anew(
    kind: str, after: Entry, field: str, secrets: Sequence[str], given: Mapping[str, str]
) -> None:
    """Raises DirectoryFault where one of its `secrets` would travel elsewhere unseen."""
    if missing := [name for name in secrets if not given.get(name)]:
        raise DirectoryFault(
            f"its secrets would be sent elsewhere; enter them anew: {', '.join(missing)}",
            kind=kind,
            code=after.code,
            field=field,
            word="secrets_anew",
            named=", ".join(missing),
        )
