"""What is counted: only what took effect, by words of our own."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.channel import Channel
from gateway.domain.notification import AttemptVerdict, Change
from gateway.domain.outcome import Reason, Verdict
from gateway.domain.route import Step
from gateway.domain.status import State
from gateway.ledger.moves import Moved
from gateway.services.accounts import Accounts
from gateway.services.alarm import Alarm
from gateway.services.tallies import Tallies

ID = UUID(int=7)
NOBODY = Accounts(build=lambda provider, access: pytest.fail("no account is opened here"))


def _step(channel: Channel) -> Step:
    return Step(
        channel=channel,
        phone=0,
        phone_key=b"",
        pool=channel.value,
        tries_s=(0,),
        window_s=60,
        escalate_on_silence=False,
    )


class Noted(Alarm):
    """Keeps in mind what it would tell."""

    def __init__(self) -> None:
        self.heard: list[Alert] = []

    def note(self, alert: Alert) -> None:
        self.heard.append(alert)


STEPS = (_step(Channel.ZALO), _step(Channel.ZALO), _step(Channel.SMS))


def _ended(state: str, channel: str = "zalo", reason: str = "") -> float:
    labels = {"state": state, "reason": reason, "channel": channel, "provider": ""}
    return REGISTRY.get_sample_value("baotin_notifications_ended_total", labels) or 0.0


def _fell_back() -> float:
    labels = {"before": "zalo", "after": "sms"}
    return REGISTRY.get_sample_value("baotin_fallbacks_total", labels) or 0.0


def _deliveries() -> float:
    name = "baotin_accept_to_delivery_seconds_count"
    return REGISTRY.get_sample_value(name, {"channel": "zalo"}) or 0.0


def _moved(state: State, *, had_arrived: bool = False) -> Moved:
    return Moved(id=ID, state=state, reason=None, age_s=12.0, had_arrived=had_arrived)


def _change(step: int = 0, **fields: object) -> Change:
    return Change(notification_id=ID, step=step, try_no=1, **fields)  # type: ignore[arg-type]


def test_what_had_no_effect_is_not_counted() -> None:
    before = _ended("delivered")
    Tallies(NOBODY, Noted()).count(_change(to=State.DELIVERED), None, STEPS, "esms")
    assert _ended("delivered") == before


def test_an_end_is_counted_with_the_state_the_ledger_gave_it() -> None:
    failed, unconfirmed = _ended("failed"), _ended("unconfirmed")
    Tallies(NOBODY, Noted()).count(
        _change(to=State.FAILED), _moved(State.UNCONFIRMED), STEPS, "esms"
    )
    assert (_ended("failed"), _ended("unconfirmed")) == (failed, unconfirmed + 1)


@pytest.mark.parametrize("had_arrived", [False, True])
def test_who_confirms_what_was_delivered_is_not_told_twice(had_arrived: bool) -> None:
    told = AttemptVerdict(verdict=Verdict.ACKNOWLEDGED)
    ended, arrived = _ended("acknowledged"), _deliveries()
    Tallies(NOBODY, Noted()).count(
        _change(to=State.ACKNOWLEDGED, verdict=told),
        _moved(State.ACKNOWLEDGED, had_arrived=had_arrived),
        STEPS,
        "oa",
    )
    once = 0 if had_arrived else 1
    assert (_ended("acknowledged"), _deliveries()) == (ended + once, arrived + once)


def test_what_goes_on_is_no_end() -> None:
    before = _ended("waiting")
    Tallies(NOBODY, Noted()).count(_change(to=State.WAITING), _moved(State.WAITING), STEPS, "esms")
    assert _ended("waiting") == before


def test_moving_on_to_another_channel_is_a_fallback() -> None:
    before = _fell_back()
    Tallies(NOBODY, Noted()).count(_change(1, next_step=2), _moved(State.WAITING), STEPS, "oa")
    assert _fell_back() == before + 1


def test_the_second_phone_of_a_channel_is_no_fallback() -> None:
    before = _fell_back()
    Tallies(NOBODY, Noted()).count(_change(0, next_step=1), _moved(State.WAITING), STEPS, "oa")
    assert _fell_back() == before


@pytest.mark.parametrize(
    ("verdict", "counted"),
    [(Verdict.DELIVERED, 1), (Verdict.ACKNOWLEDGED, 1), (Verdict.FAILED, 0), (None, 0)],
)
def test_the_time_to_delivery_is_that_of_proven_ones(verdict: Verdict | None, counted: int) -> None:
    before = _deliveries()
    told = AttemptVerdict(verdict=verdict) if verdict else None
    Tallies(NOBODY, Noted()).count(_change(verdict=told), _moved(State.DELIVERED), STEPS, "oa")
    assert _deliveries() == before + counted


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        pytest.param(Reason.WALLET_EMPTY, True, id="the account is to blame"),
        pytest.param(Reason.TEMPLATE_REFUSED, True, id="our text is to blame"),
        pytest.param(Reason.NO_ZALO_ACCOUNT, False, id="the person has no Zalo"),
        pytest.param(Reason.RECEIPT_MISSING, False, id="nobody read it"),
    ],
)
def test_a_fallback_nobody_wants_is_told_although_the_notice_goes_out(
    reason: Reason, told: bool
) -> None:
    alarm = Noted()
    change = _change(1, next_step=2, reason=reason)
    Tallies(NOBODY, alarm).count(change, _moved(State.WAITING), STEPS, "oa")
    expected = Alert(kind=AlertKind.FALLBACK_USED, subject="zalo", detail=reason.value)
    assert alarm.heard == ([expected] if told else [])
