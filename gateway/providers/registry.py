"""The providers we can speak to, by the code that accounts name them with."""

from collections.abc import Mapping
from typing import Protocol

from gateway.errors import DirectoryError
from gateway.providers.contract import AccessTokens, AccountAccess, Provider, Terms
from gateway.providers.esms import Esms
from gateway.providers.fpt import Fpt
from gateway.providers.infobip import Infobip
from gateway.providers.outbound import Door
from gateway.providers.speedsms import Speedsms
from gateway.providers.stringee_sms import StringeeSms
from gateway.providers.stringee_voice import StringeeVoice
from gateway.providers.twilio_sms import TwilioSms
from gateway.providers.twilio_voice import TwilioVoice
from gateway.providers.vietguys import Vietguys
from gateway.providers.viettel import Viettel
from gateway.providers.vnpt import Vnpt
from gateway.providers.zalo_zns import ZaloZns


class _Kind(Protocol):
    """A provider's class."""

    terms: Terms

    def __call__(self, access: AccountAccess, door: Door, /) -> Provider: ...


_KINDS: Mapping[str, _Kind] = {
    "esms": Esms,
    "fpt": Fpt,
    "infobip": Infobip,
    "speedsms": Speedsms,
    "stringee_sms": StringeeSms,
    "stringee_voice": StringeeVoice,
    "twilio_sms": TwilioSms,
    "twilio_voice": TwilioVoice,
    "vietguys": Vietguys,
    "viettel": Viettel,
    "vnpt": Vnpt,
}
# Their access tokens run out, and every process uses the same ones.
_KINDS_WITH_TOKENS: Mapping[str, type[ZaloZns]] = {"zalo_zns": ZaloZns}

PROVIDERS = frozenset({*_KINDS, *_KINDS_WITH_TOKENS})


def terms_of(provider: str) -> Terms:
    """What accounts of this provider promise. Raises DirectoryError for an unknown code."""
    kind = _KINDS.get(provider) or _KINDS_WITH_TOKENS.get(provider)
    if kind is None:
        raise DirectoryError(f"unknown provider {provider}")
    return kind.terms


TELL_BALANCE = frozenset(
    code for code, kind in {**_KINDS, **_KINDS_WITH_TOKENS}.items() if hasattr(kind, "balance")
)
# In small letters: all that is read of the headers of a report, whichever account it is for.
PROOF_HEADERS = frozenset(
    header.lower() for code in PROVIDERS for header in terms_of(code).proof_headers
)
# Whatever the provider is: an account may change it.
ADDRESS_SETTINGS = frozenset(
    setting for code in PROVIDERS for setting in terms_of(code).address_settings
)
NEED_REGISTRATION = frozenset(code for code in PROVIDERS if terms_of(code).needs_registration)


def build(
    access: AccountAccess, provider: str, door: Door, tokens: AccessTokens | None = None
) -> Provider:
    """The provider for one account. Raises DirectoryError where the account lacks something."""
    _check(access, provider)
    if provider in _KINDS:
        return _KINDS[provider](access, door)
    if tokens is None:
        raise DirectoryError(f"account {access.code}: no access tokens")
    return _KINDS_WITH_TOKENS[provider](access, door, tokens)


def lacks(
    provider: str, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The settings and secrets without which an account of this provider cannot be used."""
    terms = terms_of(provider)
    return (
        tuple(name for name in terms.needs_settings if not settings.get(name)),
        tuple(name for name in terms.needs_secrets if not secrets.get(name)),
    )


def _check(access: AccountAccess, provider: str) -> None:
    settings, secrets = lacks(provider, access.settings, access.secrets)
    lacking = [f"setting {name}" for name in settings] + [f"secret {name}" for name in secrets]
    if lacking:
        raise DirectoryError(f"account {access.code} lacks {', '.join(lacking)}")
