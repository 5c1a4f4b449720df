"""A source in trouble is left alone, longer each time, and asked by one call in between."""

from gateway.services.source_pauses import SourcePauses


def _failed(pauses: SourcePauses, times: int, now: float) -> None:
    for _ in range(times):
        pauses.failed("igate", now)


def test_a_few_failures_change_nothing() -> None:
    pauses = SourcePauses(10)
    _failed(pauses, 4, now=0)
    assert pauses.most("igate", 8, now=0) == 8
    assert not pauses.in_trouble("igate")


def test_after_five_failures_it_rests_and_then_gets_one_call() -> None:
    pauses = SourcePauses(10)
    _failed(pauses, 5, now=0)
    assert pauses.most("igate", 8, now=9.9) == 0
    assert pauses.most("igate", 8, now=10) == 1
    assert pauses.in_trouble("igate")


def test_each_rest_is_twice_the_one_before_up_to_five_minutes() -> None:
    pauses = SourcePauses(10)
    _failed(pauses, 5, now=0)
    now = 10.0
    for rest_s in (20, 40, 80, 160, 300, 300):
        pauses.failed("igate", now)
        assert pauses.most("igate", 8, now + rest_s - 0.1) == 0
        now += rest_s
        assert pauses.most("igate", 8, now) == 1


def test_calls_that_were_open_when_the_rest_began_do_not_lengthen_it() -> None:
    pauses = SourcePauses(10)
    _failed(pauses, 8, now=0)
    assert pauses.most("igate", 8, now=10) == 1


def test_one_success_ends_the_trouble() -> None:
    pauses = SourcePauses(10)
    _failed(pauses, 5, now=0)
    pauses.succeeded("igate")
    assert pauses.most("igate", 8, now=0) == 8


def test_a_source_may_ask_for_a_rest_of_at_most_five_minutes() -> None:
    pauses = SourcePauses(10)
    pauses.failed("igate", 0, asked_s=3600)
    assert pauses.most("igate", 8, now=299) == 0
    assert pauses.most("igate", 8, now=300) == 8


def test_the_trouble_of_one_source_is_not_that_of_another() -> None:
    pauses = SourcePauses(10)
    _failed(pauses, 5, now=0)
    assert pauses.most("other", 8, now=0) == 8
