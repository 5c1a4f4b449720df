"""The call script in Stringee's words (SCCO)."""

import json
from typing import Any

import pytest

from gateway.domain.message import AskKey, CallScript, Say
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess, VoiceAnswer
from gateway.providers.stringee_voice import StringeeVoice

SCRIPT = CallScript(
    core=(Say(text="Đây là cuộc gọi tự động."), Say(text='Kết quả "đã có" & chờ <nhận>.')),
    ask=AskKey(prompt="Bấm một để nghe lại, bấm hai nếu đã rõ.", timeout_s=7),
    on_understood=Say(text="Cảm ơn."),
    on_silence=Say(text="Xin chào."),
    on_other_key=Say(text="Phím không đúng."),
)
ACTION = "https://e.example/voice/st/0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c"


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


CORE = [talk("Đây là cuộc gọi tự động."), talk('Kết quả "đã có" & chờ <nhận>.')]
QUESTION = [
    talk("Bấm một để nghe lại, bấm hai nếu đã rõ.", cut_short=True),
    {
        "action": "input",
        "eventUrl": ACTION,
        "timeOut": 11,  # 7, and 39 letters of the prompt at 12 a second
        "maxDigits": 1,
        "submitOnHash": False,
        "customField": "0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c",
    },
]


def actions(answer: VoiceAnswer) -> list[dict[str, Any]]:
    assert answer.content_type == "application/json"
    told: list[dict[str, Any]] = json.loads(answer.body)
    return told


def test_the_core_is_spoken_before_the_question_and_no_key_cuts_it_short() -> None:
    assert actions(voice().begin(SCRIPT, ACTION)) == CORE + QUESTION


@pytest.mark.parametrize(
    ("key", "told"),
    [
        pytest.param("1", CORE + QUESTION, id="one repeats and asks again"),
        pytest.param("2", [talk("Cảm ơn.")], id="two confirms"),
        pytest.param(None, [talk("Xin chào.")], id="silence ends"),
        pytest.param("9", [talk("Phím không đúng."), *QUESTION], id="another key asks again"),
        pytest.param("#", [talk("Phím không đúng."), *QUESTION], id="hash asks again"),
    ],
)
def test_each_key_has_its_answer(key: str | None, told: list[dict[str, Any]]) -> None:
    assert actions(voice().reply(SCRIPT, key, ACTION)) == told


def test_nothing_left_to_do_ends_the_call() -> None:
    assert actions(voice().refuse_machine()) == []


def test_voice_and_speed_are_settings_of_the_account() -> None:
    [said] = actions(voice(voice="banmai", speed="-1").reply(SCRIPT, "2", ACTION))
    assert (said["voice"], said["speed"]) == ("banmai", -1)


@pytest.mark.parametrize("speed", ["4", "-4", "0.5", "slow", ""])
def test_a_speed_that_does_not_exist_is_an_error_of_the_directory(speed: str) -> None:
    with pytest.raises(DirectoryError, match="account st: speed is a whole number from -3 to 3"):
        voice(speed=speed)
