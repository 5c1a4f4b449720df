"""A unit's route and a person's phones make the steps of a notification."""

import json

import pytest

from gateway.domain.channel import Channel
from gateway.domain.directory import RouteStep
from gateway.domain.recipient import Phone, PhoneKind
from gateway.domain.route import Step, build_route

PLAN = (
    RouteStep(
        channel=Channel.ZALO, pool="zalo", tries_s=(0, 30), window_s=7200, escalate_on_silence=True
    ),
    RouteStep(channel=Channel.SMS, pool="sms", tries_s=(0, 60), window_s=86_400),
    RouteStep(channel=Channel.VOICE, pool="calls", tries_s=(0, 3600), window_s=900),
)
MOBILES = [Phone(e164=f"+8498476532{n}", kind=PhoneKind.MOBILE) for n in range(4)]
DESK_PHONE = Phone(e164="+842713568123", kind=PhoneKind.LANDLINE)


def _steps(*phones: Phone) -> list[tuple[str, int]]:
    keys = [f"key {index}".encode() for index, _ in enumerate(phones)]
    return [(step.channel.value, step.phone) for step in build_route(PLAN, phones, keys)]


@pytest.mark.parametrize(
    ("phones", "steps"),
    [
        pytest.param([], [], id="nobody-to-write-to"),
        pytest.param(MOBILES[:1], [("zalo", 0), ("sms", 0), ("voice", 0)], id="one-mobile"),
        pytest.param([DESK_PHONE], [("voice", 0)], id="a-landline-is-only-called"),
        pytest.param(
            [DESK_PHONE, MOBILES[0]],
            [("zalo", 1), ("sms", 1), ("voice", 0), ("voice", 1)],
            id="a-landline-does-not-use-up-the-messages-of-a-mobile",
        ),
        pytest.param(
            MOBILES[:2],
            [("zalo", 0), ("zalo", 1), ("sms", 0), ("sms", 1), ("voice", 0), ("voice", 1)],
            id="channel-by-channel-not-phone-by-phone",
        ),
        pytest.param(
            MOBILES,
            [("zalo", 0), ("zalo", 1), ("sms", 0), ("sms", 1), ("voice", 0), ("voice", 1)],
            id="at-most-two-phones-per-channel",
        ),
    ],
)
def test_phones_become_steps(phones: list[Phone], steps: list[tuple[str, int]]) -> None:
    assert _steps(*phones) == steps


def test_a_step_carries_what_its_sending_needs() -> None:
    [first, *_] = build_route(PLAN, MOBILES[:1], [b"\x01\xff"])
    assert first == Step(
        channel=Channel.ZALO,
        phone=0,
        phone_key=b"\x01\xff",
        pool="zalo",
        tries_s=(0, 30),
        window_s=7200,
        escalate_on_silence=True,
    )


def test_each_step_has_the_key_of_its_own_phone() -> None:
    steps = build_route(PLAN[:1], MOBILES[:2], [b"first", b"second"])
    assert [step.phone_key for step in steps] == [b"first", b"second"]


def test_a_step_comes_back_from_its_stored_form_as_it_was() -> None:
    for step in build_route(PLAN, MOBILES[:1], [b"\x00\xfe"]):
        assert Step.from_json(json.loads(json.dumps(step.as_json()))) == step


def test_the_stored_form_holds_no_number() -> None:
    [first, *_] = build_route(PLAN, MOBILES[:1], [b"hashed"])
    assert "984765" not in json.dumps(first.as_json())
