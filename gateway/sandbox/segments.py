"""How many SMS a text is billed as."""

from math import ceil

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = frozenset("^{}\\[~]|€\f")


def is_gsm(text: str) -> bool:
    return all(letter in GSM or letter in GSM_ESCAPED for letter in text)


def segments(text: str) -> int:
    if is_gsm(text):
        septets = len(text) + sum(letter in GSM_ESCAPED for letter in text)
        return 1 if septets <= 160 else ceil(septets / 153)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else ceil(units / 67)
