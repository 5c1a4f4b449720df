"""How a callback's try ends and when the next one is."""

import pytest

from gateway.domain.callback import Ending, Retries, ending_of

RETRIES = Retries(waits_s=(5, 60, 300))


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (200, Ending.DELIVERED),
        (204, Ending.DELIVERED),
        (301, Ending.REDIRECTED),
        (308, Ending.REDIRECTED),
        (400, Ending.REFUSED),
        (404, Ending.REFUSED),
        (410, Ending.GONE),
        (429, Ending.THROTTLED),
        (500, Ending.FAILED),
        (503, Ending.FAILED),
    ],
)
def test_only_2xx_is_a_success(status: int, ending: Ending) -> None:
    assert ending_of(status) is ending


@pytest.mark.parametrize(
    ("tries", "retry_after_s", "wait_s"),
    [
        pytest.param(1, None, 5, id="the first wait follows the first try"),
        pytest.param(3, None, 300, id="the last wait follows the third"),
        pytest.param(1, 8, 8, id="a receiver may ask for more"),
        pytest.param(1, 100, 10, id="but not for more than twice the step"),
        pytest.param(2, 1, 60, id="and not for less than the step"),
    ],
)
def test_waits_follow_the_schedule(tries: int, retry_after_s: float | None, wait_s: float) -> None:
    assert RETRIES.wait_s(tries, 0, 1, retry_after_s) == wait_s


def test_jitter_stretches_the_step() -> None:
    assert RETRIES.wait_s(2, 0, 0.8, None) == 48
    assert RETRIES.wait_s(2, 0, 1.2, None) == 72


def test_after_the_last_wait_it_is_given_up() -> None:
    assert RETRIES.wait_s(4, 0, 1, None) is None


def test_pauses_do_not_make_a_callback_live_on_for_ever() -> None:
    """365 seconds of waits, stretched by a fifth, are 438."""
    assert RETRIES.wait_s(1, 437, 1, None) == 5
    assert RETRIES.wait_s(1, 439, 1, None) is None
