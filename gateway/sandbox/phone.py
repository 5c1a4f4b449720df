"""Vietnamese phone numbers as far as a simulator must know them. The sandbox keeps them as 84…"""

import re

MOBILE = re.compile(r"84[35789]\d{8}")
LANDLINE = re.compile(r"842\d{9}")
# Hà Nội and Thành phố Hồ Chí Minh have numbers of eight digits.
TWO_CITIES = ("024", "028")


def international(written: str) -> str:
    """A number written as 0…, 84… or +84…, as 84…; anything else as it is."""
    bare = written.removeprefix("+")
    return "84" + bare.removeprefix("0") if bare.startswith("0") else bare


def local(phone: str) -> str:
    """A number as people read it: 0984 765 321, 028 7300 0000; one from abroad, and a name, as it
    is."""
    phone = phone.removeprefix("+")
    if not phone.isdigit():
        return phone
    if not phone.startswith("84"):
        return f"+{phone}"
    digits = "0" + phone.removeprefix("84")
    if digits.startswith(TWO_CITIES) and is_landline(phone):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}".strip()


def is_mobile(phone: str) -> bool:
    return MOBILE.fullmatch(phone) is not None


def is_landline(phone: str) -> bool:
    return LANDLINE.fullmatch(phone) is not None
