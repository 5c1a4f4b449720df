"""Where settings come from. Knows files and the environment, not what a key means."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigurationError

DEFAULT_FILE = Path(__file__).parents[1] / "shipped" / "config" / "default.toml"
_PREFIX = "BAOTIN_"
_SITE_FILE = "BAOTIN_CONFIG"
_FROM_FILE = "_FILE"

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Value:
    """What a key was given, and by whom, for the sentence that says what is wrong with it."""

    content: object
    origin: str


def read_layers(known: frozenset[Key], environment: Mapping[str, str]) -> dict[Key, Value]:
    """The value in force for every key. Raises ConfigurationError for what no layer may hold."""
    values = dict(_from_toml(DEFAULT_FILE, known))
    if site_file := environment.get(_SITE_FILE):
        values |= _from_toml(Path(site_file), known)
    return values | dict(_from_environment(known, environment))


def _from_toml(path: Path, known: frozenset[Key]) -> Iterator[tuple[Key, Value]]:
    for section, table in _read_toml(path).items():
        if not isinstance(table, dict):
            raise ConfigurationError(f"{path}: {section} stands outside of any section")
        for key, content in table.items():
            if (section, key) not in known:
                raise ConfigurationError(_unknown(f"{section}.{key}", path, _dotted(known)))
            yield (section, key), Value(content=content, origin=str(path))


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None


def _from_environment(
    known: frozenset[Key], environment: Mapping[str, str]
) -> Iterator[tuple[Key, Value]]:
    variables = {f"{_PREFIX}{section}_{key}".upper(): (section, key) for section, key in known}
    for name in sorted(environment):
        if not name.startswith(_PREFIX) or name == _SITE_FILE:
            continue
        plain = name.removesuffix(_FROM_FILE)
        if name in variables:
            yield variables[name], Value(content=environment[name], origin=name)
        elif plain not in variables:
            raise ConfigurationError(_unknown(name, "the environment", list(variables)))
        elif plain in environment:
            raise ConfigurationError(f"{plain} and {name} are both set; keep one")
        else:
            content = _read_secret(name, environment[name])
            yield variables[plain], Value(content=content, origin=name)


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(f"{name}: the file cannot be read: {reason}") from None


def _unknown(name: str, origin: object, candidates: list[str]) -> str:
    near = difflib.get_close_matches(name, candidates, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name} (from {origin}) is not a setting{hint}"


def _dotted(known: frozenset[Key]) -> list[str]:
    return [f"{section}.{key}" for section, key in known]
