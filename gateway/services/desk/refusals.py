"""Why the desk does not do what it was asked, in a sentence that says what to do instead."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.hours import local
from gateway.errors import BaotinError
from gateway.ledger.template_drafts import Draft
from gateway.rendering.remarks import Remark


class DeskRefusal(BaotinError):
    """`code` is for programs, the sentences for staff."""

    def __init__(self, code: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.vi = vi
        self.en = en

    def sentence(self, language: str) -> str:
        return self.en if language == "en" else self.vi


class ChangedMeanwhile(DeskRefusal):
    """Somebody else changed the draft, released or dropped it; `draft` is how it stands now."""

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        if draft is None:
            super().__init__(
                "changed_meanwhile",
                "Bản nháp này vừa được người khác phát hành hoặc hủy bỏ. Chữ của anh/chị vẫn"
                " còn ở đây; hãy so với bản đang dùng rồi lưu thành bản nháp mới.",
                "Somebody else has just released or dropped this draft. Your text is still here;"
                " compare it with the one in force, then save it as a new draft.",
            )
            return
        who, when = named(draft.author), _time(draft.changed_at)
        super().__init__(
            "changed_meanwhile",
            f"{who} đã lưu bản nháp này lúc {when}, sau khi anh/chị mở nó. Chưa có gì bị ghi đè:"
            " hãy xem bản của người ấy rồi quyết định.",
            f"{who} saved this draft at {when}, after you had opened it. Nothing was overwritten:"
            " look at that text, then decide.",
        )


class NotReady(DeskRefusal):
    """The text has something that must not go out; `remarks` say what and where."""

    def __init__(self, remarks: Sequence[Remark]) -> None:
        self.remarks = tuple(remarks)
        super().__init__(
            "not_ready",
            "Mẫu tin còn lỗi phải sửa: " + " ".join(one.vi for one in self.remarks),
            "The text has faults that must be mended: " + " ".join(one.en for one in self.remarks),
        )


def another_person() -> DeskRefusal:
    return DeskRefusal(
        "another_person",
        "Anh/chị đã viết hoặc gửi duyệt bản này; hãy để một người khác duyệt và phát hành.",
        "You have written this text or asked for its release; let somebody else release it.",
    )


def not_asked() -> DeskRefusal:
    return DeskRefusal(
        "not_asked",
        "Chưa ai gửi duyệt bản nháp này; hãy bấm “Gửi duyệt” trước.",
        "Nobody has asked for the release of this draft; ask for it first.",
    )


def based_on_older() -> DeskRefusal:
    return DeskRefusal(
        "based_on_older",
        "Từ khi bản nháp này bắt đầu, một phiên bản khác đã được đưa vào dùng. Hãy so sánh hai"
        " bản, lưu lại bản nháp, rồi gửi duyệt lần nữa.",
        "Another version has come into force since this draft was begun. Compare the two, save"
        " the draft anew, and ask for its release again.",
    )


def no_text() -> DeskRefusal:
    return DeskRefusal(
        "no_text",
        "Không có mẫu tin hoặc phiên bản này; hãy chọn lại trong danh sách.",
        "There is no such template or version; choose one of the list.",
    )


def too_long(most: int) -> DeskRefusal:
    return DeskRefusal(
        "too_long",
        f"Mẫu tin dài quá {most} ký tự; hãy viết ngắn lại.",
        f"The text has more than {most} characters; shorten it.",
    )


def too_many_specimens(most: int) -> DeskRefusal:
    return DeskRefusal(
        "too_many_specimens",
        f"Mỗi người gửi thử được {most} tin trong một giờ; hãy đợi rồi gửi tiếp.",
        f"Everybody may send {most} specimens an hour; wait, then go on.",
    )


def too_many_to_number(most: int) -> DeskRefusal:
    return DeskRefusal(
        "too_many_to_number",
        f"Số này đã nhận {most} tin gửi thử trong 24 giờ qua, dù ai gửi; hãy đợi sang ngày mai.",
        f"This number has had {most} specimens within 24 hours, whoever sent them; wait until"
        " tomorrow.",
    )


def no_phone() -> DeskRefusal:
    return DeskRefusal(
        "no_phone",
        "Hãy nhập một số điện thoại của chính anh/chị, dùng được cho kênh này (SMS và Zalo cần số"
        " di động).",
        "Enter one telephone number of your own that this channel can reach (SMS and Zalo need a"
        " mobile number).",
    )


def no_account() -> DeskRefusal:
    return DeskRefusal(
        "no_account",
        "Không có tài khoản nào của kênh này đang gửi được; hãy hỏi người vận hành.",
        "No account of this channel can send now; ask an operator.",
    )


def suppressed() -> DeskRefusal:
    return DeskRefusal(
        "suppressed",
        "Số này đang trong danh sách chặn của kênh này, nên không gửi thử tới đó. Hãy dùng số khác,"
        " hoặc nhờ người vận hành bỏ chặn.",
        "This number is suppressed on this channel, so no specimen is sent to it. Use another"
        " number, or ask an operator to end the suppression.",
    )


def paused() -> DeskRefusal:
    return DeskRefusal(
        "paused",
        "Việc gửi tin đang tạm dừng; hãy gửi thử khi đã mở lại.",
        "Sending is paused; try again once it goes on.",
    )


def named(actor: str) -> str:
    """Somebody as colleagues know them."""
    return actor.removeprefix("user:")


def _time(moment: datetime) -> str:
    return f"{local(moment):%H:%M %d/%m/%Y}"
