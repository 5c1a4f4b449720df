"""What every message must say and must never say, whoever wrote its template.

A rule looks at one rendered message and answers what is wrong with it, or None where it is content.
Fraud imitates us, so we never send a link, never ask for money, papers, codes or an app; a word of
advertising would make a public notice an advertisement in the sense of Decree 91/2020.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from gateway.domain.call import words_of
from gateway.domain.dossier import EventKind
from gateway.domain.message import Body, SmsBody, VoiceBody, ZaloBody
from gateway.domain.speech import READER, Reader, read_aloud
from gateway.domain.speech import phone as read_phone
from gateway.domain.text import bare
from gateway.rendering.facts import Facts
from gateway.rendering.filters import read_code
from gateway.rendering.free_text import has_link

MOST_SEGMENTS = 3
LONGEST_ZALO = 400
VOICE_OPENS_WITH = "Đây là cuộc gọi tự động của "

REQUESTS = re.compile(
    r"chuyen (khoan|tien)|so tai khoan|quet ma|\bma qr\b|\botp\b|ma xac (thuc|nhan|minh)|mat khau"
    r"|(cung cap|gui|nhap|doc|xac nhan|cap nhat) .{0,30}(can cuoc|cccd|cmnd|thong tin ca nhan)"
    r"|cai dat|cai app|tai (ve )?(app|ung dung)|\bapp\b|ket ban|nap tien|dat coc"
)
ADVERTISING = re.compile(
    r"khuyen mai|uu dai|giam gia|mien phi|qua tang|tang qua|trung thuong|tri an|hap dan|\[(qc|ad)\]"
    r"|nhanh chong|tien loi|hai long|dang ky ngay|mua ngay|hay den voi|tu hao|dong hanh"
)


@dataclass(frozen=True)
class Breach:
    """What is wrong, as a sentence for staff goes on after the template's name."""

    vi: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One message made from one sample. `text` is all that the citizen reads or hears."""

    kind: EventKind
    facts: Facts
    body: Body
    text: str
    reader: Reader = READER

    @cached_property
    def plain(self) -> str:
        return _folded(self.text)

    def says(self, fact: str) -> bool:
        """Whether the fact stands in the text, as written or as read aloud."""
        spoken = isinstance(self.body, VoiceBody)
        return _folded(read_aloud(fact, self.reader) if spoken else fact) in self.plain


def _folded(text: str) -> str:
    return " ".join(bare(text).casefold().split())


def _names_the_centre(tried: Tried) -> Breach | None:
    named = tried.says(tried.facts.centre) or tried.says(tried.facts.centre_short)
    return None if named else Breach("không nêu tên trung tâm", "does not name the centre")


def _gives_the_code(tried: Tried) -> Breach | None:
    written = tried.facts.code
    spoken = isinstance(tried.body, VoiceBody)
    given = tried.says(read_code(written) if spoken else written)
    return None if given else Breach("không nêu số hồ sơ", "does not give the dossier number")


def _gives_the_number_to_check(tried: Tried) -> Breach | None:
    written = tried.facts.verify_phone
    spoken = isinstance(tried.body, VoiceBody)
    given = tried.says(read_phone(written) if spoken else written)
    if given:
        return None
    return Breach("không có số điện thoại để kiểm tra lại", "gives no number to check with")


def _says_where_and_when(tried: Tried) -> Breach | None:
    if tried.kind is not EventKind.RESULT_READY or tried.facts.by_post:
        return None
    if not tried.says(tried.facts.address or tried.facts.place_name):
        return Breach("không nêu nơi nhận kết quả", "does not say where to collect the result")
    when = tried.facts.opening_day or tried.facts.hours or "giờ làm việc"
    if tried.says(when):
        return None
    return Breach("không nêu thời gian nhận kết quả", "does not say when to collect the result")


def _lets_the_post_come(tried: Tried) -> Breach | None:
    invites = tried.facts.by_post and re.search(r"\bden (de )?nhan\b", tried.plain)
    if not invites:
        return None
    return Breach(
        "mời đến nhận dù kết quả được gửi qua bưu chính",
        "asks to come and collect although the result goes by post",
    )


def _speaks_to_organisations(tried: Tried) -> Breach | None:
    personal = tried.facts.organisation and re.search(r"\bong[/ ]ba\b", tried.plain)
    if not personal:
        return None
    return Breach("gọi tổ chức là Ông/Bà", "calls an organisation Ông/Bà")


def request(found: str) -> Breach:
    return Breach(
        f"yêu cầu tiền, giấy tờ, mã hoặc ứng dụng (“{found}”)",
        f"asks for money, papers, codes or an app (“{found}”)",
    )


def advertisement(found: str) -> Breach:
    return Breach(f"có lời quảng cáo (“{found}”)", f"advertises (“{found}”)")


def _has_no_link(tried: Tried) -> Breach | None:
    return Breach("có đường liên kết", "has a link") if has_link(tried.text) else None


def _asks_for_nothing(tried: Tried) -> Breach | None:
    found = REQUESTS.search(tried.plain)
    return request(found[0]) if found else None


def _does_not_advertise(tried: Tried) -> Breach | None:
    found = ADVERTISING.search(tried.plain)
    return advertisement(found[0]) if found else None


def _is_affordable(tried: Tried) -> Breach | None:
    if not isinstance(tried.body, SmsBody) or tried.body.segments <= MOST_SEGMENTS:
        return None
    return Breach(
        f"dài {tried.body.segments} phần tin, quá {MOST_SEGMENTS} phần",
        f"has {tried.body.segments} parts, more than {MOST_SEGMENTS}",
    )


def _fits_zalo(tried: Tried) -> Breach | None:
    if not isinstance(tried.body, ZaloBody) or len(tried.text) <= LONGEST_ZALO:
        return None
    return Breach(
        f"dài {len(tried.text)} ký tự, Zalo chỉ nhận {LONGEST_ZALO}",
        f"has {len(tried.text)} characters, Zalo takes {LONGEST_ZALO}",
    )


def _says_it_is_a_machine(tried: Tried) -> Breach | None:
    if not isinstance(tried.body, VoiceBody):
        return None
    opens = _folded(words_of(tried.body.script.core[:1])).startswith(_folded(VOICE_OPENS_WITH))
    if opens:
        return None
    return Breach(
        f"không mở đầu bằng “{VOICE_OPENS_WITH}…”", f"does not begin with “{VOICE_OPENS_WITH}…”"
    )


RULES: Mapping[str, Callable[[Tried], Breach | None]] = {
    "centre": _names_the_centre,
    "code": _gives_the_code,
    "verify": _gives_the_number_to_check,
    "where_and_when": _says_where_and_when,
    "post": _lets_the_post_come,
    "organisation": _speaks_to_organisations,
    "link": _has_no_link,
    "request": _asks_for_nothing,
    "advertising": _does_not_advertise,
    "segments": _is_affordable,
    "zalo_length": _fits_zalo,
    "machine": _says_it_is_a_machine,
}
