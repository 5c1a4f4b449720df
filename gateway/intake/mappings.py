"""The mapping files this installation has: those shipped, and the site's own in place of them.

A directory names a mapping by its file's name without `.toml`.
"""

from collections.abc import Mapping as Dictionary
from pathlib import Path

from gateway.errors import ConfigurationError
from gateway.intake.mapping import Mapping


def read_mappings(shipped: Path, own: Path | None) -> Dictionary[str, Mapping]:
    """By name. Raises ConfigurationError for a missing folder or a file that cannot work."""
    if own is not None and not own.is_dir():
        raise ConfigurationError(f"intake.mappings_dir: {own} is not a folder")
    folders = [shipped, own] if own else [shipped]
    files = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    return {name: Mapping.from_toml(path) for name, path in files.items()}
