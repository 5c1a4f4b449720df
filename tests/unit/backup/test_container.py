"""The file of a backup: what it gives back, and every way of spoiling it."""

import io
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.backup.container import (
    BLOCK_BYTES,
    BackupError,
    BlockWriter,
    Header,
    keyring_name,
    new_salt,
    read_blocks,
    read_header,
)
from gateway.sealing import Keyring

RING = Keyring.generate()
TAG_BYTES = 16


def header(ring: Keyring = RING) -> Header:
    return Header(
        made_at=datetime(2026, 3, 1, 2, 30, tzinfo=UTC),
        gateway="1.2.0",
        schema="0005",
        postgres=18,
        dumped_by=18,
        keyring=keyring_name(ring),
        seal_keys=tuple(ring.seal.keys),
        hash_keys=tuple(ring.hash.keys),
        salt=new_salt(),
    )


def written(content: bytes, *, finished: bool = True) -> bytes:
    file = io.BytesIO()
    writer = BlockWriter(file, header(), RING)
    for start in range(0, len(content), 700_000):
        writer.write(content[start : start + 700_000])
    if finished:
        writer.finish()
    return file.getvalue()


def opened(stored: bytes, ring: Keyring = RING) -> bytes:
    file = io.BytesIO(stored)
    return b"".join(read_blocks(file, read_header(file), ring))


@pytest.mark.parametrize(
    "size",
    [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES, 3 * BLOCK_BYTES + 17],
)
def test_what_went_in_comes_out(size: int) -> None:
    content = os.urandom(size)
    assert opened(written(content)) == content


def test_the_header_is_readable_without_a_key() -> None:
    found = read_header(io.BytesIO(written(b"x")))
    assert (found.schema, found.postgres, found.gateway) == ("0005", 18, "1.2.0")
    assert found.made_at == datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def test_nothing_of_the_content_is_readable() -> None:
    assert b"Minh" not in written("Nguyễn Thị Minh Ánh".encode() * 100)


def test_two_backups_of_the_same_content_share_no_block() -> None:
    content = bytes(BLOCK_BYTES)
    assert written(content)[-100:] != written(content)[-100:]


@pytest.mark.parametrize("place", [-1, -(TAG_BYTES + 5), -(BLOCK_BYTES + 100)])
def test_an_altered_byte_is_noticed(place: int) -> None:
    spoilt = bytearray(written(os.urandom(2 * BLOCK_BYTES)))
    spoilt[place] ^= 1
    with pytest.raises(BackupError, match="damaged"):
        opened(bytes(spoilt))


def test_an_altered_header_is_noticed() -> None:
    spoilt = written(b"content").replace(b'"schema": "0005"', b'"schema": "0004"')
    with pytest.raises(BackupError, match="damaged"):
        opened(spoilt)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(-1, id="one byte"),
        pytest.param(-(1000 + TAG_BYTES), id="the last block"),
        pytest.param(-(BLOCK_BYTES + 1000 + 2 * TAG_BYTES), id="two blocks"),
    ],
)
def test_a_cut_off_file_is_noticed(kept: int) -> None:
    whole = written(os.urandom(2 * BLOCK_BYTES + 1000))
    with pytest.raises(BackupError, match="cut off"):
        opened(whole[:kept])


def test_a_file_that_was_never_finished_is_noticed() -> None:
    with pytest.raises(BackupError, match="cut off"):
        opened(written(os.urandom(3 * BLOCK_BYTES), finished=False))


def test_blocks_in_another_order_are_noticed() -> None:
    whole = written(os.urandom(3 * BLOCK_BYTES))
    sealed = BLOCK_BYTES + TAG_BYTES
    start = len(whole) - 3 * sealed
    swapped = (
        whole[:start]
        + whole[start + sealed : start + 2 * sealed]
        + whole[start : start + sealed]
        + whole[start + 2 * sealed :]
    )
    with pytest.raises(BackupError, match="block 0"):
        opened(swapped)


def test_another_key_ring_is_told_from_damage() -> None:
    with pytest.raises(BackupError, match="another key ring"):
        opened(written(b"x"), Keyring.generate())


def test_a_key_ring_rotated_since_opens_it() -> None:
    assert opened(written(b"x"), RING.with_new_seal_key().with_new_hash_key()) == b"x"


def test_a_key_ring_older_than_the_backup_is_refused() -> None:
    file = io.BytesIO()
    newer = RING.with_new_seal_key()
    writer = BlockWriter(file, replace(header(newer)), newer)
    writer.finish()
    with pytest.raises(BackupError, match="lacks keys of version 2"):
        opened(file.getvalue())


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a backup"),
        (b"PGDMP and so on", "not a backup"),
        (b"BAOTINBK\x07rest", "newer release"),
        (b"BAOTINBK\x01\x00\x00\x00\x05{ no ", "header"),
        (b"BAOTINBK\x01\xff\xff\xff\xff", "header"),
    ],
    ids=["empty", "a plain dump", "a later form", "a broken header", "an endless header"],
)
def test_what_is_no_backup_is_called_that(content: bytes, complaint: str) -> None:
    with pytest.raises(BackupError, match=complaint):
        read_header(io.BytesIO(content))
