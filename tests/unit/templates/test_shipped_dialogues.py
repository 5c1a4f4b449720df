"""Every shipped call, on every sample and down every branch, in the words of every provider, read
as strictly as an exchange reads them."""

from pathlib import Path

import pytest

from gateway.domain.call import (
    Ask,
    CallScript,
    Checkpoint,
    Moment,
    Part,
    Play,
    Turn,
    next_turn,
    words_of,
)
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.message import VoiceBody
from gateway.providers.stringee_speech import Speech as StringeeSpeech
from gateway.providers.twilio_speech import Speech as TwilioSpeech
from gateway.rendering.publication import Publication, shipped
from gateway.rendering.renderer import Renderer
from gateway.rendering.samples import load_samples
from gateway.sandbox import scco, twiml

TEMPLATES = Path(__file__).parents[3] / "templates"
SAMPLES = load_samples(TEMPLATES / "samples.toml")
RENDERER = Renderer(Publication.of(1, shipped(TEMPLATES)))

NEXT = "https://e.example/voice/account/0123456789abcdef0123456789abcdef/asked"
PROMPTS = "https://e.example/voice/prompts"
TWILIO = TwilioSpeech(voice="Google.vi-VN-Wavenet-A", language="vi-VN")
STRINGEE = StringeeSpeech(voice="female", speed=0, uploaded=False)
STRINGEE_UPLOADED = StringeeSpeech(voice="female", speed=0, uploaded=True)

# What Twilio says at most in one Say; Stringee tells no limit.
LONGEST_SAY = 4096


def dialogue(script: CallScript) -> list[Turn]:
    """Every turn that a person can bring about."""
    keys = (None, "1", "2", "5", "9", "*", "#")
    asked = [(moment, key) for moment in (Moment.HEARD, Moment.ASKED) for key in keys]
    return [next_turn(script, moment, key) for moment, key in [(Moment.TAKEN, None), *asked]]


def scripts(kind: EventKind) -> list[CallScript]:
    made = [
        RENDERER.render(kind, Channel.VOICE, "vi", unit, sample.facts(kind))
        for sample in SAMPLES
        for unit in ("H10.12", None)
    ]
    return [body.script for body in made if isinstance(body, VoiceBody)]


def question(turn: Turn) -> tuple[Part, ...]:
    return turn.then.prompt if isinstance(turn.then, Ask) else ()


def read_by_twilio(turn: Turn) -> None:
    answer = TWILIO.speak(turn, NEXT, PROMPTS)
    *said, last = twiml.verbs_of(answer.content_type.partition(";")[0], answer.body)
    assert said == [as_twiml(part) for part in turn.said]
    match turn.then:
        case Ask(prompt=prompt):
            assert isinstance(last, twiml.Gather)
            assert (last.action, last.on_empty) == (NEXT, True)
            assert list(last.prompts) == [as_twiml(part) for part in prompt]
        case Checkpoint():
            assert last == twiml.Redirect(url=NEXT)
        case None:
            assert last == twiml.Hangup()


def as_twiml(part: Part) -> twiml.Verb:
    if isinstance(part, Play):
        return twiml.Play(url=f"{PROMPTS}/{part.file}")
    assert len(part.text) <= LONGEST_SAY
    return twiml.Say(text=part.text)


def read_by_stringee(turn: Turn, speech: StringeeSpeech, *, uploaded: bool) -> None:
    answer = speech.speak(turn, NEXT)
    actions = scco.actions_of(answer.content_type, answer.body)
    heard = [one for one in actions if not isinstance(one, scco.Input)]
    asked = [one for one in actions if isinstance(one, scco.Input)]
    assert actions == (*heard, *asked)
    assert heard == [
        *(as_scco(part, barge_in=False, uploaded=uploaded) for part in turn.said),
        *(as_scco(part, barge_in=True, uploaded=uploaded) for part in question(turn)),
    ]
    assert [one.event_url for one in asked] == ([NEXT] if turn.then else [])


def as_scco(part: Part, *, barge_in: bool, uploaded: bool) -> scco.Action:
    if isinstance(part, Play) and uploaded:
        return scco.Play(file_name=part.file, barge_in=barge_in)
    return scco.Talk(text=words_of((part,)), barge_in=barge_in)


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_turn_of_a_shipped_call_is_read_without_complaint(kind: EventKind) -> None:
    for script in scripts(kind):
        for turn in dialogue(script):
            read_by_twilio(turn)
            read_by_stringee(turn, STRINGEE, uploaded=False)
            read_by_stringee(turn, STRINGEE_UPLOADED, uploaded=True)


@pytest.mark.parametrize("kind", list(EventKind))
def test_a_shipped_call_always_says_something_before_it_ends(kind: EventKind) -> None:
    for script in scripts(kind):
        assert all(turn.said for turn in dialogue(script) if turn.then is None)
