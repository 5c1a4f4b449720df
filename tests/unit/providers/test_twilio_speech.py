"""A turn of a call in Twilio's words, read back as XML."""

from xml.etree import ElementTree

import pytest

from gateway.domain.call import CHECKPOINT, Ask, Play, Say, Turn
from gateway.providers.contract import AccountAccess, CallReport, ReceiptRequest
from gateway.providers.twilio_voice import TwilioVoice

NEXT, PROMPTS = "https://e.example/voice/tw/abc/asked", "https://e.example/voice/prompts"
VOICE = {"voice": "Google.vi-VN-Wavenet-A", "language": "vi-VN"}
CORE = (Say(text="Đây là cuộc gọi tự động."), Say(text="Kết quả đã có & chờ <nhận>."))
RECORDED = Play(file="0f3a.wav", words="Xin chào.")


@pytest.fixture
def voice() -> TwilioVoice:
    access = AccountAccess(
        code="tw",
        base_url="http://127.0.0.1:1",
        sender="+842873000000",
        settings={"account_sid": "AC" + "0" * 32},
        secrets={"auth_token": "12345"},
    )
    return TwilioVoice(access, door=None)  # type: ignore[arg-type]  # nothing is sent here


def document(voice: TwilioVoice, turn: Turn) -> ElementTree.Element:
    answer = voice.speak(turn, NEXT, PROMPTS)
    assert answer.content_type == "text/xml; charset=utf-8"
    return ElementTree.fromstring(answer.body)


def spoken(root: ElementTree.Element) -> list[tuple[str, str]]:
    """The verbs, each with its text."""
    return [(verb.tag, verb.text or "") for verb in root]


SAID = [("Say", "Đây là cuộc gọi tự động."), ("Say", "Kết quả đã có & chờ <nhận>.")]


def test_that_the_core_was_heard_is_told_by_coming_back_after_it(voice: TwilioVoice) -> None:
    root = document(voice, Turn(said=CORE, then=CHECKPOINT))
    assert spoken(root) == [*SAID, ("Redirect", NEXT)]
    assert root[-1].attrib == {"method": "POST"}


def test_a_question_stands_in_a_gather_and_what_is_said_before_it_does_not(
    voice: TwilioVoice,
) -> None:
    question = Ask(prompt=(Say(text="Bấm phím một."),), timeout_s=7)
    root = document(voice, Turn(said=CORE, then=question))
    assert spoken(root)[:2] == SAID
    gather = root[-1]
    assert gather.attrib == {
        "input": "dtmf",
        "action": NEXT,
        "method": "POST",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "7",
        "actionOnEmptyResult": "true",
    }
    assert spoken(gather) == [("Say", "Bấm phím một.")]


def test_a_longer_input_is_ended_by_the_hash_key(voice: TwilioVoice) -> None:
    question = Ask(prompt=(Say(text="Nhập mã."),), digits=10)
    gather = document(voice, Turn(then=question))[-1]
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("10", "#")


def test_the_last_words_are_followed_by_hanging_up(voice: TwilioVoice) -> None:
    assert spoken(document(voice, Turn(said=CORE))) == [*SAID, ("Hangup", "")]


def test_a_machine_is_hung_up_on_without_a_word(voice: TwilioVoice) -> None:
    assert spoken(document(voice, Turn())) == [("Hangup", "")]


def test_a_recorded_prompt_is_played_from_our_address(voice: TwilioVoice) -> None:
    asked = Ask(prompt=(RECORDED,))
    root = document(voice, Turn(said=(RECORDED, CORE[0]), then=asked))
    played = ("Play", f"{PROMPTS}/0f3a.wav")
    assert spoken(root)[:2] == [played, SAID[0]]
    assert spoken(root[-1]) == [played]


def test_every_sentence_has_the_vietnamese_voice(voice: TwilioVoice) -> None:
    root = document(voice, Turn(said=CORE, then=Ask(prompt=(CORE[0],))))
    assert [say.attrib for say in root.iter("Say")] == [VOICE] * 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(
            b"CallSid=CA1&From=%2B8498", CallReport(call_id="CA1", caller="+8498"), id="a"
        ),
        pytest.param(b"CallSid=CA1&AnsweredBy=human", CallReport(call_id="CA1"), id="a person"),
        pytest.param(b"CallSid=CA1&AnsweredBy=unknown", CallReport(call_id="CA1"), id="not sure"),
        pytest.param(
            b"CallSid=CA1&AnsweredBy=machine_start",
            CallReport(call_id="CA1", machine=True),
            id="a box",
        ),
        pytest.param(
            b"CallSid=CA1&AnsweredBy=fax", CallReport(call_id="CA1", machine=True), id="a fax"
        ),
        pytest.param(b"CallSid=CA1&Digits=2", CallReport(call_id="CA1", keys="2"), id="a key"),
        pytest.param(b"CallSid=CA1&Digits=", CallReport(call_id="CA1"), id="no key"),
        pytest.param(
            b"CallSid=CA1&Digits=0123456789",
            CallReport(call_id="CA1", keys="0123456789"),
            id="many keys",
        ),
    ],
)
def test_what_is_told_of_a_running_call_is_read(
    voice: TwilioVoice, body: bytes, told: CallReport
) -> None:
    request = ReceiptRequest(
        method="POST", url=NEXT, path_token="", headers={}, query={}, body=body
    )
    assert voice.read_call(request) == told
