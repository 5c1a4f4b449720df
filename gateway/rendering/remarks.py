"""What is said to staff about a text of theirs: where, by which rule, what is wrong, what to do.

Every sentence stands here in both languages of the console.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.rendering.grammar import Fault, Refused
from gateway.rendering.rules import Breach


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A stretch of one box, counted from 0; empty where something is to be put in. `line` and
    `column` count from 1."""

    field: str
    start: int
    end: int
    line: int
    column: int

    @classmethod
    def of(cls, field: str, text: str, start: int, end: int) -> "Place":
        before = text[:start]
        column = start - (before.rfind("\n") + 1) + 1
        return cls(field=field, start=start, end=end, line=before.count("\n") + 1, column=column)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """`grave`: the text cannot be released as it is. `sample` is the dossier that shows it."""

    rule: str
    vi: str
    en: str
    grave: bool
    place: Place | None = None
    sample: str = ""

    def sentence(self, language: str) -> str:
        return self.en if language == "en" else self.vi


# Without these a notice would be refused, would not work, or could be taken for fraud.
GRAVE = frozenset(
    {
        *("syntax", "unknown_word", "unknown_filter", "unusable", "unsendable", "empty"),
        *("param_length", "centre", "code", "verify", "post", "link", "request", "zalo_length"),
        *("machine", "procedure_name", "registered", "zalo_limit", "text_length"),
    }
)

_ADVICE: Mapping[str, tuple[str, str]] = {
    "centre": ("Hãy chèn {{ centre }}.", "Put in {{ centre }}."),
    "code": (
        "Hãy chèn {{ code }} (trong cuộc gọi: {{ code|read_code }}).",
        "Put in {{ code }} (in a call: {{ code|read_code }}).",
    ),
    "verify": (
        "Hãy chèn {{ verify_phone }} (trong cuộc gọi: {{ verify_phone|read_phone }}).",
        "Put in {{ verify_phone }} (in a call: {{ verify_phone|read_phone }}).",
    ),
    "where_and_when": (
        "Hãy chèn {{ where }} và {{ when }}.",
        "Put in {{ where }} and {{ when }}.",
    ),
    "post": (
        "Hãy dùng lựa chọn “trả qua bưu chính / nhận tại quầy”.",
        "Use the choice “by post / at the desk”.",
    ),
    "organisation": ("Hãy viết {{ you }} thay cho Ông/Bà.", "Write {{ you }} instead of Ông/Bà."),
    "link": (
        "Kẻ gian hay gửi đường liên kết, nên tin của trung tâm không bao giờ có; hãy bỏ đi.",
        "Fraud lives on links, so our messages have none; take it out.",
    ),
    "request": (
        "Kẻ gian hay đòi những thứ này; hãy viết lại, mời người dân gọi hoặc đến trung tâm.",
        "Fraud asks for these; write it anew and invite people to call or to come.",
    ),
    "advertising": (
        "Tin thông báo không được là quảng cáo (Nghị định 91/2020); hãy bỏ lời ấy.",
        "A notice must not advertise (Decree 91/2020); take these words out.",
    ),
    "segments": (
        "Hãy viết ngắn lại hoặc dùng chữ không dấu.",
        "Shorten it, or use plain letters.",
    ),
    "zalo_length": ("Hãy viết ngắn lại.", "Shorten it."),
    "machine": (
        "Hãy mở đầu bằng “Đây là cuộc gọi tự động của {{ centre }}.”",
        "Begin with “Đây là cuộc gọi tự động của {{ centre }}.”",
    ),
}

# What Jinja2 says of a broken text, and what staff are told.
_SYNTAX: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"closed is 'if'"),
        "Một điều kiện {% if … %} chưa được đóng; hãy thêm {% endif %} vào sau phần chữ của nó.",
        "A condition {% if … %} is not closed; put {% endif %} after its words.",
    ),
    (
        re.compile(r"closed is 'for'"),
        "Một vòng lặp {% for … %} chưa được đóng; hãy thêm {% endfor %}.",
        "A loop {% for … %} is not closed; put {% endfor %} after its words.",
    ),
    (
        re.compile(r"Encountered unknown tag '(endif|else|elif|endfor)'"),
        "Có một {{% {0} %}} thừa, không có điều kiện nào mở ra trước nó; hãy bỏ đi.",
        "There is a {{% {0} %}} too many: nothing before it was opened; take it out.",
    ),
    (
        re.compile(r"Encountered unknown tag '(\w+)'"),
        "{{% {0} … %}} không dùng được trong mẫu tin; hãy dùng các lựa chọn ở bên cạnh.",
        "{{% {0} … %}} does not exist in templates; use the choices beside the text.",
    ),
    (
        re.compile(r"unexpected end of template|unexpected '}'|expected token 'end of print"),
        "Dấu ngoặc {{{{ … }}}} ở đây chưa đúng: bên trong chỉ viết tên một biến,"
        " và phải đóng bằng }}}}.",
        "The braces {{{{ … }}}} are wrong here: inside stands one word, and }}}} closes them.",
    ),
)
_BROKEN = (
    "Dòng này viết sai cách đặt {{{{ … }}}} hoặc {{% … %}}; hãy xem lại các dấu ngoặc.",
    "This line has {{{{ … }}}} or {{% … %}} set wrongly; look at the braces again.",
)


def of_breach(rule: str, breach: Breach, sample: str = "", place: Place | None = None) -> Remark:
    advice = _ADVICE.get(rule, ("", ""))
    return Remark(
        rule=rule,
        vi=f"Tin {breach.vi}. {advice[0]}".strip(),
        en=f"The message {breach.en}. {advice[1]}".strip(),
        grave=rule in GRAVE,
        place=place,
        sample=sample,
    )


def remark(rule: str, vi: str, en: str, place: Place | None = None, sample: str = "") -> Remark:
    return Remark(rule=rule, vi=vi, en=en, grave=rule in GRAVE, place=place, sample=sample)


def of_refusal(refusal: Refused, place: Place | None = None, sample: str = "") -> Remark:
    """What the language or the channel refused, for people."""
    rule, vi, en = _refused(refusal)
    return remark(rule, vi, en, place, sample)


def _refused(refusal: Refused) -> tuple[str, str, str]:
    match refusal.fault:
        case Fault.SYNTAX:
            return "syntax", *_syntax(refusal.subject)
        case Fault.UNSENDABLE:
            return "unsendable", *unsendable(refusal.subject)
        case Fault.EMPTY:
            return (
                "empty",
                f"Tham số {refusal.part} có khi trống, Zalo không nhận; hãy thêm chữ cho trường"
                " hợp ấy bằng {% else %}.",
                f"Parameter {refusal.part} is empty sometimes, which Zalo does not take; add words"
                " for that case with {% else %}.",
            )
        case Fault.TOO_LONG:
            return (
                "param_length",
                f"Tham số {refusal.part} có khi dài quá {refusal.subject} ký tự; hãy thêm một"
                " dạng ngắn hơn.",
                f"Parameter {refusal.part} is longer than {refusal.subject} characters sometimes;"
                " add a shorter form.",
            )
        case Fault.UNKNOWN_WORD:
            return "unknown_word", *unknown_word(refusal.subject)
        case Fault.UNKNOWN_FILTER:
            return "unknown_filter", *unknown_filter(refusal.subject)
    return (
        "unusable",
        "Chỗ này dùng một cách viết mà mẫu tin không cho phép; hãy dùng các lựa chọn ở bên cạnh.",
        f"This uses something that templates do not allow ({refusal.problem}); use the choices"
        " beside the text.",
    )


def _syntax(message: str) -> tuple[str, str]:
    for pattern, vi, en in _SYNTAX:
        if found := pattern.search(message):
            if "{0}" not in vi and "{{{{" not in vi:
                return vi, en
            return vi.format(*found.groups()), en.format(*found.groups())
    return _BROKEN[0].format(), _BROKEN[1].format()


def unsendable(characters: str) -> tuple[str, str]:
    shown = " ".join(f"“{one}”" for one in characters)
    return (
        f"SMS không dấu không gửi được {shown}; hãy thay bằng chữ thường gặp.",
        f"A plain SMS cannot carry {shown}; write it with ordinary letters.",
    )


def unknown_word(name: str, near: str = "") -> tuple[str, str]:
    hint_vi = (
        f" Có phải ý anh/chị là {{{{ {near} }}}}?" if near else " Hãy chọn trong danh sách biến."
    )
    hint_en = f" Did you mean {{{{ {near} }}}}?" if near else " Choose one of the list."
    return (
        f"Không có biến nào tên là “{name}”.{hint_vi}",
        f"There is no word “{name}”.{hint_en}",
    )


def unknown_filter(name: str) -> tuple[str, str]:
    return (
        f"Không có cách viết “|{name}”. Có: |short(số), |capital, |read_code, |read_phone.",
        f"There is no “|{name}”. There are |short(number), |capital, |read_code, |read_phone.",
    )


def may_be_empty(name: str) -> tuple[str, str]:
    return (
        f"Có hồ sơ không có “{name}”, khi ấy câu này bị hụt chữ; hãy dùng {{% if {name} %}}.",
        f"Some dossiers come without “{name}”, which leaves a hole here; use {{% if {name} %}}.",
    )
