"""The texts that come with the product, word for word, and that each of them keeps the rules."""

from pathlib import Path

import pytest

from gateway.domain.call import words_of
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.message import SmsBody, VoiceBody, ZaloBody
from gateway.domain.speech import Dialect
from gateway.errors import ConfigurationError
from gateway.rendering.facts import VOCABULARY
from gateway.rendering.lint import lint, lint_report
from gateway.rendering.pronunciations import load_reader
from gateway.rendering.publication import (
    Publication,
    TemplateVersion,
    glossary,
    shipped,
    title,
)
from gateway.rendering.renderer import Renderer
from gateway.rendering.samples import load_samples

TEMPLATES = Path(__file__).parents[3] / "templates"
SAMPLES = {sample.name: sample for sample in load_samples(TEMPLATES / "samples.toml")}
SHIPPED = shipped(TEMPLATES)
READER = load_reader(Dialect(), TEMPLATES.parent / "config" / "pronunciations.toml")
RENDERER = Renderer(Publication.of(1, SHIPPED), READER)

PERSON = "cá nhân"
UNNAMED = "cá nhân, thủ tục không nêu tên"
FEE = "cá nhân, có phí"
POST = "cá nhân, nhận qua bưu chính"
POST_FEE = "cá nhân, nhận qua bưu chính, có phí"
ORGANISATION = "tổ chức"
AUTHORISED = "người được ủy quyền"
NO_HOURS = "không rõ giờ làm việc"


def rendered(channel: Channel, sample: str) -> SmsBody | ZaloBody | VoiceBody:
    facts = SAMPLES[sample].facts(EventKind.RESULT_READY)
    return RENDERER.render(EventKind.RESULT_READY, channel, "vi", "H10.12", facts)


@pytest.mark.parametrize(
    ("sample", "segments", "text"),
    [
        (
            PERSON,
            2,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "cua Ong/Ba Nguyen Thi Minh Anh da co ket qua. Kinh moi Ong/Ba den nhan tai "
            "duong Le Hong Phong, thi tran Thanh Binh, "
            "tu thu Hai, 25/11/2024 (7:00-11:30, 13:30-17:00). "
            "Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
        (
            UNNAMED,
            2,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "cua Ong/Ba Dieu K'Ru da co ket qua. Kinh moi Ong/Ba den nhan tai "
            "duong Le Hong Phong, thi tran Thanh Binh, "
            "tu thu Hai, 25/11/2024 (7:00-11:30, 13:30-17:00). "
            "Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
        (
            FEE,
            3,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "(Cap doi giay phep lai xe) cua Ong/Ba Nguyen Thi Minh Anh da co ket qua. "
            "Kinh moi Ong/Ba den nhan tai duong Le Hong Phong, thi tran Thanh Binh, "
            "tu thu Hai, 25/11/2024 (7:00-11:30, 13:30-17:00). "
            "Xin mang theo 50.000 dong phi, le phi. "
            "Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
        (
            POST,
            2,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "(Cap doi giay phep lai xe) cua Ong/Ba Nguyen Thi Minh Anh da co ket qua. "
            "Ket qua duoc gui qua buu chinh den dia chi Ong/Ba da dang ky. "
            "Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
        (
            POST_FEE,
            2,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "(Cap doi giay phep lai xe) cua Ong/Ba Nguyen Thi Minh Anh da co ket qua. "
            "Ket qua duoc gui qua buu chinh den dia chi Ong/Ba da dang ky. "
            "Phi, le phi nop khi nhan: 135.000 dong. "
            "Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
        (
            ORGANISATION,
            2,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "cua CONG TY TNHH MTV NONG SAN SAO MAI XANH da co ket qua. Kinh moi Quy don vi "
            "den nhan tai duong Le Hong Phong, thi tran Thanh Binh, "
            "tu thu Hai, 25/11/2024 (7:00-11:30, 13:30-17:00). Kiem tra lai: goi 0271 3568 123.",
        ),
        (
            AUTHORISED,
            3,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop kinh gui Ong/Ba Le Van Thu: "
            "ho so so 000.00.12.H10-241105-0001 (Cap doi giay phep lai xe) "
            "cua Ong/Ba Nguyen Thi Minh Anh da co ket qua. Kinh moi Ong/Ba den nhan tai "
            "duong Le Hong Phong, thi tran Thanh Binh, "
            "tu thu Hai, 25/11/2024 (7:00-11:30, 13:30-17:00). "
            "Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
        (
            NO_HOURS,
            2,
            "Trung tam Phuc vu hanh chinh cong huyen Bu Dop: ho so so 000.00.12.H10-241105-0001 "
            "cua Ong/Ba Nguyen Thi Minh Anh da co ket qua. "
            "Kinh moi Ong/Ba den nhan tai Uy ban nhan dan xa Thien Hung, thon Thien Cu, "
            "xa Thien Hung, trong gio lam viec. Kiem tra lai: goi 0271 3568 123, ma 1234567890.",
        ),
    ],
    ids=lambda value: value if value in SAMPLES else "",
)
def test_the_sms_of_a_ready_result(sample: str, segments: int, text: str) -> None:
    made = rendered(Channel.SMS, sample)
    assert made == SmsBody(text=text, accented=False, segments=segments)


DESK = {
    "name": "Ông/Bà Nguyễn Thị Minh Ánh",
    "code": "000.00.12.H10-241105-0001",
    "matter": "Cấp đổi giấy phép lái xe",
    "status": "đã có kết quả",
    "place": "đường Lê Hồng Phong, thị trấn Thanh Bình",
    "when": "từ thứ Hai, 25/11/2024, 7:00–11:30, 13:30–17:00",
    "note": "xin mang theo giấy hẹn",
    "centre": "Trung tâm Phục vụ hành chính công huyện Bù Đốp",
    "contact": "0271 3568 123",
}
BY_POST = {
    **DESK,
    "status": "có kết quả, gửi qua bưu chính",
    "place": "địa chỉ Ông/Bà đã đăng ký nhận qua bưu chính",
    "when": "theo lịch phát của bưu chính",
    "note": "Ông/Bà không phải đến quầy",
}


@pytest.mark.parametrize(
    ("sample", "params"),
    [
        (PERSON, DESK),
        (UNNAMED, {**DESK, "name": "Ông/Bà Điểu K'Rứ", "matter": "thủ tục hành chính"}),
        (FEE, {**DESK, "note": "xin mang theo giấy hẹn và 50.000 đồng phí, lệ phí"}),
        (POST, BY_POST),
        (POST_FEE, {**BY_POST, "note": "phí, lệ phí nộp khi nhận: 135.000 đồng"}),
        (ORGANISATION, {**DESK, "name": "CÔNG TY TNHH MTV NÔNG SẢN..."}),
        (
            AUTHORISED,
            {
                **DESK,
                "name": "Ông/Bà Lê Văn Thử",
                "matter": "Cấp đổi giấy phép lái xe, của Ông/Bà Nguyễn Thị Minh Ánh",
            },
        ),
        (
            NO_HOURS,
            {
                **DESK,
                "place": "Ủy ban nhân dân xã Thiện Hưng, thôn Thiện Cư, xã Thiện Hưng",
                "when": "trong giờ làm việc",
            },
        ),
        (
            "tên dài",
            {
                **DESK,
                "name": "Công Tằng Tôn Nữ Thị Hoàng...",
                "code": "000.00.12.H10-20260609-0092637",
                "place": "Điểm tiếp nhận và trả kết quả tại Bưu điện Bình Lộc, "
                "số 125 đường Nguyễn Thị Minh Khai, khu phố Tân Bình, phường Bình Lộc",
                "when": "từ thứ Sáu, 22/11/2024, 13:00–17:30",
                "centre": "Trung tâm HCC phường Bình Lộc",
                "contact": "0251 1022",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_zalo_parameters_of_a_ready_result(sample: str, params: dict[str, str]) -> None:
    assert rendered(Channel.ZALO, sample) == ZaloBody(template="result-ready", params=params)


CALL_FROM = "Đây là cuộc gọi tự động của Trung tâm Phục vụ hành chính công huyện Bù Đốp."
TO_MINH_ANH = "Kính chào ông bà Nguyễn Thị Minh Ánh."
CODE = (
    "không không không, không không, một hai, hát một không, hai bốn một, một không năm, "
    "không không không một"
)
READY = f"Hồ sơ Cấp đổi giấy phép lái xe, mã số {CODE}, đã có kết quả."
MONDAY = "thứ Hai, ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi tư"
COME = f"Kính mời ông bà đến nhận tại đường Lê Hồng Phong, thị trấn Thanh Bình, từ {MONDAY}."
HOURS = (
    "Giờ làm việc: bảy giờ đến mười một giờ ba mươi phút, "
    "mười ba giờ ba mươi phút đến mười bảy giờ."
)
BRING = "Khi đến, xin mang theo giấy hẹn trả kết quả."
POSTED = "Kết quả được gửi qua bưu chính đến địa chỉ ông bà đã đăng ký."
CHECK = "Để kiểm tra lại, xin gọi số không hai bảy một, ba năm sáu tám, một hai ba."


@pytest.mark.parametrize(
    ("sample", "sentences"),
    [
        (PERSON, [CALL_FROM, TO_MINH_ANH, READY, COME, HOURS, BRING, CHECK]),
        (
            UNNAMED,
            [
                CALL_FROM,
                "Kính chào ông bà Điểu K'Rứ.",
                f"Hồ sơ số {CODE}, đã có kết quả.",
                COME,
                HOURS,
                BRING,
                CHECK,
            ],
        ),
        (
            FEE,
            [
                CALL_FROM,
                TO_MINH_ANH,
                READY,
                COME,
                HOURS,
                "Khi đến, xin mang theo giấy hẹn trả kết quả "
                "và năm mươi nghìn đồng để nộp phí, lệ phí.",
                CHECK,
            ],
        ),
        (POST, [CALL_FROM, TO_MINH_ANH, READY, POSTED, CHECK]),
        (
            POST_FEE,
            [
                CALL_FROM,
                TO_MINH_ANH,
                READY,
                POSTED,
                "Phí, lệ phí nộp khi nhận là một trăm ba mươi lăm nghìn đồng.",
                CHECK,
            ],
        ),
        (
            AUTHORISED,
            [
                CALL_FROM,
                "Kính chào ông bà Lê Văn Thử.",
                f"Hồ sơ Cấp đổi giấy phép lái xe, mã số {CODE}, "
                "của ông bà Nguyễn Thị Minh Ánh, đã có kết quả.",
                COME,
                HOURS,
                BRING,
                CHECK,
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_call_of_a_ready_result(sample: str, sentences: list[str]) -> None:
    made = rendered(Channel.VOICE, sample)
    assert isinstance(made, VoiceBody)
    assert [words_of((part,)) for part in made.script.core] == sentences


def test_a_call_asks_for_a_key_and_answers_every_one() -> None:
    made = rendered(Channel.VOICE, PERSON)
    assert isinstance(made, VoiceBody)
    keys = (
        "Để nghe lại, xin bấm phím một. Nếu đã nghe rõ, xin bấm phím hai. "
        "Nếu không muốn nhận cuộc gọi như thế này nữa, xin bấm phím chín."
    )
    script = made.script
    assert words_of(script.ask.prompt) == keys
    assert words_of(script.on_understood) == "Xin cảm ơn và kính chào ông bà."
    assert words_of(script.on_declined) == (
        "Chúng tôi sẽ không gọi đến số máy này nữa. "
        "Để hỏi về hồ sơ, xin gọi số không hai bảy một, ba năm sáu tám, một hai ba. "
        "Xin kính chào ông bà."
    )
    assert words_of(script.on_silence) == f"{CHECK} Xin cảm ơn và kính chào ông bà."
    assert words_of(script.on_other_key) == f"Phím vừa bấm không có tác dụng. {keys}"


def test_every_kind_has_a_text_for_every_channel() -> None:
    there = {(version.key.kind, version.key.channel) for version in SHIPPED}
    assert there == {(kind, channel) for kind in EventKind for channel in Channel}


def test_every_kind_has_a_title() -> None:
    named = {kind: title(TEMPLATES, kind) for kind in EventKind}
    assert named[EventKind.RESULT_READY] == "Có kết quả"
    assert len(set(named.values())) == len(EventKind)


def test_every_word_of_the_templates_is_explained_to_staff() -> None:
    assert set(glossary(TEMPLATES)) == VOCABULARY.words | VOCABULARY.lists | {"roomy"}


@pytest.mark.parametrize("version", SHIPPED, ids=lambda version: str(version.key))
def test_a_shipped_template_keeps_every_rule(version: TemplateVersion) -> None:
    assert lint([version], SAMPLES.values(), READER) == ()


def test_no_shipped_sms_has_more_than_three_parts_and_most_have_two() -> None:
    sms = [version for version in SHIPPED if version.key.channel is Channel.SMS]
    parts = [row.segments for row in lint_report(sms, SAMPLES.values())]
    assert max(parts) == 3
    assert parts.count(2) > 3 * parts.count(3)


@pytest.mark.parametrize("kind", list(EventKind))
def test_a_shipped_sms_is_plain_and_has_no_question_mark(kind: EventKind) -> None:
    for sample in SAMPLES.values():
        made = RENDERER.render(kind, Channel.SMS, "vi", None, sample.facts(kind))
        assert isinstance(made, SmsBody)
        assert made.text.isascii()
        assert "?" not in made.text


def test_a_folder_without_a_text_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"result-ready has no text for zalo"):
        shipped(tmp_path)
