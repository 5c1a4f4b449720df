"""The providers we can speak to, by the code that accounts name them with."""

from gateway.errors import DirectoryError
from gateway.providers.contract import AccessTokens, AccountAccess, Provider, Terms
from gateway.providers.esms import Esms
from gateway.providers.outbound import Door
from gateway.providers.twilio_sms import TwilioSms
from gateway.providers.twilio_voice import TwilioVoice
from gateway.providers.zalo_zns import ZaloZns

PROVIDERS = {
    "esms": Esms,
    "twilio_sms": TwilioSms,
    "twilio_voice": TwilioVoice,
    "zalo_zns": ZaloZns,
}


def terms_of(provider: str) -> Terms:
    """What accounts of this provider promise. Raises DirectoryError for an unknown code."""
    return _class_of(provider).terms


def build(
    access: AccountAccess, provider: str, door: Door, tokens: AccessTokens | None = None
) -> Provider:
    """The provider for one account. Raises DirectoryError where the account lacks something."""
    kind = _class_of(provider)
    _check(access, kind.terms)
    if issubclass(kind, ZaloZns):
        if tokens is None:
            raise DirectoryError(f"account {access.code}: no access tokens")
        return kind(access, door, tokens)
    return kind(access, door)


def _class_of(provider: str) -> type[Esms | TwilioSms | TwilioVoice | ZaloZns]:
    try:
        return PROVIDERS[provider]
    except KeyError:
        raise DirectoryError(f"unknown provider {provider}") from None


def _check(access: AccountAccess, terms: Terms) -> None:
    lacking = [f"setting {name}" for name in terms.needs_settings if not access.settings.get(name)]
    lacking += [f"secret {name}" for name in terms.needs_secrets if not access.secrets.get(name)]
    if lacking:
        raise DirectoryError(f"account {access.code} lacks {', '.join(lacking)}")
