"""Identifiers: ordered by time, random enough, shown with a prefix and read back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.identity import minted_at, read, show, uuid7, uuid7_floor

NOON_MS = 1_732_017_600_000  # 2024-11-19T12:00:00Z
MILLISECONDS = st.integers(min_value=0, max_value=(1 << 48) - 1)
RANDOM_BITS = st.integers(min_value=0, max_value=(1 << 74) - 1)


def test_the_example_of_the_standard_is_made_from_its_parts() -> None:
    """RFC 9562, appendix A.6: 2022-02-22T19:22:22Z, rand_a cc3, rand_b 18c4dc0c0c07398f."""
    made = uuid7(0x017F22E279B0, 0xCC3 << 62 | 0x18C4DC0C0C07398F)
    assert made == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@given(MILLISECONDS, RANDOM_BITS)
def test_every_id_is_of_version_7_and_tells_its_millisecond(now_ms: int, bits: int) -> None:
    made = uuid7(now_ms, bits)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == now_ms


@given(MILLISECONDS, RANDOM_BITS, RANDOM_BITS)
def test_other_randomness_makes_another_id(now_ms: int, one: int, other: int) -> None:
    assert (uuid7(now_ms, one) == uuid7(now_ms, other)) is (one == other)


@given(RANDOM_BITS, RANDOM_BITS)
def test_a_later_id_sorts_behind_an_earlier_one(earlier: int, later: int) -> None:
    assert uuid7(NOON_MS, earlier) < uuid7(NOON_MS + 1, later)


@given(RANDOM_BITS)
def test_the_floor_of_a_moment_lies_between_before_and_after(bits: int) -> None:
    floor = uuid7_floor(datetime.fromtimestamp(NOON_MS / 1000, tz=UTC))
    assert uuid7(NOON_MS - 1, bits) < floor <= uuid7(NOON_MS, bits)


def test_an_id_tells_when_it_was_minted() -> None:
    assert minted_at(uuid7(NOON_MS + 250, 5)) == datetime(2024, 11, 19, 12, tzinfo=UTC) + timedelta(
        milliseconds=250
    )


def test_an_id_is_shown_with_its_prefix_and_read_back() -> None:
    minted = uuid7(NOON_MS, 7)
    shown = show("ntf", minted)
    assert shown == "ntf_" + str(minted).replace("-", "")
    assert read("ntf", shown) == minted


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("evt_0193444a5c007000800000000000000a", id="another-prefix"),
        pytest.param("0193444a5c007000800000000000000a", id="no-prefix"),
        pytest.param("ntf_0193444a-5c00-7000-8000-00000000000a", id="with-hyphens"),
        pytest.param("ntf_0193444a", id="too-short"),
        pytest.param("ntf_0193444a5c007000800000000000000a0", id="too-long"),
        pytest.param("ntf_zz93444a5c007000800000000000000a", id="not-hexadecimal"),
        pytest.param("ntf_", id="only-a-prefix"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_not_such_an_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read("ntf", text)
