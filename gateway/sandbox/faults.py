"""Everything the simulators can do wrong, and the phone numbers that make them do it.

A phone +84900000NNN asks for the behaviour with number NNN. Every other number is answered well,
unless the account is set to a fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"

    NO_RECEIPT = "no-receipt"
    RECEIPT_LOST = "receipt-lost"
    RECEIPT_FIRST = "receipt-first"
    RECEIPT_TWICE = "receipt-twice"
    RECEIPTS_SWAPPED = "receipts-swapped"
    RECEIPT_RESPELLED = "receipt-respelled"
    RECEIPT_UNKNOWN = "receipt-unknown"
    RECEIPT_LATE = "receipt-late"
    RECEIPT_FORGED = "receipt-forged"
    FAILED = "failed"
    FAILED_THEN_DELIVERED = "failed-then-delivered"

    SILENT_UNTAKEN = "silent-untaken"
    SILENT_TAKEN = "silent-taken"
    ANSWERED_LATE = "answered-late"
    RESET_UNTAKEN = "reset-untaken"
    RESET_TAKEN = "reset-taken"
    SLOW_DRIP = "slow-drip"
    ERROR_IN_200 = "error-in-200"
    EMPTY_200 = "empty-200"
    HTML_200 = "html-200"
    WRONG_CONTENT_TYPE = "wrong-content-type"
    THROTTLED = "throttled"
    THROTTLED_RETRY_AFTER = "throttled-retry-after"
    ERROR_500_ONCE = "error-500-once"
    ERROR_500 = "error-500"

    WALLET_EMPTY = "wallet-empty"
    CREDENTIALS = "credentials"
    BLOCKED = "blocked"
    NO_ZALO = "no-zalo"
    REFUSES = "refuses"
    NIGHT = "night"
    QUOTA = "quota"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105

    BUSY = "busy"
    NO_ANSWER = "no-answer"
    MACHINE = "machine"
    FAX = "fax"
    HANGS_UP = "hangs-up"
    PRESSES_NOTHING = "presses-nothing"
    PRESSES_1_THEN_2 = "presses-1-then-2"
    PRESSES_WRONG_KEY = "presses-wrong-key"
    DECLINES = "declines"
    HANGS_UP_LATE = "hangs-up-late"


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """`told` explains the fault to the reader of the sandbox's first page."""

    fault: Fault
    told: str


def _behaviour(fault: Fault, told: str) -> Behaviour:
    return Behaviour(fault=fault, told=told)


BEHAVIOURS: Mapping[str, Behaviour] = {
    "001": _behaviour(
        Fault.NO_RECEIPT, "Nhận tin rồi không bao giờ báo kết quả, hỏi cũng không rõ"
    ),
    "002": _behaviour(
        Fault.RECEIPT_LOST, "Tin đến máy nhưng báo cáo thất lạc; hỏi trạng thái mới biết"
    ),
    "003": _behaviour(Fault.RECEIPT_FIRST, "Báo kết quả trước khi trả lời yêu cầu gửi"),
    "004": _behaviour(Fault.RECEIPT_TWICE, "Báo kết quả hai lần"),
    "005": _behaviour(Fault.RECEIPTS_SWAPPED, "Báo “đã đến” trước rồi mới báo “đã gửi”"),
    "006": _behaviour(Fault.RECEIPT_RESPELLED, "Báo cáo ghi mã tin theo cách viết khác"),
    "007": _behaviour(Fault.RECEIPT_UNKNOWN, "Kèm một báo cáo cho mã tin không ai biết"),
    "008": _behaviour(Fault.RECEIPT_LATE, "Báo cáo đến rất muộn"),
    "009": _behaviour(
        Fault.RECEIPT_FORGED, "Chỉ có báo cáo giả mạo (sai chữ ký hoặc sai địa chỉ bí mật)"
    ),
    "010": _behaviour(Fault.FAILED, "Không phát được (Zalo: nằm lại máy chủ)"),
    "011": _behaviour(Fault.FAILED_THEN_DELIVERED, "Báo không phát được, sau đó báo đã đến"),
    "020": _behaviour(Fault.SILENT_UNTAKEN, "Không trả lời và không nhận tin"),
    "021": _behaviour(Fault.SILENT_TAKEN, "Nhận tin rồi không trả lời"),
    "022": _behaviour(Fault.ANSWERED_LATE, "Nhận tin, rất lâu sau mới trả lời"),
    "023": _behaviour(Fault.RESET_UNTAKEN, "Cắt kết nối, không nhận tin"),
    "024": _behaviour(Fault.RESET_TAKEN, "Nhận tin rồi cắt kết nối giữa câu trả lời"),
    "025": _behaviour(Fault.SLOW_DRIP, "Nhận tin, trả lời nhỏ giọt từng byte"),
    "026": _behaviour(Fault.ERROR_IN_200, "Trả mã 200 nhưng nội dung là lỗi; không nhận tin"),
    "027": _behaviour(Fault.EMPTY_200, "Nhận tin, trả mã 200 với nội dung rỗng"),
    "028": _behaviour(Fault.HTML_200, "Trả mã 200 với một trang HTML; không nhận tin"),
    "029": _behaviour(
        Fault.WRONG_CONTENT_TYPE, "Nhận tin, trả lời đúng nhưng khai sai Content-Type"
    ),
    "030": _behaviour(Fault.THROTTLED, "Trả mã 429 không kèm Retry-After"),
    "031": _behaviour(Fault.THROTTLED_RETRY_AFTER, "Trả mã 429 kèm Retry-After"),
    "032": _behaviour(Fault.ERROR_500_ONCE, "Trả mã 500 một lần, lần sau nhận tin"),
    "033": _behaviour(Fault.ERROR_500, "Luôn trả mã 500"),
    "040": _behaviour(Fault.WALLET_EMPTY, "Tài khoản hết tiền"),
    "041": _behaviour(Fault.CREDENTIALS, "Sai thông tin đăng nhập"),
    "042": _behaviour(Fault.BLOCKED, "Người nhận đã chặn người gửi"),
    "043": _behaviour(Fault.NO_ZALO, "Zalo -118: số này không có Zalo"),
    "044": _behaviour(Fault.REFUSES, "Zalo -139: người nhận từ chối loại tin này"),
    "045": _behaviour(Fault.NIGHT, "Zalo -133: không gửi vào ban đêm"),
    "046": _behaviour(Fault.QUOTA, "Zalo -144: hết hạn mức trong ngày"),
    "047": _behaviour(Fault.TOKEN_EXPIRED, "Zalo -124: mã truy cập hết hạn giữa chừng, một lần"),
    "050": _behaviour(Fault.BUSY, "Cuộc gọi: máy bận"),
    "051": _behaviour(Fault.NO_ANSWER, "Cuộc gọi: không ai nghe"),
    "052": _behaviour(Fault.MACHINE, "Cuộc gọi: hộp thư thoại trả lời"),
    "053": _behaviour(Fault.FAX, "Cuộc gọi: máy fax trả lời"),
    "054": _behaviour(Fault.HANGS_UP, "Cuộc gọi: nhấc máy rồi gác ngay"),
    "055": _behaviour(Fault.PRESSES_NOTHING, "Cuộc gọi: nghe hết nhưng không bấm phím"),
    "056": _behaviour(Fault.PRESSES_1_THEN_2, "Cuộc gọi: bấm 1 nghe lại, rồi bấm 2"),
    "057": _behaviour(Fault.PRESSES_WRONG_KEY, "Cuộc gọi: bấm 5, rồi không bấm gì nữa"),
    "058": _behaviour(Fault.DECLINES, "Cuộc gọi: bấm 9, không muốn nhận cuộc gọi nữa"),
    "059": _behaviour(Fault.HANGS_UP_LATE, "Cuộc gọi: nghe hết tin rồi gác máy ngay"),
}

MAGIC_PREFIX = "84900000"

# These happen at every second submission to a phone, so that trying again shows the recovery.
ALTERNATING = frozenset({Fault.ERROR_500_ONCE, Fault.TOKEN_EXPIRED})


def fault_of(phone: str) -> Fault | None:
    """What a phone (84…) asks for; None for the phone of an ordinary person."""
    if not phone.startswith(MAGIC_PREFIX):
        return None
    behaviour = BEHAVIOURS.get(phone.removeprefix(MAGIC_PREFIX))
    return behaviour.fault if behaviour else None
