"""A bucket of tokens: a rate, a burst, and no token lost or given twice."""

from gateway.services.token_bucket import TokenBucket


class Watch:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_full_one_gives_its_burst_at_once_and_no_more() -> None:
    bucket = TokenBucket(rate_per_s=2, burst=5, clock=Watch())
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]


def test_it_fills_at_its_rate() -> None:
    watch = Watch()
    bucket = TokenBucket(rate_per_s=2, burst=5, clock=watch)
    bucket.take(5)
    assert bucket.available() == 0
    watch.now_s += 1.5
    assert bucket.available() == 3


def test_it_never_holds_more_than_its_burst() -> None:
    watch = Watch()
    bucket = TokenBucket(rate_per_s=2, burst=5, clock=watch)
    watch.now_s += 3600
    assert bucket.available() == 5


def test_it_gives_all_that_is_asked_for_or_nothing() -> None:
    bucket = TokenBucket(rate_per_s=2, burst=5, clock=Watch())
    assert not bucket.take(6)
    assert bucket.available() == 5


def test_parts_of_a_token_are_not_lost_by_looking_often() -> None:
    watch = Watch()
    bucket = TokenBucket(rate_per_s=1, burst=1, clock=watch)
    bucket.take()
    for _ in range(10):
        watch.now_s += 0.125
        bucket.available()
    assert bucket.take()


def test_a_rate_below_one_a_second_still_gives() -> None:
    watch = Watch()
    bucket = TokenBucket(rate_per_s=0.5, burst=1, clock=watch)
    assert bucket.take()
    watch.now_s += 1
    assert not bucket.take()
    watch.now_s += 1
    assert bucket.take()
