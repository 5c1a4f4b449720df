"""How long an unmatched report is waited for."""

import pytest

from gateway.services.receive import Patience

PATIENT = Patience(unmatched_retry_s=[2.0, 10.0, 60.0], keep_s=200)


@pytest.mark.parametrize(
    ("tries", "wait_s"),
    [
        pytest.param(0, 2.0, id="soon-at-first"),
        pytest.param(1, 10.0, id="then-later"),
        pytest.param(2, 60.0, id="after-12-s"),
        pytest.param(3, 60.0, id="after-72-s-the-last-wait-repeats"),
        pytest.param(5, 60.0, id="after-192-s"),
        pytest.param(6, None, id="after-252-s-it-is-left-to-people"),
        pytest.param(99, None, id="and-stays-with-them"),
    ],
)
def test_waits_grow_and_end(tries: int, wait_s: float | None) -> None:
    assert PATIENT.wait_s(tries) == wait_s


def test_a_single_wait_repeats_to_the_end() -> None:
    patient = Patience(unmatched_retry_s=[5.0], keep_s=12)
    assert [patient.wait_s(tries) for tries in range(4)] == [5.0, 5.0, 5.0, None]
