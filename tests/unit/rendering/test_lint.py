"""Each rule, on a template that breaks it and nothing else."""

from pathlib import Path

import pytest

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.rendering.lint import Finding, lint, lint_report
from gateway.rendering.publication import TemplateKey, TemplateVersion
from gateway.rendering.samples import load_samples

SAMPLES = load_samples(Path(__file__).parents[3] / "templates" / "samples.toml")

SMS = (
    "{{ centre }}: hồ sơ số {{ code }} có kết quả. "
    "{% if not by_post %}Kính mời {{ you }} đến nhận tại {{ where }}, {{ when }}.{% endif %} "
    "Gọi {{ verify_phone }}."
)
ZALO = """
template = "result-ready"
text = "<all>"
[params.all]
value = "{{ centre }}: {{ code }}, {{ where }}, {{ when }}, {{ verify_phone }}"
max = 400
"""
VOICE = """
{% block core %}
Đây là cuộc gọi tự động của {{ centre }}.
Hồ sơ số {{ code|read_code }} có kết quả.
{% if not by_post %}Kính mời {{ you }} đến nhận tại {{ where }}, {{ when }}.{% endif %}
Xin gọi số {{ verify_phone|read_phone }}.
{% endblock %}
{% block ask %}Bấm phím 1.{% endblock %}
{% block understood %}Kính chào.{% endblock %}
{% block silence %}Kính chào.{% endblock %}
{% block other_key %}Bấm lại.{% endblock %}
"""
BODIES = {Channel.SMS: SMS, Channel.ZALO: ZALO, Channel.VOICE: VOICE}


def version(channel: Channel, body: str) -> TemplateVersion:
    key = TemplateKey(kind=EventKind.RESULT_READY, channel=channel)
    return TemplateVersion(key=key, version=1, body=body)


def findings(channel: Channel, body: str) -> tuple[Finding, ...]:
    return lint([version(channel, body)], SAMPLES)


@pytest.mark.parametrize("channel", list(Channel))
def test_a_good_template_has_no_findings(channel: Channel) -> None:
    assert findings(channel, BODIES[channel]) == ()


@pytest.mark.parametrize(
    ("rule", "channel", "old", "new"),
    [
        ("centre", Channel.SMS, "{{ centre }}", "Chúng tôi"),
        ("centre", Channel.ZALO, "{{ centre }}", "Chúng tôi"),
        ("code", Channel.SMS, "{{ code }}", "của quý vị"),
        ("code", Channel.VOICE, "{{ code|read_code }}", "của quý vị"),
        ("verify", Channel.SMS, "Gọi {{ verify_phone }}.", ""),
        ("verify", Channel.VOICE, "{{ verify_phone|read_phone }}", "của chúng tôi"),
        ("where_and_when", Channel.SMS, "{{ where }}", "cơ quan"),
        ("where_and_when", Channel.SMS, "{{ when }}", "hôm nào cũng được"),
        ("where_and_when", Channel.ZALO, "{{ where }}", "cơ quan"),
        ("where_and_when", Channel.VOICE, "{{ when }}", "hôm nào cũng được"),
        ("post", Channel.SMS, "{% if not by_post %}", "{% if true %}"),
        ("post", Channel.VOICE, "{% if not by_post %}", "{% if true %}"),
        ("organisation", Channel.SMS, "{{ you }}", "Ông/Bà"),
        ("organisation", Channel.VOICE, "{{ you }}", "Ông/Bà"),
        ("link", Channel.SMS, "Gọi", "Xem dichvucong.gov.vn hoặc gọi"),
        ("link", Channel.ZALO, "{{ centre }}", "{{ centre }} https://zalo.me/1"),
        ("request", Channel.SMS, "Gọi", "Chuyển khoản lệ phí rồi gọi"),
        ("request", Channel.SMS, "Gọi", "Cung cấp số căn cước công dân khi gọi"),
        ("request", Channel.ZALO, "{{ centre }}", "{{ centre }}, mã OTP 1234"),
        ("request", Channel.VOICE, "Bấm lại.", "Xin cài đặt ứng dụng."),
        ("advertising", Channel.SMS, "Gọi", "Nhanh chóng, tiện lợi. Gọi"),
        ("advertising", Channel.VOICE, "Kính chào.", "Xin tri ân. Kính chào."),
        ("segments", Channel.SMS, "Gọi", "Xin quý vị lưu ý. " * 30 + "Gọi"),
        ("zalo_length", Channel.ZALO, 'text = "', f'text = "{"Kính gửi quý vị. " * 18}'),
        ("machine", Channel.VOICE, "Đây là cuộc gọi tự động của", "Xin chào, đây là"),
        ("unusable", Channel.SMS, "{{ code }}", "{{ code }} {{ ma_ho_so }}"),
        ("unusable", Channel.SMS, "{{ code }}", "{{ code }} ★"),
        ("unusable", Channel.ZALO, "max = 400", "max = 60"),
        ("unusable", Channel.ZALO, "template =", "templat ="),
        ("unusable", Channel.VOICE, "{% block silence %}", "{% block silenced %}"),
    ],
)
def test_a_rule_that_is_broken_is_the_only_finding(
    rule: str, channel: Channel, old: str, new: str
) -> None:
    body = BODIES[channel].replace(old, new)
    found = findings(channel, body)
    assert [each.rule for each in found] == [rule]


def test_a_finding_is_a_sentence_with_the_template_and_the_sample() -> None:
    (found,) = findings(Channel.SMS, SMS.replace("{{ you }}", "Ông/Bà"))
    assert str(found) == "result-ready/sms.vi: gọi tổ chức là Ông/Bà (mẫu thử: tổ chức)"


def test_a_papers_name_among_the_missing_papers_is_not_a_request() -> None:
    body = SMS + " Hồ sơ cần bổ sung: {{ items_text|short(60) }}."
    assert findings(Channel.SMS, body) == ()


def test_the_report_shows_each_text_with_its_parts() -> None:
    (first, *others) = lint_report([version(Channel.SMS, SMS)], SAMPLES)
    assert first.sample == "cá nhân"
    assert first.segments == 2
    assert first.text == (
        "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
        "co ket qua. Kinh moi Ong/Ba den nhan tai duong Le Hong Phong, thi tran Thanh Binh, "
        "tu thu Hai, 25/11/2024 (7:00-11:30, 13:30-17:00). Goi 0271 3568 123."
    )
    assert len(others) == len(SAMPLES) - 1
