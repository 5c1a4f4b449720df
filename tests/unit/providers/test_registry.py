"""Which providers there are, and what an account must bring."""

import pytest

from gateway.domain.channel import Channel, QueryBy
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess
from gateway.providers.registry import PROVIDERS, build, terms_of

SECRETS = {
    "esms": {"api_key": "a", "secret_key": "s", "callback_token": "c"},
    "twilio_sms": {"auth_token": "t"},
    "twilio_voice": {"auth_token": "t"},
    "zalo_zns": {"app_secret": "a", "oa_secret_key": "o"},
}
SETTINGS = {
    "esms": {},
    "twilio_sms": {"account_sid": "AC1"},
    "twilio_voice": {"account_sid": "AC1"},
    "zalo_zns": {"app_id": "1", "oauth_base_url": "https://oauth.example"},
}


class NoTokens:
    async def current(self) -> str:
        raise AssertionError

    async def renewed(self, refused: str) -> str:
        raise AssertionError


def access(provider: str, without: str = "") -> AccountAccess:
    return AccountAccess(
        code="acc",
        base_url="https://provider.example",
        settings={k: v for k, v in SETTINGS[provider].items() if k != without},
        secrets={k: v for k, v in SECRETS[provider].items() if k != without},
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_complete_account_gets_its_provider(provider: str) -> None:
    built = build(access(provider), provider, None, NoTokens())  # type: ignore[arg-type]
    assert isinstance(built, PROVIDERS[provider])


@pytest.mark.parametrize(
    ("provider", "name"),
    [(code, name) for code in PROVIDERS for name in (*SETTINGS[code], *SECRETS[code])],
)
def test_an_account_that_lacks_something_is_named_with_it(provider: str, name: str) -> None:
    with pytest.raises(DirectoryError, match=f"account acc lacks .*{name}"):
        build(access(provider, without=name), provider, None, NoTokens())  # type: ignore[arg-type]


def test_zalo_needs_access_tokens() -> None:
    with pytest.raises(DirectoryError, match="no access tokens"):
        build(access("zalo_zns"), "zalo_zns", None)  # type: ignore[arg-type]


def test_an_unknown_provider_is_an_error_of_the_directory() -> None:
    with pytest.raises(DirectoryError, match="unknown provider pigeon"):
        terms_of("pigeon")


@pytest.mark.parametrize(
    ("provider", "channel", "dedupe_window_s", "query_by"),
    [
        ("esms", Channel.SMS, 10_800, QueryBy.PROVIDER_ID),
        ("twilio_sms", Channel.SMS, 0, QueryBy.RECIPIENT_AND_TIME),
        ("twilio_voice", Channel.VOICE, 0, QueryBy.RECIPIENT_AND_TIME),
        ("zalo_zns", Channel.ZALO, 0, QueryBy.PROVIDER_ID),
    ],
)
def test_only_what_the_provider_documents_is_promised(
    provider: str, channel: Channel, dedupe_window_s: int, query_by: QueryBy
) -> None:
    terms = terms_of(provider)
    assert (terms.channel, terms.dedupe_window_s, terms.query_by) == (
        channel,
        dedupe_window_s,
        query_by,
    )


def test_secrets_are_not_shown() -> None:
    assert "api_key" not in repr(access("esms"))
