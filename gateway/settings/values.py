"""The kinds of values that keys may hold, each with the check that the start makes of it."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PositiveFloat
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from gateway.domain.dossier import EventKind
from gateway.domain.hours import ChannelHours
from gateway.domain.text import nfc


def _one_of_schemes(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        if url and urlsplit(url).scheme not in schemes:
            raise ValueError(f"must start with {' or '.join(f'{each}://' for each in schemes)}")
        return url

    return AfterValidator(check)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _can_sign(secret: str) -> str:
    try:
        Webhook(secret or "whsec_AAAA")
    except (ValueError, EmptyWebhookSecretError):
        raise ValueError("must be whsec_ and base64") from None
    return secret


def _filled(value: object) -> object:
    parts = _split(value)
    return [part for part in parts if part] if isinstance(parts, list) else parts


def _hosts(value: object) -> object:
    parts = _split(value)
    return [str(part).lower() for part in parts if part] if isinstance(parts, list) else parts


def _check_windows(windows: tuple[str, ...]) -> tuple[str, ...]:
    ChannelHours.parse(windows)
    return windows


def _composed(value: object) -> object:
    """A terminal may hand over letters and marks apart."""
    return nfc(value) if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


# A store's URL may hold its password, so it is left out of what is printed.
DatabaseUrl = Annotated[str, Field(repr=False), _one_of_schemes("postgresql", "postgres")]
RedisUrl = Annotated[str, Field(repr=False), _one_of_schemes("redis", "rediss", "unix")]
WebUrl = Annotated[
    str, _one_of_schemes("https", "http"), AfterValidator(lambda url: url.rstrip("/"))
]
Secret = Annotated[str, Field(repr=False)]
SigningSecret = Annotated[Secret, AfterValidator(_can_sign)]
Port = Annotated[int, Field(ge=1, le=65_535)]
OptionalPath = Annotated[Path | None, BeforeValidator(_none_if_empty)]
Windows = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_check_windows)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_hosts)]
Names = Annotated[tuple[str, ...], BeforeValidator(_filled)]
Waits = Annotated[tuple[PositiveFloat, ...], BeforeValidator(_split), Field(min_length=1)]
# Of a whole: some of it; and some of it or none.
Part = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Kinds = Annotated[tuple[EventKind, ...], BeforeValidator(_split)]
COMPOSED = BeforeValidator(_composed)
