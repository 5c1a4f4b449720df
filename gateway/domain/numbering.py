"""Vietnam's numbering plan: which national numbers exist today, and what became of the old ones.

A national number here is written without its leading 0 or country code (`912345678`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

# Since 15 September 2018 mobile numbers of eleven digits have ten; the last seven stayed.
MOBILE_PREFIXES_2018 = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",  # MobiFone
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",  # VinaPhone
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36",  # Viettel
    "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}  # fmt: skip

# Decision 2036/QĐ-BTTTT: area codes of landlines, changed in three steps in 2017.
# Vĩnh Phúc 211, Phú Thọ 210, Hòa Bình 218 and Hà Giang 219 stayed.
AREA_CODES_2017 = {
    # 11 February: Sơn La, Lai Châu, Lào Cai, Điện Biên, Yên Bái, Quảng Bình, Quảng Trị, Huế,
    # Quảng Nam, Đà Nẵng, Thanh Hóa, Nghệ An, Hà Tĩnh
    "22": "212", "231": "213", "20": "214", "230": "215", "29": "216", "52": "232", "53": "233",
    "54": "234", "510": "235", "511": "236", "37": "237", "38": "238", "39": "239",
    # 15 April: Quảng Ninh, Bắc Giang, Lạng Sơn, Cao Bằng, Tuyên Quang, Thái Nguyên, Bắc Kạn,
    # Hải Dương, Hưng Yên, Bắc Ninh, Hải Phòng, Hà Nam, Thái Bình, Nam Định, Ninh Bình, Cà Mau,
    # Bạc Liêu, Cần Thơ, Hậu Giang, Trà Vinh, An Giang, Kiên Giang, Sóc Trăng
    "33": "203", "240": "204", "25": "205", "26": "206", "27": "207", "280": "208", "281": "209",
    "320": "220", "321": "221", "241": "222", "31": "225", "351": "226", "36": "227", "350": "228",
    "30": "229", "780": "290", "781": "291", "710": "292", "711": "293", "74": "294", "76": "296",
    "77": "297", "79": "299",
    # 17 June: Hà Nội, TP. Hồ Chí Minh, Đồng Nai, Bình Thuận, Bà Rịa - Vũng Tàu, Quảng Ngãi,
    # Bình Định, Phú Yên, Khánh Hòa, Ninh Thuận, Kon Tum, Đắk Nông, Đắk Lắk, Lâm Đồng, Gia Lai,
    # Vĩnh Long, Bình Phước, Long An, Tiền Giang, Bình Dương, Bến Tre, Tây Ninh, Đồng Tháp
    "4": "24", "8": "28", "61": "251", "62": "252", "64": "254", "55": "255", "56": "256",
    "57": "257", "58": "258", "68": "259", "60": "260", "501": "261", "500": "262", "63": "263",
    "59": "269", "70": "270", "651": "271", "72": "272", "73": "273", "650": "274", "75": "275",
    "66": "276", "67": "277",
}  # fmt: skip

_AREA_CODES_OF_TODAY = frozenset(AREA_CODES_2017.values()) | {"210", "211", "218", "219"}
_BIG_CITIES = frozenset({"24", "28"})  # eight digits after the area code, seven elsewhere

# Mobile ranges beyond doubt: nothing else in the plan looks like them.
CERTAIN_MOBILE = re.compile(r"(?:3[2-9]|5[689]|7[06-9]|8[1-8]|9[0-8])\d{7}")
_SHAPED_LIKE_MOBILE = re.compile(r"[35789]\d{8}")
_SERVICE = re.compile(r"1800\d{4,6}|11[1-5]|1022|672\d{6}|69\d{5,7}")
_PREMIUM = re.compile(r"1900\d{4,6}")
_SUBSCRIBER = re.compile(r"[2-8]\d+")
# Ten-digit landlines of before 2017 whose prefix a mobile operator has now.
_TAKEN_BY_MOBILES = re.compile(r"(?:3[0136-9]|5[25689]|7[0679]|8\d)\d{7}")


class Line(StrEnum):
    """What kind of line a national number is, or why it is none."""

    MOBILE = "mobile"
    UNLISTED_MOBILE = "unlisted_mobile"  # shaped like a mobile, in no range the library knows
    LANDLINE = "landline"
    PREMIUM_RATE = "premium_rate"
    SERVICE = "service"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NONE = "none"


class Change(StrEnum):
    MOBILE_2018 = "mobile_2018"
    AREA_CODE_2017 = "area_code_2017"


@dataclass(frozen=True, kw_only=True, slots=True)
class National:
    """A national number as of today, its line, and the change that brought it there."""

    number: str
    line: Line
    changed: Change | None = None

    @property
    def usable(self) -> bool:
        return self.line in (Line.MOBILE, Line.UNLISTED_MOBILE, Line.LANDLINE)


def today(number: str) -> National:
    """`number` by today's plan; by an older plan only where today's has no such number."""
    if CERTAIN_MOBILE.fullmatch(number):
        return National(number=number, line=Line.MOBILE)
    if listed := _listed_line(number):
        return National(number=number, line=listed)
    if old := _old_mobile(number) or _old_landline(number):
        return old
    if _SHAPED_LIKE_MOBILE.fullmatch(number):
        return National(number=number, line=Line.UNLISTED_MOBILE)
    return National(number=number, line=_why_not(number))


def with_area_code(area: str, subscriber: str) -> National | None:
    """The landline that `area` of before 2017 and `subscriber` make today, if they make one."""
    new = AREA_CODES_2017.get(area)
    if new is None or len(subscriber) != _subscriber_length(new):
        return None
    if not _SUBSCRIBER.fullmatch(subscriber):
        return None
    return National(number=new + subscriber, line=Line.LANDLINE, changed=Change.AREA_CODE_2017)


def _listed_line(number: str) -> Line | None:
    if _PREMIUM.fullmatch(number):
        return Line.PREMIUM_RATE
    if _SERVICE.fullmatch(number):
        return Line.SERVICE
    if len(number) not in (9, 10) or number.startswith("0"):
        return None
    kind = phonenumbers.number_type(PhoneNumber(country_code=84, national_number=int(number)))
    if kind == PhoneNumberType.MOBILE:
        return Line.MOBILE
    return Line.LANDLINE if kind == PhoneNumberType.FIXED_LINE else None


def _old_mobile(number: str) -> National | None:
    new = MOBILE_PREFIXES_2018.get(number[:3])
    if new is None or len(number) != 10:
        return None
    return National(number=new + number[3:], line=Line.MOBILE, changed=Change.MOBILE_2018)


def _old_landline(number: str) -> National | None:
    # `0271 356 812` lacks a digit of a Bình Phước number; it is not one of old 027.
    if number[:3] in _AREA_CODES_OF_TODAY or _TAKEN_BY_MOBILES.fullmatch(number):
        return None
    for length in (3, 2, 1):
        if found := with_area_code(number[:length], number[length:]):
            return found
    return None


def _subscriber_length(area: str) -> int:
    return 8 if area in _BIG_CITIES else 7


def _why_not(number: str) -> Line:
    if number.startswith("0"):
        return Line.NONE
    expected = 10 if number.startswith("2") or number[:3] in MOBILE_PREFIXES_2018 else 9
    if len(number) < expected:
        return Line.TOO_SHORT
    return Line.TOO_LONG if len(number) > expected else Line.NONE
