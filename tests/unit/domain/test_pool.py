"""How accounts share a pool: breakers, shares that move a step at a time, turns by weight."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.pool import (
    Breaker,
    BreakerState,
    Caution,
    Move,
    Seen,
    Share,
    ShareRules,
    review,
    turns,
)


class Watch:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class TestBreaker:
    def test_it_opens_after_faults_in_a_row_only(self) -> None:
        breaker = Breaker(Caution(faults=3), Watch())
        for fault in (True, True, False, True, True):
            breaker.began()
            if fault:
                breaker.fault()
            else:
                breaker.went_well()
        assert breaker.is_closed
        assert breaker.fault()
        assert breaker.room(9) == 0

    def test_a_few_faults_are_enough_where_nothing_went_well_for_long(self) -> None:
        watch = Watch()
        breaker = Breaker(Caution(faults=10, few=3, silence_s=60), watch)
        watch.now_s += 61
        assert [breaker.fault() for _ in range(3)] == [False, False, True]

    def test_each_failed_probe_doubles_the_wait_up_to_the_longest(self) -> None:
        watch = Watch()
        breaker = Breaker(Caution(faults=1, open_s=5, longest_s=15), watch)
        breaker.fault()
        waits = []
        for _ in range(4):
            waited = 0
            while not breaker.room(9):
                watch.now_s += 1
                waited += 1
            waits.append(waited)
            assert breaker.room(9) == 1
            breaker.began()
            assert breaker.room(9) == 0
            breaker.fault()
        assert waits == [5, 10, 15, 15]

    def test_calls_that_were_under_way_when_it_opened_do_not_open_it_anew(self) -> None:
        watch = Watch()
        breaker = Breaker(Caution(faults=2, open_s=5), watch)
        assert [breaker.fault() for _ in range(8)] == [False, True] + [False] * 6
        watch.now_s += 5
        assert breaker.room(9) == 1

    def test_a_probe_that_told_nothing_is_followed_by_another(self) -> None:
        breaker = Breaker(Caution(), Watch())
        breaker.half_open()
        breaker.began()
        assert breaker.room(9) == 0
        breaker.told_nothing()
        assert breaker.room(9) == 1

    def test_it_tells_how_it_stands_and_since_when(self) -> None:
        watch = Watch()
        breaker = Breaker(Caution(faults=1, open_s=5, longest_s=5), watch)
        stood = [(breaker.state, breaker.open_for_s)]
        breaker.fault()
        watch.now_s += 4
        stood.append((breaker.state, breaker.open_for_s))
        watch.now_s += 1
        stood.append((breaker.state, breaker.open_for_s))
        breaker.began()
        breaker.fault()
        stood.append((breaker.state, breaker.open_for_s))
        watch.now_s += 5
        breaker.began()
        stood.append((breaker.state, breaker.open_for_s))
        breaker.went_well()
        stood.append((breaker.state, breaker.open_for_s))
        closed, opened, probing = BreakerState
        assert stood == [
            (closed, 0), (opened, 4), (probing, 5), (opened, 5), (probing, 10), (closed, 0),
        ]  # fmt: skip

    def test_one_success_closes_it(self) -> None:
        breaker = Breaker(Caution(), Watch())
        breaker.half_open()
        breaker.began()
        breaker.went_well()
        assert breaker.room(9) == 9


RULES = ShareRules()
WELL = Seen(calls=100, faults=2)
SOME_FAULTS = Seen(calls=100, faults=20)
ALL_FAULTS = Seen(calls=100, faults=100)
LATE = Seen(calls=100, judged=100, late=40)
ON_THE_EDGE = Seen(calls=100, faults=8)


class TestShares:
    @pytest.mark.parametrize(
        ("seen", "move"),
        [
            pytest.param(SOME_FAULTS, Move(kept=0.9, why="faults"), id="some faults"),
            pytest.param(ALL_FAULTS, Move(kept=0.8, why="faults"), id="mostly faults"),
            pytest.param(LATE, Move(kept=0.9, why="late"), id="late"),
            pytest.param(Seen(calls=19, faults=19), None, id="too few to tell"),
            pytest.param(Seen(calls=5, judged=19, late=19), None, id="too few old enough"),
            pytest.param(ON_THE_EDGE, None, id="below the line"),
        ],
    )
    def test_a_share_goes_down_for_what_was_seen(self, seen: Seen, move: Move | None) -> None:
        made = review({"a": Share(), "b": Share()}, {"a": seen, "b": WELL}, RULES)
        assert made == ({} if move is None else {"a": move})

    def test_nothing_moves_where_all_are_ill(self) -> None:
        made = review({"a": Share(), "b": Share()}, {"a": ALL_FAULTS, "b": SOME_FAULTS}, RULES)
        assert made == {}

    def test_one_that_is_alone_keeps_all(self) -> None:
        assert review({"a": Share()}, {"a": ALL_FAULTS}, RULES) == {}

    def test_moves_lie_apart(self) -> None:
        shares = {"a": Share(kept=0.5, since_s=59), "b": Share()}
        seen = {"a": ALL_FAULTS, "b": WELL}
        assert review(shares, seen, RULES) == {}
        shares["a"] = Share(kept=0.5, since_s=60)
        assert review(shares, seen, RULES) == {"a": Move(kept=0.3, why="faults")}

    def test_a_little_is_always_kept(self) -> None:
        shares = {"a": Share(kept=0.1, since_s=100), "b": Share()}
        made = review(shares, {"a": ALL_FAULTS, "b": WELL}, RULES)
        assert made == {"a": Move(kept=0.05, why="faults")}
        shares["a"] = Share(kept=0.05, since_s=100)
        assert review(shares, {"a": ALL_FAULTS, "b": WELL}, RULES) == {}

    @pytest.mark.parametrize(
        ("seen", "comes_back"),
        [
            pytest.param(WELL, True, id="well"),
            pytest.param(Seen(), True, id="nothing seen"),
            pytest.param(ON_THE_EDGE, False, id="neither well nor ill"),
        ],
    )
    def test_a_share_drifts_back_once_it_is_well(self, seen: Seen, comes_back: bool) -> None:
        shares = {"a": Share(kept=0.5, since_s=900), "b": Share()}
        made = review(shares, {"a": seen, "b": WELL}, RULES)
        assert made == ({"a": Move(kept=0.6, why="well")} if comes_back else {})
        shares["a"] = Share(kept=0.5, since_s=899)
        assert review(shares, {"a": seen, "b": WELL}, RULES) == {}

    @given(
        st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=2, max_size=4),
        st.lists(st.floats(0.05, 1.0), min_size=4, max_size=4),
    )
    def test_a_share_stays_between_its_floor_and_the_whole(
        self, seen: list[tuple[int, int]], kept: list[float]
    ) -> None:
        codes = [str(n) for n, _ in enumerate(seen)]
        shares = {code: Share(kept=kept[n]) for n, code in enumerate(codes)}
        made = review(
            shares,
            {
                code: Seen(calls=100, faults=a, judged=100, late=b)
                for code, (a, b) in zip(codes, seen, strict=True)
            },
            RULES,
        )
        for code, move in made.items():
            assert RULES.floor <= move.kept <= 1
            assert abs(move.kept - shares[code].kept) <= 2 * RULES.step + 1e-6


class TestTurns:
    def test_they_follow_the_weights_of_those_with_room(self) -> None:
        drawn = Counter(
            turns({"a": 3, "b": 1, "c": 9}, {"a": 9999, "b": 9999, "c": 0}, 4000, Random(1))
        )
        assert drawn.keys() == {"a", "b"}
        assert 2850 < drawn["a"] < 3150

    @given(
        st.dictionaries(st.sampled_from("abcd"), st.integers(-1, 5)),
        st.dictionaries(st.sampled_from("abcd"), st.floats(0, 9)),
        st.integers(-1, 30),
    )
    def test_nobody_gets_more_than_it_has_room_for_and_no_room_is_left_unused(
        self, rooms: dict[str, int], weights: dict[str, float], most: int
    ) -> None:
        drawn = Counter(turns(weights, rooms, most, Random(1)))
        assert all(drawn[code] <= rooms[code] for code in drawn)
        free = sum(max(0, room) for room in rooms.values())
        assert drawn.total() == max(0, min(most, free))
