"""Which providers there are, and what an account must bring."""

from dataclasses import replace

import pytest
from kits import NAMES, kit_of
from provider_accounts import Tokens, account

from gateway.errors import DirectoryError
from gateway.providers.registry import build, terms_of

ADDRESS = "https://provider.example"


@pytest.mark.parametrize("name", NAMES)
def test_a_complete_account_gets_its_provider(name: str) -> None:
    built = build(account(name, ADDRESS), name, None, Tokens())  # type: ignore[arg-type]
    assert built.terms == terms_of(name)


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        (name, lacking)
        for name in NAMES
        for lacking in (*terms_of(name).needs_settings, *terms_of(name).needs_secrets)
    ],
)
def test_an_account_that_lacks_something_is_named_with_it(name: str, lacking: str) -> None:
    access = account(name, ADDRESS)
    without = replace(
        access,
        settings={key: value for key, value in access.settings.items() if key != lacking},
        secrets={key: value for key, value in access.secrets.items() if key != lacking},
    )
    with pytest.raises(DirectoryError, match=f"account acc lacks .*{lacking}"):
        build(without, name, None, Tokens())  # type: ignore[arg-type]


def test_zalo_needs_access_tokens() -> None:
    with pytest.raises(DirectoryError, match="no access tokens"):
        build(account("zalo_zns", ADDRESS), "zalo_zns", None)  # type: ignore[arg-type]


def test_an_unknown_provider_is_an_error_of_the_directory() -> None:
    with pytest.raises(DirectoryError, match="unknown provider pigeon"):
        terms_of("pigeon")


@pytest.mark.parametrize("name", NAMES)
def test_only_what_the_provider_documents_is_promised(name: str) -> None:
    terms = terms_of(name)
    promised = (terms.channel, terms.receipts, terms.dedupe_window_s, terms.query_by)
    assert promised == kit_of(name).promises


def test_secrets_are_not_shown() -> None:
    shown = repr(account("esms", ADDRESS))
    assert [one for one in account("esms", ADDRESS).secrets.values() if one in shown] == []
