"""Prompts in a voice template: played where they were recorded, Vietnamese where they were not."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from bu_dop import facts_about

from gateway.domain.call import Part, Play, Prompt, Say
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.message import VoiceBody
from gateway.errors import RenderError
from gateway.rendering.lint import lint
from gateway.rendering.prompt_use import Played, lacking, prompts_used
from gateway.rendering.prompts import PromptBook, Recording
from gateway.rendering.publication import Publication, TemplateKey, TemplateVersion
from gateway.rendering.renderer import Renderer, ready

READY = EventKind.RESULT_READY
PROMPTS = {
    "hello": Prompt(words="Kính chào 2 ông bà.", files={"km": "aa.wav"}),
    "result": Prompt(words="Đã có kết quả. Mã số là", files={"sti": "bb.mp3"}),
    "bye": Prompt(words="Xin cảm ơn.", files={"km": "cc.wav", "vi": "dd.wav"}),
}
REST = """
{% block ask %}Bấm phím 1.{% endblock %}
{% block understood %}{{ "bye"|prompt }}{% endblock %}
{% block silence %}Kính chào.{% endblock %}
{% block other_key %}Bấm lại.{% endblock %}
"""
HELLO = Play(file="aa.wav", words="Kính chào hai ông bà.")


def version(core: str, language: str = "km", number: int = 1) -> TemplateVersion:
    key = TemplateKey(kind=READY, channel=Channel.VOICE, language=language)
    body = f"{{% block core %}}{core}{{% endblock %}}{REST}"
    return TemplateVersion(key=key, version=number, body=body)


def body(
    core: str, language: str = "km", prompts: Mapping[str, Prompt] = PROMPTS, **facts: str
) -> VoiceBody:
    made = ready(version(core, language), prompts=prompts).body(facts_about(**facts))
    assert isinstance(made, VoiceBody)
    return made


@pytest.mark.parametrize(
    ("core", "said"),
    [
        pytest.param('{{ "hello"|prompt }}', (HELLO,), id="recorded"),
        pytest.param(
            '{{ "result"|prompt }}.', (Say(text="Đã có kết quả. Mã số là."),), id="missing"
        ),
        pytest.param(
            '{{ "hello"|prompt }}. {{ you }}, số 5.\n{{ "bye"|prompt }}',
            (HELLO, Say(text="ông bà, số năm."), Play(file="cc.wav", words="Xin cảm ơn.")),
            id="words between two",
        ),
        pytest.param(
            '{{ "result"|prompt }} 12. {{ "hello"|prompt }}',
            (Say(text="Đã có kết quả. Mã số là mười hai."), HELLO),
            id="missing, with the words around it",
        ),
        pytest.param(
            '{{ "hello"|prompt }} - {{ "hello"|prompt }}', (HELLO, HELLO), id="only a stop between"
        ),
        pytest.param(
            '{% if by_post %}{{ "result"|prompt }}{% else %}{{ "hello"|prompt }}{% endif %}',
            (HELLO,),
            id="by a fact",
        ),
    ],
)
def test_a_text_is_recorded_prompts_and_vietnamese_words_in_order(
    core: str, said: tuple[Part, ...]
) -> None:
    assert body(core).script.core == said


@pytest.mark.parametrize(
    ("language", "played"),
    [
        pytest.param("km", Play(file="cc.wav", words="Xin cảm ơn."), id="in its language"),
        pytest.param("km-KH", Play(file="cc.wav", words="Xin cảm ơn."), id="in a wider one"),
        pytest.param(
            "sti", Play(file="dd.wav", words="Xin cảm ơn."), id="else recorded Vietnamese"
        ),
        pytest.param("vi", Play(file="dd.wav", words="Xin cảm ơn."), id="Vietnamese"),
    ],
)
def test_the_recording_in_the_language_of_the_text_comes_first(language: str, played: Play) -> None:
    assert body("Xin chào.", language).script.on_understood == (played,)


def test_an_answer_is_said_in_one_breath_as_far_as_no_prompt_comes_between() -> None:
    declined = 'Một.\nHai.\n{{ "bye"|prompt }}\nBa.\nBốn.'
    core = f"Xin chào.{{% endblock %}}{{% block declined %}}{declined}"
    made = body(core).script.on_declined
    assert made == (
        Say(text="Một. Hai."),
        Play(file="cc.wav", words="Xin cảm ơn."),
        Say(text="Ba. Bốn."),
    )


@pytest.mark.parametrize(
    ("language", "unrecorded"),
    [("km", {"result"}), ("sti", {"hello", "bye"}), ("vi", set())],
)
def test_a_message_knows_what_was_not_recorded_in_the_language_of_its_text(
    language: str, unrecorded: set[str]
) -> None:
    made = body('{{ "hello"|prompt }} {{ "result"|prompt }}', language)
    assert (made.language, made.unrecorded) == (language, unrecorded)


@pytest.mark.parametrize(
    ("core", "problem"),
    [
        pytest.param('{{ "other"|prompt }}', "plays the prompt 'other'", id="unknown"),
        pytest.param("{{ code|prompt }}", "something other than a prompt's name", id="a fact"),
        pytest.param('{{ "hello"|prompt(1) }}', "something other", id="with an argument"),
        pytest.param('{{ "hello"|prompt|short(9) }}', "changes a recorded prompt", id="changed"),
        pytest.param(
            '{{ ("hello"|prompt ~ code)|capital }}',
            "changes a recorded prompt",
            id="changed within",
        ),
        pytest.param("a\x02hello\x03", "has a control character", id="forged"),
    ],
)
def test_other_uses_of_prompts_are_refused_before_anybody_is_called(
    core: str, problem: str
) -> None:
    with pytest.raises(RenderError, match=problem):
        ready(version(core), prompts=PROMPTS)
    [finding] = lint([version(core)], (), prompts=PROMPTS)
    assert finding.rule == "unusable"
    assert problem in finding.sentence


def test_a_fact_cannot_play_a_prompt() -> None:
    made = body("Hồ sơ {{ code }}.", dossier_code="1\x02hello\x03")
    assert all(isinstance(part, Say) for part in made.script.core)


def test_prompts_are_for_calls_only() -> None:
    key = TemplateKey(kind=READY, channel=Channel.SMS)
    sms = TemplateVersion(key=key, version=1, body='{{ "hello"|prompt }}')
    with pytest.raises(RenderError, match="plays the prompt 'hello'"):
        ready(sms, prompts=PROMPTS)


def rendered(*versions: TemplateVersion, language: str = "km") -> VoiceBody:
    renderer = Renderer(Publication.of(1, versions), prompts=PROMPTS)
    made = renderer.render(READY, Channel.VOICE, language, None, facts_about())
    assert isinstance(made, VoiceBody)
    return made


@pytest.mark.parametrize(
    ("versions", "language"),
    [
        pytest.param((version("Một.", "vi"), version("Hai.")), "km", id="there is one"),
        pytest.param((version("Một.", "vi"),), "vi", id="there is none"),
        pytest.param(
            (version("Một.", "vi"), version('{{ "gone"|prompt }}')), "vi", id="it cannot be used"
        ),
    ],
)
def test_whoever_wishes_for_a_language_is_told_in_it_or_in_vietnamese(
    versions: tuple[TemplateVersion, ...], language: str
) -> None:
    assert rendered(*versions).language == language


def test_an_error_does_not_tell_in_which_language_somebody_was_to_be_called() -> None:
    renderer = Renderer(Publication.of(1, [version("{{ fee }}", number=3)]), prompts=PROMPTS)
    with pytest.raises(RenderError) as error:
        renderer.render(READY, Channel.VOICE, "km", None, facts_about())
    assert str(error.value).startswith("result-ready/voice version 3, line 1: says nothing")


KEPT = Path("km/any.wav")
BOOK = PromptBook(
    words={"hello": "Kính chào.", "result": "Đã có kết quả.", "bye": "Xin cảm ơn."},
    recordings=(
        Recording(prompt="hello", language="km", path=KEPT, file="aa.wav"),
        Recording(prompt="result", language="km", path=KEPT, problem="neither WAV nor MP3"),
    ),
)


def test_what_is_missing_is_known_from_the_texts_alone() -> None:
    core = '{{ "hello"|prompt }} {{ "result"|prompt }} {{ "new"|prompt }}'
    texts = [version(core), version('{{ "hello"|prompt }} {{ "new"|prompt }}', "vi")]
    assert {str(played): why for played, why in lacking(texts, BOOK).items()} == {
        "bye/km": "not recorded",
        "new/km": "not in prompts.toml",
        "new/vi": "not in prompts.toml",
        "result/km": "neither WAV nor MP3",
    }


def test_who_plays_a_prompt_is_known_from_the_texts() -> None:
    texts = [version('{{ "hello"|prompt }}'), version("{{ broken", "vi")]
    used = prompts_used(texts)
    assert used[Played(prompt="hello", language="km")] == [texts[0].key]
    assert used.keys() == {Played(prompt=name, language="km") for name in ("hello", "bye")}
