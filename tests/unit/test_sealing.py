"""Sealed values, keyed hashes and the key file."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.sealing import Hasher, Keyring, KeyVersionError, Sealer, SealError, VersionedKeys

OLD = Keyring(
    seal=VersionedKeys(primary=1, keys={1: b"s" * 32}),
    hash=VersionedKeys(primary=1, keys={1: b"h" * 32}),
    reference=b"r" * 32,
)
NEW = OLD.with_new_seal_key().with_new_hash_key()

ROW, OTHER_ROW = b"\x01" * 16, b"\x02" * 16
PLAIN = "Nguyễn Thị Minh Ánh".encode()


class TestSealing:
    def test_a_value_is_opened_in_the_row_for_which_it_was_sealed(self) -> None:
        sealer = Sealer(OLD)
        sealed, version = sealer.seal(PLAIN, ROW)
        assert version == 1
        assert sealer.open(sealed, version, ROW) == PLAIN

    def test_a_sealed_value_shows_nothing_and_never_looks_the_same(self) -> None:
        sealer = Sealer(OLD)
        one, _ = sealer.seal(PLAIN, ROW)
        other, _ = sealer.seal(PLAIN, ROW)
        assert one != other
        assert PLAIN not in one

    def test_an_empty_value_can_be_sealed(self) -> None:
        sealer = Sealer(OLD)
        assert sealer.open(*sealer.seal(b"", ROW), ROW) == b""

    def test_a_value_moved_to_another_row_does_not_open(self) -> None:
        sealer = Sealer(OLD)
        with pytest.raises(SealError):
            sealer.open(*sealer.seal(PLAIN, ROW), OTHER_ROW)

    @pytest.mark.parametrize("place", [0, 12, -1], ids=["nonce", "text", "tag"])
    def test_an_altered_value_does_not_open(self, place: int) -> None:
        sealer = Sealer(OLD)
        sealed, version = sealer.seal(PLAIN, ROW)
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealError):
            sealer.open(bytes(altered), version, ROW)

    @pytest.mark.parametrize("length", [0, 5, 12, 27])
    def test_a_torn_value_does_not_open(self, length: int) -> None:
        sealer = Sealer(OLD)
        sealed, version = sealer.seal(PLAIN, ROW)
        with pytest.raises(SealError):
            sealer.open(sealed[:length], version, ROW)

    def test_after_a_rotation_old_rows_open_and_new_rows_use_the_new_key(self) -> None:
        sealed, version = Sealer(OLD).seal(PLAIN, ROW)
        sealer = Sealer(NEW)
        assert sealer.open(sealed, version, ROW) == PLAIN
        assert sealer.seal(PLAIN, ROW)[1] == 2

    def test_a_key_that_is_missing_is_named_by_its_version(self) -> None:
        sealed, version = Sealer(NEW).seal(PLAIN, ROW)
        with pytest.raises(KeyVersionError, match="seal key of version 2"):
            Sealer(OLD).open(sealed, version, ROW)

    def test_the_version_must_be_that_of_the_key(self) -> None:
        sealer = Sealer(NEW)
        sealed, _ = sealer.seal(PLAIN, ROW)
        with pytest.raises(SealError):
            sealer.open(sealed, 1, ROW)


class TestHashes:
    def test_a_hash_is_sixteen_bytes_and_always_the_same(self) -> None:
        one, again = Hasher(OLD), Hasher(OLD)
        assert len(one.phone("+84984765321")) == 16
        assert one.phone("+84984765321") == again.phone("+84984765321")
        assert one.event_key("dvc", "urn:a", "1") == again.event_key("dvc", "urn:a", "1")

    def test_a_token_is_a_signed_64_bit_number(self) -> None:
        hasher = Hasher(OLD)
        tokens = [hasher.token("word", str(number)) for number in range(100)]
        assert all(-(2**63) <= token < 2**63 for token in tokens)
        assert min(tokens) < 0 < max(tokens)
        assert len(set(tokens)) == 100

    def test_no_two_purposes_share_a_hash(self) -> None:
        hasher = Hasher(replace(OLD, reference=OLD.hash.keys[1]))
        same_bytes = "1:a1:b1:c1:d"
        hashes = {
            hasher.digest(same_bytes.encode()),
            hasher.phone(same_bytes),
            hasher.event_key("a", "b", "c"),
            hasher.digest(b"1:a1:b1:c"),
            hasher.dossier("a", "b"),
            hasher.digest(b"1:a1:b"),
            hasher.reference_seed("a", "b", "c", 0),
            hasher.digest(b"1:a1:b1:c1:0"),
        }
        assert len(hashes) == 8

    def test_kinds_of_tokens_have_nothing_in_common(self) -> None:
        hasher = Hasher(OLD)
        assert hasher.token("word", "anh") != hasher.token("dossier", "anh")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            pytest.param(("a", "bc", "d"), ("ab", "c", "d"), id="a letter moved left"),
            pytest.param(("a", "b", "cd"), ("a", "bc", "d"), id="a letter moved right"),
            pytest.param(("1", "1:1", "1"), ("1:1", "1", "1"), id="parts that look like lengths"),
            pytest.param(("", "a", "b"), ("a", "", "b"), id="an empty part"),
        ],
    )
    def test_parts_that_read_alike_together_are_told_apart(
        self, one: tuple[str, str, str], other: tuple[str, str, str]
    ) -> None:
        hasher = Hasher(OLD)
        assert hasher.event_key(*one) != hasher.event_key(*other)

    def test_after_a_rotation_a_look_up_finds_old_rows_and_new(self) -> None:
        phone = "+84984765321"
        before, after = Hasher(OLD), Hasher(NEW)
        look_up = [after.phone(phone, version) for version in after.versions]
        assert after.versions == (2, 1)
        assert look_up == [after.phone(phone), before.phone(phone)]
        assert look_up[0] != look_up[1]

    def test_every_hash_but_the_reference_follows_the_rotation(self) -> None:
        before, after = Hasher(OLD), Hasher(NEW)
        assert before.event_key("a", "b", "c") != after.event_key("a", "b", "c")
        assert before.event_key("a", "b", "c") == after.event_key("a", "b", "c", version=1)
        newest, oldest = after.event_keys("a", "b", "c")
        assert (newest, oldest) == (after.event_key("a", "b", "c"), before.event_key("a", "b", "c"))
        assert before.digest(b"x") == after.digest(b"x", version=1) != after.digest(b"x")
        assert before.dossier("a", "b") == after.dossier("a", "b", 1) != after.dossier("a", "b")
        assert before.token("a", "b") == after.token("a", "b", version=1) != after.token("a", "b")
        assert before.reference_seed("a", "b", "c", 0) == after.reference_seed("a", "b", "c", 0)

    def test_each_recipient_of_an_event_has_a_reference_of_its_own(self) -> None:
        hasher = Hasher(OLD)
        assert hasher.reference_seed("a", "b", "c", 0) != hasher.reference_seed("a", "b", "c", 1)

    def test_other_keys_give_other_hashes(self) -> None:
        assert Hasher(Keyring.generate()).phone("+84984765321") != Hasher(OLD).phone("+84984765321")

    def test_a_version_without_key_is_refused(self) -> None:
        with pytest.raises(KeyVersionError, match="hash key of version 2"):
            Hasher(OLD).phone("+84984765321", 2)


class TestKeyring:
    def test_generated_keys_are_all_different(self) -> None:
        ring = Keyring.generate()
        keys = {*ring.seal.keys.values(), *ring.hash.keys.values(), ring.reference}
        assert len(keys) == 3
        assert {len(key) for key in keys} == {32}

    def test_no_key_shows_in_a_repr(self) -> None:
        assert repr(NEW) == (
            "Keyring(seal=VersionedKeys(primary=2), hash=VersionedKeys(primary=2))"
        )

    def test_a_rotation_keeps_the_old_keys_and_the_reference(self) -> None:
        assert NEW.seal.keys[1] == OLD.seal.keys[1]
        assert NEW.hash.keys[1] == OLD.hash.keys[1]
        assert NEW.reference == OLD.reference

    def test_a_primary_without_key_is_refused(self) -> None:
        with pytest.raises(ValueError, match="primary"):
            VersionedKeys(primary=2, keys={1: b"k" * 32})


class TestKeyFile:
    def test_what_is_saved_is_loaded(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        NEW.save(path)
        assert Keyring.load(path) == NEW

    def test_nobody_else_can_read_it_and_nothing_else_is_left(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        before = os.umask(0)
        try:
            NEW.save(path)
        finally:
            os.umask(before)
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [path]

    def test_a_rotated_ring_replaces_the_former_one(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        OLD.save(path)
        NEW.save(path)
        assert Keyring.load(path) == NEW

    def test_the_keys_of_another_installation_are_never_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        OLD.save(path)
        with pytest.raises(ConfigurationError, match="another installation"):
            Keyring.generate().save(path)
        assert Keyring.load(path) == OLD

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
    def test_a_file_open_to_others_stops_the_start(self, tmp_path: Path, mode: int) -> None:
        path = tmp_path / "keys.json"
        NEW.save(path)
        path.chmod(mode)
        with pytest.raises(ConfigurationError, match="chmod 600"):
            Keyring.load(path)

    def test_a_missing_file_stops_the_start(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
            Keyring.load(tmp_path / "keys.json")

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param({"reference": None}, id="no reference key"),
            pytest.param({"reference": "c2hvcnQ="}, id="short key"),
            pytest.param({"reference": "not base64"}, id="not base64"),
            pytest.param({"seal": {"primary": 3, "keys": {}}}, id="primary without key"),
            pytest.param({"hash": []}, id="list for a table"),
        ],
    )
    def test_a_damaged_file_stops_the_start_without_showing_a_key(
        self, tmp_path: Path, damage: dict[str, object]
    ) -> None:
        path = tmp_path / "keys.json"
        NEW.save(path)
        path.write_text(json.dumps(json.loads(path.read_text()) | damage))
        with pytest.raises(ConfigurationError, match="is damaged") as caught:
            Keyring.load(path)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

    def test_a_file_that_is_no_json_stops_the_start(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        path.touch(0o600)
        with pytest.raises(ConfigurationError, match="is damaged"):
            Keyring.load(path)
