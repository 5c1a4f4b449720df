"""The call script in Twilio's words, read back as XML."""

from xml.etree import ElementTree

import pytest

from gateway.domain.message import AskKey, CallScript, Say
from gateway.providers.contract import AccountAccess, ReceiptRequest, VoiceAnswer
from gateway.providers.twilio_voice import TwilioVoice

SCRIPT = CallScript(
    core=(Say(text="Đây là cuộc gọi tự động."), Say(text="Kết quả đã có & chờ <nhận>.")),
    ask=AskKey(prompt="Bấm một để nghe lại, bấm hai nếu đã rõ.", timeout_s=7),
    on_understood=Say(text="Cảm ơn."),
    on_silence=Say(text="Xin chào."),
    on_other_key=Say(text="Phím không đúng."),
)
ACTION = "https://e.example/voice/tw/abc"
CORE = ["Đây là cuộc gọi tự động.", "Kết quả đã có & chờ <nhận>."]


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


def spoken(answer: VoiceAnswer) -> tuple[list[str], list[str]]:
    """The tags, and the words said outside any question."""
    assert answer.content_type == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.body)
    return [verb.tag for verb in root], [verb.text or "" for verb in root if verb.tag == "Say"]


def test_the_core_is_spoken_before_the_question_so_that_no_key_cuts_it_short(
    voice: TwilioVoice,
) -> None:
    answer = voice.begin(SCRIPT, ACTION)
    assert spoken(answer) == (["Say", "Say", "Gather"], CORE)
    gather = ElementTree.fromstring(answer.body).find("Gather")
    assert gather is not None
    assert gather.attrib == {
        "action": ACTION + "?heard=1",
        "method": "POST",
        "numDigits": "1",
        "timeout": "7",
        "actionOnEmptyResult": "true",
    }
    assert [say.text for say in gather] == [SCRIPT.ask.prompt]


def test_every_sentence_has_the_vietnamese_voice(voice: TwilioVoice) -> None:
    says = list(ElementTree.fromstring(voice.begin(SCRIPT, ACTION).body).iter("Say"))
    assert [say.attrib for say in says] == [
        {"voice": "Google.vi-VN-Wavenet-A", "language": "vi-VN"}
    ] * 3


@pytest.mark.parametrize(
    ("key", "tags", "words"),
    [
        pytest.param("1", ["Say", "Say", "Gather"], CORE, id="one repeats and asks again"),
        pytest.param("2", ["Say", "Hangup"], ["Cảm ơn."], id="two confirms"),
        pytest.param(None, ["Say", "Hangup"], ["Xin chào."], id="silence ends"),
        pytest.param("9", ["Say", "Gather"], ["Phím không đúng."], id="another key asks again"),
        pytest.param("#", ["Say", "Gather"], ["Phím không đúng."], id="hash asks again"),
    ],
)
def test_each_key_has_its_answer(
    voice: TwilioVoice, key: str | None, tags: list[str], words: list[str]
) -> None:
    assert spoken(voice.reply(SCRIPT, key, ACTION)) == (tags, words)


def test_a_machine_is_hung_up_on_without_a_word(voice: TwilioVoice) -> None:
    assert spoken(voice.refuse_machine()) == (["Hangup"], [])


@pytest.mark.parametrize(
    ("query", "body", "moment"),
    [
        pytest.param({}, b"CallSid=CA1&AnsweredBy=human", (None, False, False), id="answered"),
        pytest.param({}, b"CallSid=CA1&AnsweredBy=unknown", (None, False, False), id="not sure"),
        pytest.param({}, b"CallSid=CA1&AnsweredBy=machine_start", (None, False, True), id="box"),
        pytest.param({}, b"CallSid=CA1&AnsweredBy=fax", (None, False, True), id="fax"),
        pytest.param({"heard": "1"}, b"CallSid=CA1&Digits=2", ("2", True, False), id="key"),
        pytest.param({"heard": "1"}, b"CallSid=CA1&Digits=", (None, True, False), id="no key"),
    ],
)
def test_a_moment_of_the_call_is_read(
    voice: TwilioVoice, query: dict[str, str], body: bytes, moment: tuple[str | None, bool, bool]
) -> None:
    request = ReceiptRequest(
        method="POST", url=ACTION, path_token="", headers={}, query=query, body=body
    )
    read = voice.read_call(request)
    assert (read.key, read.heard, read.machine) == moment
