"""Working days, sending hours and openings, checked against the announced calendar of 2026."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.channel import Channel
from gateway.domain.directory import CalendarDay, OpeningHours
from gateway.domain.hours import (
    ZONE,
    Calendar,
    ChannelHours,
    Opening,
    SendingHours,
    next_morning,
    next_opening,
)

CALENDAR = Calendar()
SMS = ChannelHours.parse(["07:00-21:00"])
CALLS = ChannelHours.parse(["08:00-11:30", "13:30-17:00"], working_days_only=True)
ANY_TIME = ChannelHours.parse(["00:00-24:00"])
HOURS = SendingHours(CALENDAR, {Channel.SMS: SMS, Channel.VOICE: CALLS, Channel.ZALO: ANY_TIME})

WEEKDAYS = (1, 2, 3, 4, 5)
CENTRE = (
    OpeningHours(days=WEEKDAYS, opens=time(13, 30), closes=time(17)),
    OpeningHours(days=WEEKDAYS, opens=time(7), closes=time(11, 30)),
    OpeningHours(days=(6,), opens=time(7), closes=time(10)),
)


def at(text: str) -> datetime:
    """A moment in Vietnam from `2026-02-13 16:59`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def opening(begins: str, ends: str) -> Opening:
    return Opening(opens_at=at(begins), closes_at=at(ends))


class TestCalendar:
    @pytest.mark.parametrize(
        ("day", "works"),
        [
            pytest.param("2026-02-13", True, id="the Friday before Tết"),
            pytest.param("2026-02-14", False, id="Saturday before Tết"),
            pytest.param("2026-02-16", False, id="Tết eve"),
            pytest.param("2026-02-17", False, id="Tết"),
            pytest.param("2026-02-20", False, id="fourth day of Tết"),
            pytest.param("2026-02-22", False, id="Sunday after Tết"),
            pytest.param("2026-02-23", True, id="the Monday after Tết"),
            pytest.param("2026-04-26", False, id="Hùng Kings on a Sunday"),
            pytest.param("2026-04-27", False, id="Monday in place of Hùng Kings"),
            pytest.param("2026-04-30", False, id="30 April"),
            pytest.param("2026-05-01", False, id="1 May"),
            pytest.param("2026-05-04", True, id="the Monday after 1 May"),
            pytest.param("2026-08-22", True, id="Saturday worked in exchange"),
            pytest.param("2026-08-31", False, id="Monday taken in exchange"),
            pytest.param("2026-09-01", False, id="1 September"),
            pytest.param("2026-09-02", False, id="2 September"),
            pytest.param("2026-09-03", True, id="3 September"),
            pytest.param("2018-12-31", False, id="New Year's Eve taken in exchange"),
            pytest.param("2019-01-05", True, id="worked in the year after"),
            pytest.param("2014-12-27", True, id="worked in the year before"),
        ],
    )
    def test_public_holidays_and_exchanged_days_are_known(self, day: str, works: bool) -> None:
        assert CALENDAR.works(date.fromisoformat(day)) is works

    def test_a_day_of_the_directory_outranks_the_public_calendar(self) -> None:
        calendar = Calendar.of(
            [
                CalendarDay(code="2026-01-02", day=date(2026, 1, 2), works=False),
                CalendarDay(code="2026-01-10", day=date(2026, 1, 10), works=True),
            ]
        )
        assert CALENDAR.works(date(2026, 1, 2))
        assert not calendar.works(date(2026, 1, 2))
        assert not CALENDAR.works(date(2026, 1, 10))
        assert calendar.works(date(2026, 1, 10))

    def test_a_weekend_is_no_holiday_unless_it_lies_beside_one(self) -> None:
        holidays = [day for day in range(1, 29) if CALENDAR.is_holiday(date(2026, 2, day))]
        assert holidays == [14, 15, 16, 17, 18, 19, 20, 21, 22]

    def test_the_directory_can_end_a_holiday_for_the_weekend_beside_it(self) -> None:
        calendar = Calendar(overrides={date(2026, 2, 16): True})
        assert not calendar.is_holiday(date(2026, 2, 14))


class TestWindows:
    @pytest.mark.parametrize(
        ("windows", "complaint"),
        [
            pytest.param([], "at least one window", id="none"),
            pytest.param(["8:00-11:30"], "not a window", id="one digit"),
            pytest.param(["08:00–11:30"], "not a window", id="dash of the wrong kind"),
            pytest.param(["08:60-11:30"], "not a window", id="sixty minutes"),
            pytest.param(["21:00-07:00"], "ends before it begins", id="over midnight"),
            pytest.param(["08:00-08:00"], "ends before it begins", id="empty"),
            pytest.param(["08:00-24:30"], "after 24:00", id="after midnight"),
        ],
    )
    def test_a_malformed_window_is_refused_with_a_sentence(
        self, windows: list[str], complaint: str
    ) -> None:
        with pytest.raises(ValueError, match=complaint):
            ChannelHours.parse(windows)

    def test_windows_are_put_in_order_and_joined_where_they_touch(self) -> None:
        joined = ChannelHours.parse(["13:30-17:00", "10:00-12:00", "08:00-10:00"])
        assert joined == ChannelHours.parse(["08:00-12:00", "13:30-17:00"])

    def test_a_channel_without_hours_is_named(self) -> None:
        with pytest.raises(ValueError, match="no sending hours for voice"):
            SendingHours(CALENDAR, {Channel.SMS: SMS}).is_open(
                Channel.VOICE, at("2026-03-03 10:00")
            )

    def test_a_moment_without_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            HOURS.is_open(Channel.SMS, at("2026-03-03 10:00").replace(tzinfo=None))


class TestSendingHours:
    @pytest.mark.parametrize(
        ("channel", "moment", "opens"),
        [
            pytest.param(Channel.SMS, "2026-03-03 06:59", "2026-03-03 07:00", id="SMS, early"),
            pytest.param(Channel.SMS, "2026-03-03 07:00", "2026-03-03 07:00", id="SMS, opening"),
            pytest.param(Channel.SMS, "2026-03-03 21:00", "2026-03-04 07:00", id="SMS, closing"),
            pytest.param(Channel.SMS, "2026-02-17 12:00", "2026-02-17 12:00", id="SMS, Tết"),
            pytest.param(Channel.VOICE, "2026-03-03 11:29", "2026-03-03 11:29", id="call, noon"),
            pytest.param(Channel.VOICE, "2026-03-03 11:30", "2026-03-03 13:30", id="call, lunch"),
            pytest.param(Channel.VOICE, "2026-03-06 17:00", "2026-03-09 08:00", id="call, Friday"),
            pytest.param(Channel.VOICE, "2026-02-13 17:00", "2026-02-23 08:00", id="call, Tết"),
            pytest.param(
                Channel.VOICE, "2026-08-22 09:00", "2026-08-22 09:00", id="call, exchange"
            ),
            pytest.param(
                Channel.VOICE, "2026-04-29 17:30", "2026-05-04 08:00", id="call, 30 April"
            ),
            pytest.param(
                Channel.ZALO, "2026-02-17 02:00", "2026-02-17 02:00", id="Zalo, Tết night"
            ),
        ],
    )
    def test_a_channel_opens_next_at(self, channel: Channel, moment: str, opens: str) -> None:
        assert HOURS.next_open(channel, at(moment)) == at(opens)
        assert HOURS.is_open(channel, at(moment)) is (moment == opens)

    def test_hours_are_those_of_vietnam_wherever_the_moment_was_written_down(self) -> None:
        # 00:30 UTC is 07:30 in Vietnam.
        assert HOURS.is_open(Channel.SMS, datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
        assert not HOURS.is_open(Channel.SMS, datetime(2026, 3, 3, 14, 0, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("channel", "due", "now", "minutes"),
        [
            pytest.param("sms", "2026-03-03 10:00", "2026-03-03 10:20", 20, id="open all along"),
            pytest.param("sms", "2026-03-02 20:55", "2026-03-02 23:00", 0, id="closed since"),
            pytest.param("sms", "2026-03-02 20:55", "2026-03-03 07:00", 0, id="opens just now"),
            pytest.param("sms", "2026-03-02 20:55", "2026-03-03 07:05", 5, id="open again"),
            pytest.param("sms", "2026-03-03 08:00", "2026-03-03 07:30", 0, id="not yet due"),
            pytest.param("voice", "2026-03-03 11:00", "2026-03-03 13:40", 10, id="after noon"),
            pytest.param("voice", "2026-03-03 16:00", "2026-03-07 10:00", 0, id="on a Saturday"),
            pytest.param("zalo", "2026-03-01 10:00", "2026-03-03 11:00", 2940, id="never closed"),
        ],
    )
    def test_nothing_is_held_up_while_its_channel_is_closed(
        self, channel: str, due: str, now: str, minutes: int
    ) -> None:
        assert HOURS.held_up_s(Channel(channel), at(due), at(now)) == minutes * 60

    def test_a_stretch_over_midnight_is_one(self) -> None:
        late = ChannelHours.parse(["20:00-24:00", "00:00-02:00"])
        hours = SendingHours(CALENDAR, {Channel.SMS: late})
        due, now = at("2026-03-02 12:00"), at("2026-03-03 01:00")
        assert hours.held_up_s(Channel.SMS, due, now) == 5 * 3600
        assert hours.held_up_s(Channel.SMS, at("2026-03-02 23:00"), now) == 2 * 3600

    @pytest.mark.parametrize(
        ("moment", "hours", "channels", "passed"),
        [
            pytest.param("2026-03-03 08:00", 0, {Channel.VOICE}, "2026-03-03 08:00", id="nothing"),
            pytest.param(
                "2026-03-03 08:00", 3.5, {Channel.VOICE}, "2026-03-03 11:30", id="a morning"
            ),
            pytest.param(
                "2026-03-03 08:00", 4, {Channel.VOICE}, "2026-03-03 14:00", id="over lunch"
            ),
            pytest.param(
                "2026-03-03 12:00", 1, {Channel.VOICE}, "2026-03-03 14:30", id="from lunch"
            ),
            pytest.param("2026-02-13 16:00", 2, {Channel.VOICE}, "2026-02-23 09:00", id="over Tết"),
            pytest.param(
                "2026-02-13 16:00", 14, {Channel.SMS}, "2026-02-14 16:00", id="SMS, a day"
            ),
            pytest.param(
                "2026-03-03 12:00",
                10,
                {Channel.SMS, Channel.VOICE},
                "2026-03-04 08:00",
                id="calls within the SMS hours add nothing",
            ),
            pytest.param(
                "2026-02-14 00:00",
                48,
                {Channel.ZALO, Channel.VOICE},
                "2026-02-16 00:00",
                id="Zalo is always open",
            ),
        ],
    )
    def test_only_open_time_counts(
        self, moment: str, hours: float, channels: set[Channel], passed: str
    ) -> None:
        assert HOURS.add_open_time(at(moment), hours * 3600, channels) == at(passed)

    def test_open_time_of_no_channel_cannot_be_counted(self) -> None:
        with pytest.raises(ValueError, match="no channel"):
            HOURS.add_open_time(at("2026-03-03 08:00"), 60, [])


moments = st.integers(0, 7 * 365 * 86_400).map(
    lambda seconds: at("2024-01-01 00:00") + timedelta(seconds=seconds)
)
some_seconds = st.floats(0, 20 * 86_400)
some_channels = st.sets(st.sampled_from(Channel), min_size=1)


@given(moments, some_seconds, some_channels)
def test_open_time_never_passes_faster_than_time(
    start: datetime, seconds: float, channels: set[Channel]
) -> None:
    end = HOURS.add_open_time(start, seconds, channels)
    assert end - start >= timedelta(seconds=seconds)


@given(moments, some_seconds, some_seconds, some_channels)
def test_more_open_time_never_ends_earlier(
    start: datetime, one: float, other: float, channels: set[Channel]
) -> None:
    less, more = sorted([one, other])
    assert HOURS.add_open_time(start, less, channels) <= HOURS.add_open_time(start, more, channels)


@given(moments, st.floats(1, 20 * 86_400), some_channels)
def test_open_time_runs_out_while_some_channel_is_open(
    start: datetime, seconds: float, channels: set[Channel]
) -> None:
    just_before = HOURS.add_open_time(start, seconds, channels) - timedelta(microseconds=1)
    assert any(HOURS.is_open(channel, just_before) for channel in channels)


@given(moments, st.sampled_from(Channel))
def test_a_channel_is_open_when_it_is_said_to_open(moment: datetime, channel: Channel) -> None:
    opens = HOURS.next_open(channel, moment)
    assert opens >= moment
    assert HOURS.is_open(channel, opens)


@pytest.mark.parametrize(
    ("moment", "morning"),
    [
        ("2026-03-03 22:00", "2026-03-04 06:05"),
        ("2026-03-04 00:30", "2026-03-04 06:05"),
        ("2026-03-04 06:05", "2026-03-05 06:05"),
        ("2026-12-31 23:59", "2027-01-01 06:05"),
    ],
)
def test_the_next_morning_is_five_past_six(moment: str, morning: str) -> None:
    assert next_morning(at(moment)) == at(morning)


class TestOpenings:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            pytest.param(
                "2026-03-03 06:00", opening("2026-03-03 07:00", "2026-03-03 11:30"), id="before"
            ),
            pytest.param(
                "2026-03-03 10:00", opening("2026-03-03 10:00", "2026-03-03 11:30"), id="open"
            ),
            pytest.param(
                "2026-03-03 11:00",
                opening("2026-03-03 11:00", "2026-03-03 11:30"),
                id="half an hour left",
            ),
            pytest.param(
                "2026-03-03 11:01",
                opening("2026-03-03 13:30", "2026-03-03 17:00"),
                id="less than half an hour left",
            ),
            pytest.param(
                "2026-03-03 12:00", opening("2026-03-03 13:30", "2026-03-03 17:00"), id="lunch"
            ),
            pytest.param(
                "2026-03-06 17:00",
                opening("2026-03-07 07:00", "2026-03-07 10:00"),
                id="Friday evening, open on Saturday morning",
            ),
            pytest.param(
                "2026-03-07 09:45",
                opening("2026-03-09 07:00", "2026-03-09 11:30"),
                id="Saturday noon",
            ),
            pytest.param(
                "2026-02-13 16:45", opening("2026-02-23 07:00", "2026-02-23 11:30"), id="Tết"
            ),
            pytest.param(
                "2026-08-22 10:00",
                opening("2026-08-22 10:00", "2026-08-22 11:30"),
                id="an exchanged Saturday keeps the hours of a Monday",
            ),
            pytest.param(
                "2026-08-28 17:00",
                opening("2026-09-03 07:00", "2026-09-03 11:30"),
                id="2 September with the exchanged Monday",
            ),
        ],
    )
    def test_the_next_opening_worth_coming_to(self, moment: str, expected: Opening) -> None:
        assert next_opening(CENTRE, CALENDAR, at(moment)) == expected

    def test_the_way_there_is_allowed_for(self) -> None:
        found = next_opening(CENTRE, CALENDAR, at("2026-03-03 10:00"), lead_s=3600)
        assert found == opening("2026-03-03 11:00", "2026-03-03 11:30")

    def test_a_short_stretch_counts_whole(self) -> None:
        desk = (OpeningHours(days=(3,), opens=time(9), closes=time(9, 20)),)
        found = next_opening(desk, CALENDAR, at("2026-03-03 10:00"))
        assert found == opening("2026-03-04 09:00", "2026-03-04 09:20")

    def test_a_point_closed_on_mondays_keeps_its_own_hours_on_an_exchanged_saturday(self) -> None:
        saturdays = (OpeningHours(days=(6,), opens=time(8), closes=time(11)),)
        found = next_opening(saturdays, CALENDAR, at("2026-08-21 12:00"))
        assert found == opening("2026-08-22 08:00", "2026-08-22 11:00")

    @pytest.mark.parametrize(
        "hours",
        [
            pytest.param((), id="none"),
            pytest.param((OpeningHours(opens=time(9), closes=time(9)),), id="empty"),
        ],
    )
    def test_a_point_that_never_opens_has_no_opening(self, hours: tuple[OpeningHours, ...]) -> None:
        assert next_opening(hours, CALENDAR, at("2026-03-03 10:00")) is None
