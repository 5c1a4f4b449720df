"""Versions of keys: added, taken into use, given up; and the turns of those who change the file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.sealing import (
    Hasher,
    KeyPurpose,
    Keyring,
    KeyVersionError,
    Sealer,
    VersionedKeys,
    change_keys,
)

ONE = VersionedKeys(primary=1, keys={1: b"1" * 32})


def test_an_added_key_can_be_read_by_and_is_not_written_under() -> None:
    added = ONE.added()
    assert (added.primary, added.newest, added.versions) == (1, 2, (1, 2))
    assert added.promoted().versions == (2, 1)


def test_the_primary_cannot_be_given_up() -> None:
    with pytest.raises(ValueError, match="primary"):
        ONE.without(1)
    assert ONE.rotated().without(1).versions == (2,)


def test_a_sealer_looks_again_before_it_gives_up() -> None:
    old = Keyring.generate()
    new = old.with_new_seal_key()
    sealer = Sealer(old, look_again=lambda: sealer.use(new))
    assert sealer.open(*Sealer(new).seal(b"plain", b"row"), b"row") == b"plain"


def test_a_sealer_that_finds_nothing_newer_says_so() -> None:
    looked: list[int] = []
    sealer = Sealer(Keyring.generate(), look_again=lambda: looked.append(1))
    with pytest.raises(KeyVersionError):
        sealer.open(b"x" * 40, 7, b"row")
    assert looked == [1]


def test_a_hasher_takes_newer_keys_into_use() -> None:
    old = Keyring.generate()
    hasher = Hasher(old)
    before = hasher.phone("+84984765321")
    hasher.use(old.with_new_hash_key())
    assert hasher.versions == (2, 1)
    assert hasher.phone("+84984765321") != before
    assert hasher.phone("+84984765321", 1) == before


def test_changing_one_purpose_leaves_the_other_and_the_reference(tmp_path: Path) -> None:
    file = tmp_path / "keyring.json"
    before = Keyring.generate()
    before.save(file)
    changed = change_keys(file, KeyPurpose.HASH, VersionedKeys.rotated)
    assert Keyring.load(file) == replace(before, hash=changed)


def test_two_who_change_the_file_take_turns(tmp_path: Path) -> None:
    file = tmp_path / "keyring.json"
    Keyring.generate().save(file)
    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(change_keys, file, KeyPurpose.SEAL, VersionedKeys.rotated)
    assert Keyring.load(file).seal.versions == (9, 8, 7, 6, 5, 4, 3, 2, 1)
