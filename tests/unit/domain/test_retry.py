"""Every rule by which an attempt goes on. With `jitter` 0.5 a wait is exactly what is written."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.hours import ZONE, Calendar, ChannelHours, SendingHours
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.domain.retry import (
    AskAgain,
    AwaitReceipt,
    Decision,
    End,
    NextStep,
    QueryLater,
    Situation,
    StepView,
    TermsView,
    TryAgain,
    UnknownPolicy,
    after_query,
    after_receipt,
    after_window,
    decide,
    schedule,
)
from gateway.domain.status import State

HOURS = SendingHours(
    Calendar(),
    {
        Channel.SMS: ChannelHours.parse(["07:00-21:00"]),
        Channel.VOICE: ChannelHours.parse(["08:00-11:30", "13:30-17:00"], working_days_only=True),
        Channel.ZALO: ChannelHours.parse(["00:00-24:00"]),
    },
)
OPENED = datetime(2026, 3, 3, 10, tzinfo=ZONE)
DAY_S = 86_400

FIRST_TRY = StepView(
    channel=Channel.SMS,
    tries_s=(0, 30, 120),
    tries_used=1,
    times_asked=1,
    opened_at=OPENED,
    window_s=DAY_S,
)
REPORTING = TermsView(receipts=Receipts.HANDSET)
RECOGNISING = TermsView(receipts=Receipts.HANDSET, dedupe_window_s=DAY_S)
ANSWERING = TermsView(
    receipts=Receipts.HANDSET, query_by=QueryBy.OUR_REFERENCE, query_gives_up_after_s=7200
)
SILENT = TermsView(receipts=Receipts.NONE)

LOST = Unknown(reason=Reason.CONNECTION_LOST)


def situation(
    terms: TermsView = REPORTING, *, age_s: float = 0, jitter: float = 0.5, **step: Any
) -> Situation:
    """The first try of an SMS, opened on a Tuesday at 10:00, but for what is named."""
    view = replace(FIRST_TRY, **step)
    return Situation(
        step=view,
        terms=terms,
        now=view.opened_at + timedelta(seconds=age_s),
        hours=HOURS,
        jitter=jitter,
    )


class TestSchedule:
    def test_each_try_has_its_own_wait(self) -> None:
        assert [schedule((0, 30, 120), used, 0.5) for used in range(4)] == [0, 30, 120, None]

    def test_a_wait_is_spread_by_a_fifth_either_way(self) -> None:
        assert schedule((0, 100), 1, 0.0) == 80
        assert schedule((0, 100), 1, 0.75) == pytest.approx(110)

    def test_a_step_without_schedule_has_no_try(self) -> None:
        assert schedule((), 0, 0.5) is None


class TestAccepted:
    def test_an_accepted_message_waits_for_its_receipt(self) -> None:
        assert decide(Accepted(), situation()) == AwaitReceipt(window_s=DAY_S)

    def test_where_no_receipt_will_ever_come_it_ends_unconfirmed_at_once(self) -> None:
        assert decide(Accepted(), situation(SILENT)) == End(
            state=State.UNCONFIRMED, reason=Reason.NO_RECEIPTS
        )

    @pytest.mark.parametrize(
        ("provider_id", "decision"),
        [
            pytest.param("a1", AwaitReceipt(window_s=DAY_S), id="its id is known"),
            pytest.param(
                None, End(state=State.UNCONFIRMED, reason=Reason.NO_RECEIPTS), id="its id is not"
            ),
        ],
    )
    def test_an_account_that_only_answers_queries_is_waited_for_if_it_can_be_asked(
        self, provider_id: str | None, decision: Decision
    ) -> None:
        terms = TermsView(receipts=Receipts.NONE, query_by=QueryBy.PROVIDER_ID)
        assert decide(Accepted(provider_id=provider_id), situation(terms)) == decision


class TestDeferred:
    def test_an_outage_spends_a_try(self) -> None:
        outage = Deferred(reason=Reason.PROVIDER_UNAVAILABLE)
        assert decide(outage, situation()) == TryAgain(
            delay_s=30, reason=Reason.PROVIDER_UNAVAILABLE
        )

    def test_after_the_last_try_comes_the_next_step(self) -> None:
        outage = Deferred(reason=Reason.PROVIDER_UNAVAILABLE)
        assert decide(outage, situation(tries_used=3)) == NextStep(
            reason=Reason.PROVIDER_UNAVAILABLE
        )

    def test_an_outage_that_says_how_long_it_lasts_is_not_disturbed_earlier(self) -> None:
        outage = Deferred(reason=Reason.PROVIDER_UNAVAILABLE, retry_after_s=300)
        decision = decide(outage, situation(jitter=0.0))
        assert decision == TryAgain(delay_s=300, reason=Reason.PROVIDER_UNAVAILABLE)

    @pytest.mark.parametrize(
        ("deferred", "delay_s"),
        [
            pytest.param(Deferred(reason=Reason.RATE_LIMITED), 2, id="throttled"),
            pytest.param(
                Deferred(reason=Reason.RATE_LIMITED, retry_after_s=100), 110, id="told how long"
            ),
            pytest.param(
                Deferred(reason=Reason.RATE_LIMITED, retry_after_s=9 * 3600),
                3960,
                id="told more than an hour",
            ),
            pytest.param(
                Deferred(reason=Reason.RATE_LIMITED, retry_after_s=0), 1.1, id="told at once"
            ),
            pytest.param(Deferred(reason=Reason.PROVIDER_UNAVAILABLE), 60, id="no hurry"),
            pytest.param(Deferred(reason=Reason.WALLET_EMPTY), 1, id="another account may"),
        ],
    )
    def test_what_is_no_fault_of_the_message_spends_no_try(
        self, deferred: Deferred, delay_s: float
    ) -> None:
        decision = decide(replace(deferred, spends_try=False), situation(tries_used=3))
        assert isinstance(decision, TryAgain)
        assert decision.delay_s == pytest.approx(delay_s)
        assert decision.reason is deferred.reason
        assert not decision.spends_try

    @pytest.mark.parametrize("reason", [Reason.NIGHT, Reason.QUOTA])
    @pytest.mark.parametrize(
        ("jitter", "delay_s"),
        [
            pytest.param(0.0, 20 * 3600 + 5 * 60, id="first to leave"),
            pytest.param(0.5, 20 * 3600 + 5 * 60 + 150, id="spread over five minutes"),
        ],
    )
    def test_night_and_quota_wait_for_the_morning(
        self, reason: Reason, jitter: float, delay_s: float
    ) -> None:
        night = Deferred(reason=reason, spends_try=False)
        decision = decide(night, situation(channel=Channel.ZALO, jitter=jitter))
        assert decision == TryAgain(delay_s=delay_s, reason=reason, spends_try=False)

    def test_a_try_waits_until_its_channel_opens(self) -> None:
        at_2059 = OPENED.replace(hour=20, minute=59, second=45)
        decision = decide(Deferred(reason=Reason.NOT_SENT), situation(opened_at=at_2059))
        assert decision == TryAgain(delay_s=10 * 3600 + 15, reason=Reason.NOT_SENT)


class TestRejected:
    @pytest.mark.parametrize("blame", [Blame.RECIPIENT, Blame.MESSAGE])
    def test_a_rejected_message_goes_to_the_next_step(self, blame: Blame) -> None:
        rejected = Rejected(reason=Reason.NO_ZALO_ACCOUNT, blame=blame)
        assert decide(rejected, situation()) == NextStep(reason=Reason.NO_ZALO_ACCOUNT)

    def test_trouble_with_the_account_leaves_time_for_another_account_or_a_human(self) -> None:
        rejected = Rejected(reason=Reason.CREDENTIALS, blame=Blame.ACCOUNT)
        assert decide(rejected, situation()) == TryAgain(delay_s=30, reason=Reason.CREDENTIALS)
        assert decide(rejected, situation(tries_used=3)) == NextStep(reason=Reason.CREDENTIALS)


class TestUnknown:
    @pytest.mark.parametrize(
        ("times_asked", "delay_s"),
        [(1, 2), (2, 10), (3, 60), (4, 600), (8, 600)],
    )
    def test_an_account_that_recognises_repeats_is_asked_again_ever_more_rarely(
        self, times_asked: int, delay_s: float
    ) -> None:
        decision = decide(LOST, situation(RECOGNISING, times_asked=times_asked))
        assert decision == AskAgain(delay_s=delay_s)

    def test_after_eight_repeats_it_is_waited_for(self) -> None:
        assert decide(LOST, situation(RECOGNISING, times_asked=9)) == AwaitReceipt(
            window_s=DAY_S, in_doubt=True
        )

    @pytest.mark.parametrize(
        ("age_s", "asks"),
        [
            pytest.param(508, True, id="508 + 2 + 90 = 600"),
            pytest.param(509, False, id="one second more"),
        ],
    )
    def test_a_repeat_must_arrive_well_inside_the_window_in_which_it_is_recognised(
        self, age_s: float, asks: bool
    ) -> None:
        terms = replace(RECOGNISING, dedupe_window_s=600)
        decision = decide(LOST, situation(terms, age_s=age_s))
        assert isinstance(decision, AskAgain) is asks

    def test_a_repeat_keeps_to_the_hours_because_it_may_be_what_sends(self) -> None:
        at_2059 = OPENED.replace(hour=20, minute=59, second=59)
        decision = decide(LOST, situation(RECOGNISING, opened_at=at_2059))
        assert decision == AskAgain(delay_s=10 * 3600 + 1)

    def test_a_night_longer_than_the_window_leaves_the_repeat_undone(self) -> None:
        at_2059 = OPENED.replace(hour=20, minute=59, second=59)
        terms = replace(RECOGNISING, dedupe_window_s=3600)
        decision = decide(LOST, situation(terms, opened_at=at_2059))
        assert decision == AwaitReceipt(window_s=DAY_S, in_doubt=True)

    def test_an_account_that_sends_repeats_anew_is_queried_instead(self) -> None:
        assert decide(LOST, situation(ANSWERING)) == QueryLater(delay_s=30)

    def test_a_query_by_the_providers_id_needs_an_answer_that_was_not_lost(self) -> None:
        terms = replace(ANSWERING, query_by=QueryBy.PROVIDER_ID)
        assert decide(LOST, situation(terms)) == AwaitReceipt(window_s=DAY_S, in_doubt=True)
        assert decide(LOST, situation(terms, has_provider_id=True)) == QueryLater(delay_s=30)

    def test_with_no_way_to_ask_it_is_waited_for(self) -> None:
        assert decide(LOST, situation()) == AwaitReceipt(window_s=DAY_S, in_doubt=True)

    @pytest.mark.parametrize(
        ("policy", "decision"),
        [
            (UnknownPolicy.STOP, End(state=State.UNCONFIRMED, reason=Reason.UNKNOWN_OUTCOME)),
            (UnknownPolicy.RESEND, TryAgain(delay_s=30, reason=Reason.UNKNOWN_OUTCOME)),
        ],
    )
    def test_what_nothing_can_ever_resolve_is_not_waited_for(
        self, policy: UnknownPolicy, decision: Decision
    ) -> None:
        assert decide(LOST, situation(replace(SILENT, unknown_policy=policy))) == decision


class TestAskedAgain:
    """Only the latest call has an answer; an earlier one may have been sent all the same."""

    def test_accepted_settles_it(self) -> None:
        assert decide(Accepted(), situation(RECOGNISING, times_asked=2)) == AwaitReceipt(
            window_s=DAY_S
        )

    def test_rejected_for_the_message_settles_it(self) -> None:
        rejected = Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT)
        assert decide(rejected, situation(RECOGNISING, times_asked=2)) == NextStep(
            reason=Reason.PHONE_INVALID
        )

    @pytest.mark.parametrize(
        "outcome",
        [
            pytest.param(Rejected(reason=Reason.WALLET_EMPTY, blame=Blame.ACCOUNT), id="account"),
            pytest.param(Deferred(reason=Reason.PROVIDER_UNAVAILABLE), id="outage"),
            pytest.param(Deferred(reason=Reason.RATE_LIMITED, spends_try=False), id="throttled"),
        ],
    )
    def test_anything_else_leaves_the_earlier_call_in_doubt(self, outcome: Outcome) -> None:
        asked_twice = situation(RECOGNISING, times_asked=2)
        assert decide(outcome, asked_twice) == AskAgain(delay_s=10)
        forgetful = replace(RECOGNISING, dedupe_window_s=0)
        assert decide(outcome, replace(asked_twice, terms=forgetful)) == AwaitReceipt(
            window_s=DAY_S, in_doubt=True
        )

    def test_the_answer_tells_how_long_to_wait_before_the_next_repeat(self) -> None:
        throttled = Deferred(reason=Reason.RATE_LIMITED, retry_after_s=100, spends_try=False)
        decision = decide(throttled, situation(RECOGNISING, times_asked=2, jitter=0.0))
        assert decision == AskAgain(delay_s=100)


class TestQueries:
    @pytest.mark.parametrize(
        ("age_s", "delay_s"),
        [
            pytest.param(30, 30, id="first answer"),
            pytest.param(60, 60, id="doubling"),
            pytest.param(1200, 1200, id="later"),
            pytest.param(7000, 200, id="a last one at the end"),
        ],
    )
    def test_an_account_that_cannot_tell_yet_is_queried_ever_more_rarely(
        self, age_s: float, delay_s: float
    ) -> None:
        assert after_query(None, situation(ANSWERING, age_s=age_s)) == QueryLater(delay_s=delay_s)

    def test_no_two_queries_are_more_than_an_hour_apart(self) -> None:
        terms = replace(ANSWERING, query_gives_up_after_s=DAY_S)
        decision = after_query(None, situation(terms, age_s=5 * 3600))
        assert decision == QueryLater(delay_s=3600)

    def test_after_the_last_query_the_rest_of_the_window_is_waited_for(self) -> None:
        assert after_query(None, situation(ANSWERING, age_s=7200)) == AwaitReceipt(
            window_s=DAY_S - 7200, in_doubt=True
        )

    def test_a_message_the_account_never_saw_is_sent_again(self) -> None:
        assert after_query(Missing(), situation(ANSWERING, age_s=120)) == TryAgain(
            delay_s=30, reason=Reason.NOT_SENT
        )
        assert after_query(Missing(), situation(ANSWERING, age_s=120, tries_used=3)) == NextStep(
            reason=Reason.NOT_SENT
        )

    def test_a_young_message_can_still_turn_up(self) -> None:
        assert after_query(Missing(), situation(ANSWERING, age_s=30)) == QueryLater(delay_s=90)

    def test_what_the_account_took_is_never_sent_again_because_it_has_forgotten_it(self) -> None:
        taken = situation(ANSWERING, age_s=3600, accepted=True)
        assert after_query(Missing(), taken) == AwaitReceipt(window_s=DAY_S - 3600)

    @pytest.mark.parametrize("answer", [None, Missing(), Receipt(verdict=Verdict.PROGRESS)])
    def test_an_answer_that_settles_nothing_ends_with_the_window(
        self, answer: Receipt | Missing | None
    ) -> None:
        closing = situation(ANSWERING, age_s=DAY_S, accepted=True)
        assert after_query(answer, closing) == End(
            state=State.UNCONFIRMED, reason=Reason.RECEIPT_MISSING
        )

    def test_a_status_is_believed_like_a_receipt(self) -> None:
        delivered = Receipt(verdict=Verdict.DELIVERED)
        assert after_query(delivered, situation(ANSWERING)) == End(state=State.DELIVERED)


class TestReceipts:
    @pytest.mark.parametrize(
        ("verdict", "state"),
        [(Verdict.DELIVERED, State.DELIVERED), (Verdict.ACKNOWLEDGED, State.ACKNOWLEDGED)],
    )
    def test_what_has_arrived_ends(self, verdict: Verdict, state: State) -> None:
        assert after_receipt(Receipt(verdict=verdict), situation()) == End(state=state)

    def test_what_will_not_arrive_goes_to_the_next_step(self) -> None:
        failed = Receipt(verdict=Verdict.FAILED, reason=Reason.CARRIER_EXPIRED)
        assert after_receipt(failed, situation()) == NextStep(reason=Reason.CARRIER_EXPIRED)
        assert after_receipt(replace(failed, reason=None), situation()) == NextStep(
            reason=Reason.CARRIER_REJECTED
        )

    def test_an_unanswered_call_is_tried_again_inside_the_calling_hours(self) -> None:
        no_answer = Receipt(verdict=Verdict.TRY_AGAIN, reason=Reason.NO_ANSWER)
        at_noon = situation(
            channel=Channel.VOICE, tries_s=(0, 3600), opened_at=OPENED.replace(hour=11)
        )
        assert after_receipt(no_answer, at_noon) == TryAgain(
            delay_s=2.5 * 3600, reason=Reason.NO_ANSWER
        )

    @pytest.mark.parametrize(
        "reason", [Reason.BUSY, Reason.NO_ANSWER, Reason.MACHINE, Reason.HUNG_UP]
    )
    @pytest.mark.parametrize(
        ("opened_at", "due_at"),
        [
            pytest.param((5, 10, 0), (5, 11, 0), id="an hour later"),
            pytest.param((5, 11, 29), (5, 13, 30), id="after the noon rest"),
            pytest.param((5, 16, 30), (6, 8, 0), id="the next morning"),
            pytest.param((6, 16, 30), (9, 8, 0), id="after the weekend"),
        ],
    )
    def test_a_further_call_is_made_inside_the_calling_hours(
        self, reason: Reason, opened_at: tuple[int, int, int], due_at: tuple[int, int, int]
    ) -> None:
        opened, due = (
            OPENED.replace(day=day, hour=hour, minute=minute)
            for day, hour, minute in (opened_at, due_at)
        )
        calling = situation(channel=Channel.VOICE, tries_s=(0, 3600), opened_at=opened)
        again = after_receipt(Receipt(verdict=Verdict.TRY_AGAIN, reason=reason), calling)
        assert again == TryAgain(delay_s=(due - opened).total_seconds(), reason=reason)

    def test_after_the_last_unanswered_call_comes_the_next_step(self) -> None:
        no_answer = Receipt(verdict=Verdict.TRY_AGAIN, reason=Reason.NO_ANSWER)
        assert after_receipt(no_answer, situation(tries_used=3)) == NextStep(
            reason=Reason.NO_ANSWER
        )

    def test_progress_proves_that_the_account_has_the_message(self) -> None:
        progress = Receipt(verdict=Verdict.PROGRESS)
        assert after_receipt(progress, situation(age_s=100)) == AwaitReceipt(window_s=DAY_S - 100)


class TestSilence:
    @pytest.mark.parametrize(
        ("receipts", "reason"),
        [
            (Receipts.HANDSET, Reason.RECEIPT_MISSING),
            (Receipts.NETWORK, Reason.RECEIPT_MISSING),
            (Receipts.NEGATIVE_ONLY, Reason.NO_RECEIPTS),
            (Receipts.NONE, Reason.NO_RECEIPTS),
        ],
    )
    def test_an_accepted_message_without_receipt_ends_unconfirmed(
        self, receipts: Receipts, reason: Reason
    ) -> None:
        silent = situation(TermsView(receipts=receipts), accepted=True)
        assert after_window(silent) == End(state=State.UNCONFIRMED, reason=reason)

    def test_silence_leads_on_only_where_the_step_says_so(self) -> None:
        silent = situation(channel=Channel.ZALO, accepted=True, escalate_on_silence=True)
        assert after_window(silent) == NextStep(reason=Reason.RECEIPT_MISSING)

    def test_the_silence_of_an_account_that_reports_only_failures_is_no_bad_sign(self) -> None:
        terms = TermsView(receipts=Receipts.NEGATIVE_ONLY)
        silent = situation(terms, accepted=True, escalate_on_silence=True)
        assert after_window(silent) == End(state=State.UNCONFIRMED, reason=Reason.NO_RECEIPTS)

    def test_an_unresolved_attempt_stops_by_default(self) -> None:
        assert after_window(situation()) == End(
            state=State.UNCONFIRMED, reason=Reason.UNKNOWN_OUTCOME
        )

    def test_an_unresolved_attempt_leads_on_where_silence_does(self) -> None:
        assert after_window(situation(escalate_on_silence=True)) == NextStep(
            reason=Reason.UNKNOWN_OUTCOME
        )

    def test_an_unresolved_attempt_is_sent_again_where_the_account_says_so(self) -> None:
        terms = replace(REPORTING, unknown_policy=UnknownPolicy.RESEND)
        assert after_window(situation(terms)) == TryAgain(delay_s=30, reason=Reason.UNKNOWN_OUTCOME)

    def test_sending_again_ends_with_the_tries(self) -> None:
        terms = replace(REPORTING, unknown_policy=UnknownPolicy.RESEND)
        assert after_window(situation(terms, tries_used=3)) == End(
            state=State.UNCONFIRMED, reason=Reason.UNKNOWN_OUTCOME
        )


terms_of_any_account = st.builds(
    TermsView,
    receipts=st.sampled_from(Receipts),
    dedupe_window_s=st.integers(0, 2 * DAY_S),
    query_by=st.sampled_from(QueryBy),
    query_gives_up_after_s=st.integers(0, 2 * DAY_S),
)


@given(terms_of_any_account, st.integers(0, 3 * DAY_S), st.integers(1, 12), st.booleans())
def test_without_the_owners_word_a_lost_call_is_never_sent_anew(
    terms: TermsView, age_s: int, times_asked: int, has_provider_id: bool
) -> None:
    lost = situation(terms, age_s=age_s, times_asked=times_asked, has_provider_id=has_provider_id)
    assert not isinstance(decide(LOST, lost), TryAgain | NextStep)
    assert not isinstance(after_query(None, lost), TryAgain | NextStep)


@given(terms_of_any_account, st.booleans())
def test_every_attempt_ends_though_nobody_ever_answers(
    terms: TermsView, has_provider_id: bool
) -> None:
    lost = situation(terms, has_provider_id=has_provider_id)
    decision = decide(LOST, lost)
    for _ in range(100):
        match decision:
            case End():
                return
            case AskAgain(delay_s=delay_s):
                step = replace(lost.step, times_asked=lost.step.times_asked + 1)
                lost = replace(lost, step=step, now=lost.now + timedelta(seconds=delay_s))
                decision = decide(LOST, lost)
            case QueryLater(delay_s=delay_s):
                lost = replace(lost, now=lost.now + timedelta(seconds=delay_s))
                decision = after_query(None, lost)
            case AwaitReceipt(window_s=window_s):
                lost = replace(lost, now=lost.now + timedelta(seconds=window_s))
                decision = after_window(lost)
            case _:
                pytest.fail(f"{decision} sends anew")
    pytest.fail("the attempt does not end")
