"""From a template and facts to a message: SMS letters, Zalo limits, the script of a call."""

import unicodedata
from dataclasses import replace

import pytest
from bu_dop import AROUND, CENTRE, facts_about

from gateway.domain.call import Ask, CallScript, Say
from gateway.domain.channel import Channel
from gateway.domain.directory import Unit
from gateway.domain.dossier import Details, EventKind, Party
from gateway.domain.message import SmsBody, VoiceBody, ZaloBody
from gateway.domain.speech import Dialect, Reader
from gateway.errors import RenderError
from gateway.rendering.facts import Facts
from gateway.rendering.publication import Publication, TemplateKey, TemplateVersion
from gateway.rendering.renderer import Renderer

READY = EventKind.RESULT_READY


def version(
    channel: Channel, body: str, *, language: str = "vi", unit: str | None = None
) -> TemplateVersion:
    key = TemplateKey(kind=READY, channel=channel, language=language, unit=unit)
    return TemplateVersion(key=key, version=4, body=body)


def rendered(channel: Channel, body: str, facts: Facts) -> SmsBody | ZaloBody | VoiceBody:
    renderer = Renderer(Publication.of(7, [version(channel, body)]))
    return renderer.render(READY, channel, "vi", "H10.12", facts)


def sms(body: str, facts: Facts) -> SmsBody:
    made = rendered(Channel.SMS, body, facts)
    assert isinstance(made, SmsBody)
    return made


def zalo(body: str, facts: Facts) -> ZaloBody:
    made = rendered(Channel.ZALO, body, facts)
    assert isinstance(made, ZaloBody)
    return made


def test_an_sms_is_plain_by_default_and_on_one_line() -> None:
    made = sms("{{ centre }}:\n\n  xin   chào – “Đặng”…", facts_about())
    assert made == SmsBody(
        text='Trung tam Phuc vu hanh chinh cong huyen Bu Dop: xin chao - "Dang"...',
        accented=False,
        segments=1,
    )


def test_an_sms_keeps_its_marks_where_the_template_says_so() -> None:
    made = sms("{% set accented = true %}Hồ sơ của {{ owner }}", facts_about())
    assert made == SmsBody(text="Hồ sơ của Ông/Bà Nguyễn Thị Minh Ánh", accented=True, segments=1)


def test_the_units_choice_holds_where_the_template_makes_none() -> None:
    accented_unit = CENTRE.model_copy(update={"accented_sms": True})
    facts = facts_about_unit(accented_unit)
    assert sms("Hồ sơ", facts).text == "Hồ sơ"
    assert sms("{% set accented = false %}Hồ sơ", facts).text == "Ho so"


def facts_about_unit(unit: Unit) -> Facts:
    directory = replace(AROUND.directory, units={CENTRE.code: unit})
    return facts_about(around=replace(AROUND, directory=directory))


def test_decomposed_letters_cost_no_more_than_composed_ones() -> None:
    template = unicodedata.normalize(
        "NFD", "{% set accented = true %}đã có kết quả của {{ owner }}"
    )
    name = unicodedata.normalize("NFD", "Nguyễn Thị Hường")
    made = sms(template, facts_about(applicant=Party(name=name)))
    assert made.text == "đã có kết quả của Ông/Bà Nguyễn Thị Hường"
    assert unicodedata.is_normalized("NFC", made.text)


def test_a_character_plain_letters_lack_is_an_error_and_never_a_question_mark() -> None:
    with pytest.raises(RenderError, match="plain letters") as error:
        sms("{{ owner }}", facts_about(applicant=Party(name="Anna 漢字")))
    assert "漢" not in str(error.value)


def test_words_that_only_fit_with_another_part_are_left_out() -> None:
    template = "{% if roomy %}thêm {% endif %}" + "a" * 156
    assert sms(template, facts_about()).text == "a" * 156
    assert sms(template[:-1], facts_about()).text == "them " + "a" * 155


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(RenderError, match="'acented'"):
        sms("{% set acented = true %}", facts_about())


def test_an_error_names_template_version_and_line_but_no_value() -> None:
    with pytest.raises(RenderError) as error:
        sms("một\n{% if owner > 3 %}{% endif %}", facts_about())
    assert str(error.value).startswith("result-ready/sms version 4, line 2: ")
    assert "Minh" not in str(error.value)


NAME_OF_30 = """
template = "result-ready"
text = "Kính gửi <name>"
[params.name]
value = "{{ greeting }}"
max = 30
"""


def test_zalo_parameters_are_rendered_one_by_one() -> None:
    made = zalo(NAME_OF_30, facts_about())
    assert made == ZaloBody(template="result-ready", params={"name": "Ông/Bà Nguyễn Thị Minh Ánh"})


def test_a_zalo_limit_counts_composed_letters() -> None:
    # 7 + 23 characters composed, far more than 30 decomposed.
    name = unicodedata.normalize("NFD", "Nguyễn Trần Thị Mỹ Hạnh")
    made = zalo(NAME_OF_30, facts_about(applicant=Party(name=name)))
    assert made.params["name"] == "Ông/Bà Nguyễn Trần Thị Mỹ Hạnh"


def test_a_zalo_parameter_that_is_too_long_is_an_error_naming_it() -> None:
    with pytest.raises(RenderError, match=r"line 4: parameter 'name' is longer than 30") as error:
        zalo(NAME_OF_30, facts_about(applicant=Party(name="Nguyễn Trần Thị Mỹ Hạnhh")))
    assert "Nguyễn" not in str(error.value)


def test_the_first_short_form_that_fits_is_taken() -> None:
    template = NAME_OF_30 + 'short = ["{{ name }} và {{ name }}", "{{ name }}"]\n'
    made = zalo(template, facts_about(applicant=Party(name="Nguyễn Trần Thị Mỹ Hạnhh")))
    assert made.params["name"] == "Nguyễn Trần Thị Mỹ Hạnhh"


def test_an_empty_zalo_parameter_is_an_error() -> None:
    template = NAME_OF_30.replace("greeting", "procedure")
    with pytest.raises(RenderError, match="parameter 'name' is empty"):
        zalo(template, facts_about())


@pytest.mark.parametrize(
    "body",
    [
        "template = ",
        'template = "a"\ntext = ""',
        'template = "a b"\ntext = ""\nparams = {}',
        'template = "a"\ntext = "<x>"\nparams = {}',
        'template = "a"\ntext = ""\n[params.x]\nvalue = "1"\nmax = 1',
        'template = "a"\ntext = "<x>"\n[params.x]\nvalue = "{{ y }}"\nmax = 1',
        'template = "a"\ntext = "<x>"\n[params.x]\nvalue = "1"\nmax = 0',
        'template = "a"\ntext = "<x>"\n[params.x]\nvalue = "1"\nmax = 1\nlong = 2',
    ],
    ids=[
        "not-toml",
        "no-parameters",
        "bad-name",
        "parameter-missing",
        "parameter-unused",
        "unknown-fact",
        "no-room",
        "unknown-key",
    ],
)
def test_a_wrong_zalo_file_is_refused(body: str) -> None:
    with pytest.raises(RenderError):
        zalo(body, facts_about())


CALL = """
{% block core %}
Đây là cuộc gọi tự động của {{ centre }}.
Hồ sơ số {{ code|read_code }},
đã có kết quả ngày 25/11/2024.
{% endblock %}
{% block ask %}Bấm phím 1.{% endblock %}
{% block understood %}Kính chào {{ you }}.{% endblock %}
{% block silence %}Xin gọi số {{ verify_phone|read_phone }}. Kính chào.{% endblock %}
{% block other_key %}Xin bấm lại.{% endblock %}
"""


def test_a_call_is_read_with_the_list_and_the_words_of_the_installation() -> None:
    reader = Reader(dialect=Dialect(thousand="ngàn"), pronunciations={"BĐ": "Bù Đốp"})
    blocks = ("core", "ask", "understood", "silence", "other_key")
    body = "".join(f"{{% block {name} %}}BĐ, 2.000{{% endblock %}}" for name in blocks)
    renderer = Renderer(Publication.of(7, [version(Channel.VOICE, body)]), reader)
    made = renderer.render(READY, Channel.VOICE, "vi", "H10.12", facts_about())
    assert isinstance(made, VoiceBody)
    assert made.script.core == (Say(text="Bù Đốp, hai ngàn"),)


def test_a_call_is_said_sentence_by_sentence_in_words() -> None:
    made = rendered(Channel.VOICE, CALL, facts_about())
    assert made == VoiceBody(
        script=CallScript(
            core=(
                Say(
                    text="Đây là cuộc gọi tự động của "
                    "Trung tâm Phục vụ hành chính công huyện Bù Đốp."
                ),
                Say(
                    text="Hồ sơ số không không không, không không, một hai, hát một không, "
                    "hai bốn một, một không năm, không không không một, đã có kết quả "
                    "ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi tư."
                ),
            ),
            ask=Ask(prompt=(Say(text="Bấm phím một."),)),
            on_understood=(Say(text="Kính chào ông bà."),),
            on_declined=(Say(text="Chúng tôi sẽ không gọi đến số máy này nữa. Xin kính chào."),),
            on_silence=(
                Say(text="Xin gọi số không hai bảy một, ba năm sáu tám, một hai ba. Kính chào."),
            ),
            on_other_key=(Say(text="Xin bấm lại."),),
        )
    )


def test_a_text_may_say_in_its_own_words_that_nobody_will_call_again() -> None:
    own = CALL + "{% block declined %}Sẽ không gọi {{ you }} nữa.{% endblock %}"
    made = rendered(Channel.VOICE, own, facts_about())
    assert isinstance(made, VoiceBody)
    assert made.script.on_declined == (Say(text="Sẽ không gọi ông bà nữa."),)


def test_a_call_that_would_say_nothing_is_an_error() -> None:
    silent = CALL.replace("Bấm phím 1.", "{{ fee }}")
    with pytest.raises(RenderError, match="block 'ask'"):
        rendered(Channel.VOICE, silent, facts_about())
    made = rendered(Channel.VOICE, silent, facts_about(details=Details(amount_vnd=5000)))
    assert isinstance(made, VoiceBody)


def test_the_units_own_text_comes_before_the_common_one() -> None:
    renderer = Renderer(
        Publication.of(
            1,
            [
                version(Channel.SMS, "chung"),
                version(Channel.SMS, "rieng", unit="H10.12"),
                version(Channel.SMS, "khmer", language="km"),
            ],
        )
    )

    def text(language: str, unit: str | None) -> str:
        made = renderer.render(READY, Channel.SMS, language, unit, facts_about())
        assert isinstance(made, SmsBody)
        return made.text

    assert text("vi", "H10.12") == "rieng"
    assert text("vi", "H10.99") == "chung"
    assert text("vi", None) == "chung"
    assert text("km", "H10.12") == "khmer"
    assert text("en", "H10.12") == "rieng"


def test_a_publication_without_the_template_is_an_error() -> None:
    with pytest.raises(RenderError, match="publication 3 has no template for result-ready/voice"):
        Renderer(Publication.of(3, [])).render(READY, Channel.VOICE, "vi", None, facts_about())


def test_a_template_is_compiled_once() -> None:
    renderer = Renderer(Publication.of(1, [version(Channel.ZALO, NAME_OF_30)]))
    first = renderer.prepared(renderer.publication.find(READY, Channel.ZALO, "vi", None))
    again = renderer.prepared(renderer.publication.find(READY, Channel.ZALO, "vi", "H10.12"))
    assert first is again
