"""A turn of a call in Stringee's words (SCCO)."""

import json
from typing import Any

import pytest

from gateway.domain.call import CHECKPOINT, Ask, Play, Say, Turn
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess
from gateway.providers.stringee_voice import StringeeVoice

REFERENCE = "0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c"
NEXT, PROMPTS = f"https://e.example/voice/st/{REFERENCE}/asked", "https://e.example/voice/prompts"
CORE = (Say(text="Đây là cuộc gọi tự động."), Say(text='Kết quả "đã có" & chờ <nhận>.'))
PROMPT = "Bấm một để nghe lại, bấm hai nếu đã rõ."
RECORDED = Play(file="0f3a.wav", words="Xin chào.")


def voice(**settings: str) -> StringeeVoice:
    access = AccountAccess(
        code="st",
        base_url="http://127.0.0.1:1",
        sender="+842873000000",
        settings={"key_sid": "SK.0.1", **settings},
        secrets={"key_secret": "12345", "signing_secret": "67890"},
    )
    return StringeeVoice(access, door=None)  # type: ignore[arg-type]  # nothing is sent here


def talk(text: str, *, cut_short: bool = False) -> dict[str, Any]:
    spoken = {"action": "talk", "text": text, "voice": "female", "speed": 0}
    return spoken | {"bargeIn": cut_short}


def asked(**fields: Any) -> dict[str, Any]:
    return {
        "action": "input",
        "eventUrl": NEXT,
        "maxDigits": 1,
        "submitOnHash": False,
        "customField": f"{REFERENCE}/asked",
        **fields,
    }


SAID = [talk("Đây là cuộc gọi tự động."), talk('Kết quả "đã có" & chờ <nhận>.')]


def actions(turn: Turn, **settings: str) -> list[dict[str, Any]]:
    answer = voice(**settings).speak(turn, NEXT, PROMPTS)
    assert answer.content_type == "application/json"
    told: list[dict[str, Any]] = json.loads(answer.body)
    return told


def test_that_the_core_was_heard_is_told_by_a_question_nobody_can_answer_in_time() -> None:
    assert actions(Turn(said=CORE, then=CHECKPOINT)) == [*SAID, asked(timeOut=1)]


def test_a_key_may_cut_the_question_short_and_nothing_else() -> None:
    question = Ask(prompt=(Say(text=PROMPT),), timeout_s=7)
    # 7 seconds, and 39 letters of the prompt at 12 a second
    assert actions(Turn(said=CORE, then=question)) == [
        *SAID,
        talk(PROMPT, cut_short=True),
        asked(timeOut=11),
    ]


def test_a_longer_input_is_ended_by_the_hash_key() -> None:
    told = actions(Turn(then=Ask(prompt=(Say(text=PROMPT),), timeout_s=7, digits=10)))
    assert told[-1] == asked(timeOut=11, maxDigits=10, submitOnHash=True)


def test_the_call_ends_with_the_last_words() -> None:
    assert actions(Turn(said=CORE)) == SAID


def test_nothing_left_to_do_ends_the_call() -> None:
    assert actions(Turn()) == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"prompts": "uploaded"}, {"action": "play", "fileName": "0f3a.wav"}, id="yes"),
        pytest.param({}, talk("Xin chào."), id="no"),
    ],
)
def test_a_recorded_prompt_is_played_where_it_was_uploaded(
    settings: dict[str, str], told: dict[str, Any]
) -> None:
    assert actions(Turn(said=(RECORDED,)), **settings) == [told | {"bargeIn": False}]


def test_voice_and_speed_are_settings_of_the_account() -> None:
    said, _ = actions(Turn(said=CORE), voice="banmai", speed="-1")
    assert (said["voice"], said["speed"]) == ("banmai", -1)


@pytest.mark.parametrize("speed", ["4", "-4", "0.5", "slow", ""])
def test_a_speed_that_does_not_exist_is_an_error_of_the_directory(speed: str) -> None:
    with pytest.raises(DirectoryError, match="account st: speed is a whole number from -3 to 3"):
        voice(speed=speed)
