"""API keys: random, recognised by a hash, and never shown by accident."""

import hashlib

import pytest

from gateway.services.api_keys import KeyParts, new_key, split_key


def test_a_new_key_is_recognised_by_the_hash_of_its_secret_part() -> None:
    parts, entry = new_key("igate", ("post", "read"), "live")
    assert entry.code == parts.prefix
    assert entry.sha256 == hashlib.sha256(parts.secret.encode()).hexdigest()
    assert (entry.source, entry.scopes, entry.mode) == ("igate", ("post", "read"), "live")
    assert not entry.revoked


def test_no_two_keys_are_alike_and_a_secret_has_192_bits() -> None:
    made = [new_key("igate", ("post",), "live")[0] for _ in range(50)]
    assert len({parts.secret for parts in made}) == 50
    assert all(len(bytes.fromhex(parts.secret)) == 24 for parts in made)


def test_a_shown_key_is_split_again() -> None:
    parts, _ = new_key("igate", ("post",), "live")
    assert split_key(str(parts)) == parts


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("", id="empty"),
        pytest.param("bt_", id="only-the-head"),
        pytest.param("bt_1234abcd", id="without-a-secret"),
        pytest.param("bt_1234abcd_", id="with-an-empty-secret"),
        pytest.param("bt__5ecre7", id="with-an-empty-prefix"),
        pytest.param("sk_1234abcd_5ecre7", id="of-another-product"),
        pytest.param("1234abcd_5ecre7", id="without-its-head"),
    ],
)
def test_what_is_no_key_is_not_split(shown: str) -> None:
    assert split_key(shown) is None


def test_the_repr_of_a_key_hides_its_secret() -> None:
    assert "5ecre7" not in repr(KeyParts(prefix="1234abcd", secret="5ecre7"))
