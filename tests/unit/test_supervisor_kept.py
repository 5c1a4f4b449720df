from gateway.errors import ConfigurationError
from gateway.supervisor.kept import Kept


class Thing:
    """Runs until it is told to die; counts its starts."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.pid: int | None = 1
        self.starts = 0
        self._refuses = refuses

    def start(self) -> None:
        self.starts += 1
        if self._refuses:
            raise ConfigurationError("no")
        self.pid = 1


def deaths_until_started(thing: Thing, kept: Kept, at: float) -> float:
    """Let it die at `at` and look every eighth of a second; how long until it was started again."""
    thing.pid, before, now = None, thing.starts, at
    while thing.starts == before:
        kept.look(now)
        now += 0.125
    return now - 0.125 - at


def test_what_runs_is_left_alone() -> None:
    thing = Thing()
    Kept("worker", thing).look(0.0)
    assert thing.starts == 0


def test_each_death_waits_longer_up_to_five_seconds() -> None:
    thing = Thing()
    kept = Kept("worker", thing)
    waits = []
    for number in range(6):
        kept.look(number * 20.0)
        waits.append(deaths_until_started(thing, kept, number * 20.0 + 1))
    assert waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_minute_of_steady_work_is_rewarded_with_the_shortest_wait() -> None:
    thing = Thing()
    kept = Kept("worker", thing)
    for at in (0.0, 10.0, 20.0):
        kept.look(at)
        deaths_until_started(thing, kept, at + 1)
    kept.look(30.0)
    assert deaths_until_started(thing, kept, 91.0) == 0.5


def test_a_start_that_is_refused_is_tried_again() -> None:
    thing = Thing(refuses=True)
    kept = Kept("postgres", thing)
    deaths_until_started(thing, kept, 0.0)
    deaths_until_started(thing, kept, 10.0)
    assert thing.starts == 2
