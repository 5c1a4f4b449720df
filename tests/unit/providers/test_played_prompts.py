"""Turns with recorded prompts, as exchanges read them that take nothing amiss."""

import pytest

from gateway.domain.call import CHECKPOINT, Ask, Play, Say, Turn
from gateway.providers import stringee_speech, twilio_speech
from gateway.sandbox import scco, twiml

NEXT, PROMPTS = "https://e.example/voice/acc/ab/asked", "https://e.example/voice/prompts"
HELLO, CODE = Play(file="0f3a.wav", words="Xin chào."), Say(text="Mã số là một.")
KEYS = Play(file="9b1c.mp3", words="Bấm phím một.")
CORE = Turn(said=(HELLO, CODE), then=CHECKPOINT)
QUESTION = Turn(said=(HELLO,), then=Ask(prompt=(KEYS, CODE)))


def verbs(turn: Turn) -> tuple[twiml.Verb, ...]:
    speech = twilio_speech.Speech(voice="Google.vi-VN-Wavenet-A", language="vi-VN")
    answer = speech.speak(turn, NEXT, PROMPTS)
    return twiml.verbs_of(answer.content_type.partition(";")[0], answer.body)


def actions(turn: Turn, *, uploaded: bool) -> tuple[scco.Action, ...]:
    speech = stringee_speech.Speech(voice="female", speed=0, uploaded=uploaded)
    answer = speech.speak(turn, NEXT)
    return scco.actions_of(answer.content_type, answer.body)


def test_twilio_is_told_where_to_fetch_them() -> None:
    hello = twiml.Play(url=f"{PROMPTS}/0f3a.wav")
    assert verbs(CORE)[:2] == (hello, twiml.Say(text=CODE.text))
    first, gather = verbs(QUESTION)
    assert first == hello
    assert isinstance(gather, twiml.Gather)
    keys = twiml.Play(url=f"{PROMPTS}/9b1c.mp3")
    assert gather.prompts == (keys, twiml.Say(text=CODE.text))


def test_stringee_is_told_what_was_uploaded() -> None:
    assert actions(CORE, uploaded=True)[:2] == (
        scco.Play(file_name="0f3a.wav", barge_in=False),
        scco.Talk(text=CODE.text, barge_in=False),
    )
    assert actions(QUESTION, uploaded=True)[1:3] == (
        scco.Play(file_name="9b1c.mp3"),
        scco.Talk(text=CODE.text),
    )


def test_stringee_says_what_was_not_uploaded() -> None:
    assert actions(CORE, uploaded=False)[0] == scco.Talk(text=HELLO.words, barge_in=False)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param('[{"action": "play"}]', id="no file"),
        pytest.param('[{"action": "play", "fileName": " "}]', id="an empty one"),
        pytest.param('[{"action": "play", "fileName": "a", "loop": 0}]', id="never"),
        pytest.param('[{"action": "play", "fileName": "a", "text": "b"}]', id="with words"),
    ],
)
def test_the_simulated_exchange_takes_no_other_play(told: str) -> None:
    with pytest.raises(scco.BadScco):
        scco.actions_of("application/json", told.encode())


@pytest.mark.parametrize(
    ("kind", "body"), [("text/html", b"x"), ("audio/ogg", b"x"), ("audio/wav", b"")]
)
def test_the_simulated_exchange_plays_sounds_only(kind: str, body: bytes) -> None:
    with pytest.raises(twiml.BadTwiml):
        twiml.require_sound(kind, body)
