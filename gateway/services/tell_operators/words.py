"""What is said about alerts, in the words of those who have to do something. They name accounts,
pools and codes, never people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.alert import AlertKind
from gateway.errors import BaotinError
from gateway.ledger.alert_news import News

_HOME = ZoneInfo("Asia/Ho_Chi_Minh")
# Of what a provider's code says, if ever one is longer.
_LONGEST_DETAIL = 160

MEANINGS: Mapping[AlertKind, str] = {
    AlertKind.ACCOUNT_STOPPED: "Tài khoản gửi tin bị dừng (hết tiền hoặc sai đăng nhập)",
    AlertKind.TOKEN_LOST: "Mất quyền gửi của tài khoản Zalo OA, cần cấp quyền lại",
    AlertKind.WALLET_LOW: "Tài khoản gửi tin sắp hết tiền",
    AlertKind.POOL_SHUT: "Mọi tài khoản của nhóm đều bị dừng",
    AlertKind.FALLBACK_USED: "Thông báo phải chuyển sang kênh khác vì lỗi phía hệ thống",
    AlertKind.TEXT_NOT_REGISTERED: "Nội dung tin nhắn chưa đăng ký với nhà mạng",
    AlertKind.UNKNOWN_CODE: "Nhà cung cấp trả về mã lạ",
    AlertKind.PROMPT_MISSING: "Thiếu lời thu sẵn cho cuộc gọi bằng tiếng khác",
    AlertKind.LANGUAGE_MISSING: "Cuộc gọi phải dùng tiếng Việt vì chưa có mẫu tiếng được yêu cầu",
    AlertKind.TEMPLATE_CHANGED: "Mẫu tin Zalo bị thay đổi hoặc bị tắt",
    AlertKind.TEMPLATE_QUALITY: "Chất lượng mẫu tin Zalo thấp",
    AlertKind.QUOTA_CHANGED: "Hạn mức gửi Zalo trong ngày bị giảm",
    AlertKind.ACCOUNT_QUALITY: "Chất lượng tài khoản Zalo OA thấp",
    AlertKind.GUESSING: "Có người dò mã hồ sơ trên đường dây tra cứu",
    AlertKind.BACKLOG: "Thông báo bị ứ lại, chưa gửi đi được",
    AlertKind.DELIVERY_FALLING: "Tỷ lệ thông báo đến nơi giảm so với tuần trước",
    AlertKind.RECEIPTS_MISSING: "Nhà cung cấp không gửi báo cáo phát",
    AlertKind.NO_WORKER: "Không có tiến trình gửi nào đang chạy",
    AlertKind.CLOCK_STOPPED: "Tiến trình điều phối đã dừng",
    AlertKind.DISK_LOW: "Ổ đĩa sắp đầy",
    AlertKind.CERTIFICATE_ENDING: "Chứng thư TLS sắp hết hạn",
    AlertKind.TRIAL: "Tin thử, không có sự cố",
}


class NotTold(BaotinError):
    """A way out did not take the news; one word says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Which installation speaks, where its console is, and where docs/runbook.md is (empty:
    nobody knows)."""

    centre: str
    url: str
    runbook: str = ""

    def entry(self, kind: AlertKind) -> str:
        """The address of what the runbook says about an alert."""
        return f"{self.runbook or 'docs/runbook.md'}#{kind}"


def heading(news: Sequence[News]) -> str:
    """One line for a subject."""
    still = [one for one in news if one.over_at is None]
    first = _about((still or news)[0])
    word = "Cảnh báo" if still else "Đã hết cảnh báo"
    more = f" và {len(news) - 1} việc khác" if len(news) > 1 else ""
    return f"[baotin] {word}: {first}{more}"


def letter(news: Sequence[News], place: Place) -> str:
    """The whole text; the English word of each alert is its entry in docs/runbook.md."""
    told = [_paragraph(one, place) for one in news]
    return "\n\n".join([*told, f"{place.centre}\n{place.url}/console/"]) + "\n"


def _paragraph(one: News, place: Place) -> str:
    if one.over_at is None:
        head = f"CẢNH BÁO: {_about(one)}"
        times = f", {one.times} lần" if one.times > 1 else ""
        when = f"Từ {_at(one.since)}{times}"
    else:
        head = f"ĐÃ HẾT: {_about(one)}"
        when = f"Từ {_at(one.since)} đến {_at(one.over_at)}"
    kind = one.alert.kind
    where = place.entry(kind) if place.runbook else f"Xem mục {kind} trong docs/runbook.md"
    return f"{head}\n{when}\n{where}"


def _about(one: News) -> str:
    """In one line, whatever a detail holds."""
    said = " ".join(one.alert.detail.split())[:_LONGEST_DETAIL]
    detail = f" ({said})" if said else ""
    return f"{MEANINGS[one.alert.kind]}: {one.alert.subject}{detail}"


def _at(when: datetime) -> str:
    return f"{when.astimezone(_HOME):%H:%M ngày %d/%m/%Y}"
