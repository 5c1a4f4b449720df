"""Remarks to staff: the rule, the place in the box, and whether the text may go out with it.

Verdicts and places are written by hand: in each text the stretch that is meant stands in « ».
"""

from pathlib import Path

import pytest

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.rendering.procedures import Procedures
from gateway.rendering.proof import Example, Proof, proof_read
from gateway.rendering.remarks import Remark
from gateway.rendering.samples import load_samples

TEMPLATES = Path(__file__).parents[3] / "templates"
READY = EventKind.RESULT_READY
EXAMPLES = [
    Example(name=one.name, facts=one.facts(READY))
    for one in load_samples(TEMPLATES / "samples.toml")
]
LISTED = Procedures.of(names=["Cấp đổi giấy phép lái xe"])
GOOD = (
    "{{ centre }}: hồ sơ số {{ code }} có kết quả. "
    "{% if not by_post %}Kính mời {{ you }} đến nhận tại {{ where }}, {{ when }}.{% endif %} "
    "Gọi {{ verify_phone }}."
)
VOICE = (TEMPLATES / "result-ready" / "voice.vi.j2").read_text(encoding="utf-8")
ZALO = (TEMPLATES / "result-ready" / "zalo.vi.toml").read_text(encoding="utf-8")


def proof(body: str, channel: Channel = Channel.SMS) -> Proof:
    return proof_read(READY, channel, body, EXAMPLES, LISTED)


def only(found: Proof) -> Remark:
    [one] = found.remarks
    return one


@pytest.mark.parametrize(
    ("rule", "grave", "marked"),
    [
        ("unknown_word", True, GOOD.replace("{{ code }}", "{{ code }} {{ «ma_ho_so» }}")),
        ("unknown_word", True, GOOD + "{% if «nhanh» %}{% endif %}"),
        ("unknown_filter", True, GOOD.replace("{{ code }}", "{{ code|«upper» }}")),
        ("link", True, GOOD + "\n Xem «https://dvc.vn/a» nhé"),
        ("link", True, GOOD + " «dichvucong.gov.vn»"),
        ("request", True, GOOD + " Xin «chuyển khoản» trước."),
        ("request", True, GOOD + " Mã «OTP» là 1."),
        ("request", True, GOOD + " Hãy «cung cấp số căn cước» khi gọi."),
        ("advertising", False, GOOD + " Phục vụ «nhanh chóng»."),
        ("unsendable", True, GOOD + " Chúc mừng «🎉»"),
        ("unsendable", True, GOOD + " «漢»"),
        ("procedure_name", True, GOOD + " Về việc nhận «con nuôi»"),
        ("question_mark", False, GOOD + " H«?» sơ."),
        ("procedure_name", True, GOOD + " Thủ tục «Cấp phép xây nhà»."),
        ("may_be_empty", False, GOOD + " Phí: {{ «fee» }}."),
        ("syntax", True, "«" + GOOD.replace("{{ code }}", "{{ code }") + "»"),
        ("syntax", True, "một\n«hai {% endif %}»"),
        ("unusable", True, "một {{ code }}\n«{{ code.upper() }}»"),
        ("unusable", True, "«{% include 'x' %}»"),
        ("verify", True, GOOD.replace("Gọi {{ verify_phone }}.", "Xin cảm ơn.") + "«»"),
        ("code", True, GOOD.replace("{{ code }}", "này") + "«»"),
        ("centre", True, GOOD.replace("{{ centre }}", "Chúng tôi") + "«»"),
        ("segments", False, GOOD + " Xin quý vị lưu ý." * 30 + "«»"),
        ("organisation", False, GOOD.replace("{{ you }}", "Ông/Bà") + "«»"),
    ],
)
def test_a_fault_is_named_at_its_place(rule: str, grave: bool, marked: str) -> None:
    body = marked.replace("«", "").replace("»", "")
    one = only(proof(body))
    assert (one.rule, one.grave) == (rule, grave)
    assert one.place is not None
    shown = f"{body[: one.place.start]}«{body[one.place.start : one.place.end]}»"
    assert shown + body[one.place.end :] == marked
    assert one.place.line == marked[: marked.index("«")].count("\n") + 1


@pytest.mark.parametrize("name", ["result-ready", "fee-due", "returned", "correction"])
@pytest.mark.parametrize("channel", list(Channel))
def test_the_shipped_texts_have_no_remark(name: str, channel: Channel) -> None:
    kind = EventKind(name)
    [path] = (TEMPLATES / name).glob(f"{channel}.vi.*")
    examples = [
        Example(name=one.name, facts=one.facts(kind))
        for one in load_samples(TEMPLATES / "samples.toml")
    ]
    found = proof_read(kind, channel, path.read_text(encoding="utf-8"), examples, LISTED)
    assert found.remarks == ()
    assert len(found.made) == len(EXAMPLES)


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = proof("{{ ten }} {{ so }} chuyển khoản vn.gov.vn nhanh chóng")
    assert [one.rule for one in found.remarks] == [
        *("unknown_word", "unknown_word", "link", "request", "advertising"),
    ]


def test_a_near_word_is_proposed() -> None:
    one = only(proof(GOOD.replace("{{ code }}", "{{ code }} {{ verify_phon }}")))
    assert "Có phải ý anh/chị là {{ verify_phone }}?" in one.vi
    assert "Did you mean {{ verify_phone }}?" in one.en


def test_a_missing_number_says_what_to_put_in() -> None:
    one = only(proof(GOOD.replace("Gọi {{ verify_phone }}.", "")))
    assert one.sentence("vi").startswith("Tin không có số điện thoại để kiểm tra lại. Hãy chèn {{")
    assert one.sentence("en").startswith("The message gives no number to check with. Put in {{")
    assert one.sample == "cá nhân"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{% if fee %}a", "Một điều kiện {% if … %} chưa được đóng"),
        ("{% for x in items %}a", "Một vòng lặp {% for … %} chưa được đóng"),
        ("a{% else %}", "Có một {% else %} thừa"),
        ("{{ code", "Dấu ngoặc {{ … }} ở đây chưa đúng"),
        ("{% nếu fee %}", "{% nếu … %} không dùng được"),
        ("{% if %}a{% endif %}", "{{ … }} hoặc {% … %}"),
    ],
)
def test_broken_syntax_is_told_in_words(body: str, said: str) -> None:
    assert said in only(proof(body)).vi


def test_an_accented_text_may_have_letters_that_plain_ones_lack() -> None:
    body = "{% set accented = true %}\n" + GOOD.replace("có kết quả", "có kết quả ✓")
    assert not proof(body).grave


def test_a_private_matter_in_a_listed_name_is_no_betrayal() -> None:
    assert proof(GOOD + " Thủ tục Cấp đổi giấy phép lái xe.").remarks == ()


def test_a_fault_in_a_call_is_placed_in_its_part() -> None:
    body = VOICE.replace("Xin cảm ơn và kính chào {{ you }}.{% endblock %}\n{% block silence %}",
                         "Xin chuyển tiền.{% endblock %}\n{% block silence %}")  # fmt: skip
    one = only(proof(body, Channel.VOICE))
    assert one.rule == "request"
    assert one.place is not None
    assert (one.place.field, one.place.start, one.place.end) == ("understood", 4, 16 - 1)


def test_a_call_that_hides_that_it_is_automatic_is_refused() -> None:
    body = VOICE.replace("Đây là cuộc gọi tự động của", "Xin chào, chúng tôi là")
    one = only(proof(body, Channel.VOICE))
    assert (one.rule, one.grave) == ("machine", True)


def test_a_zalo_parameter_that_gets_too_long_is_placed_in_its_box() -> None:
    body = ZALO.replace('short = ["{{ name }}", "{{ name|short(30) }}"]', "short = []")
    one = only(proof(body, Channel.ZALO))
    assert (one.rule, one.grave, one.sample) == ("param_length", True, "tổ chức")
    assert one.place is not None
    assert one.place.field == "name"


def test_a_zalo_parameter_that_is_empty_for_some_is_refused() -> None:
    body = ZALO.replace('value = "{{ verify_phone }}"', 'value = "{{ fee }}"')
    rules = {one.rule for one in proof(body, Channel.ZALO).remarks}
    assert "empty" in rules


def test_a_file_that_is_none_is_told_of() -> None:
    one = only(proof("template = ", Channel.ZALO))
    assert (one.rule, one.grave) == ("unusable", True)


@pytest.mark.parametrize(
    "body",
    [
        "{{ " + "code or " * 2_400 + "code }}",
        "{{ code" + "|capital" * 2_400 + " }}",
        "{% if " + "not " * 150 + "code %}a{% endif %}",
    ],
    ids=["ors", "filters", "nots"],
)
def test_what_is_nested_without_end_is_told_of_like_any_other_fault(body: str) -> None:
    assert [one.rule for one in proof(body).remarks] == ["unusable"]
