"""Addresses of mail and web pages: syllables are read, what is no syllable is spelled."""

import re

from gateway.domain.speech.codes import digits, letters
from gateway.domain.speech.words import is_readable, syllables
from gateway.domain.text import bare

_MARKS = {
    ".": "chấm", "@": "a còng", "-": "gạch ngang", "_": "gạch dưới", "/": "gạch chéo",
    "+": "cộng", "=": "bằng", "&": "và", "?": "hỏi", "%": "phần trăm",
}  # fmt: skip
_SCHEME = re.compile(r"[a-z]+://")
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[\W_]")


def online(written: str) -> str:
    """`hcc@budop.gov.vn` is "hát xê xê a còng bu dop chấm giê o vê chấm vê en nờ"."""
    tokens = _TOKEN.findall(_SCHEME.sub("", written).rstrip("/"))
    return " ".join(filter(None, map(_said, tokens)))


def _said(token: str) -> str:
    if token.isdecimal():
        return digits(token)
    return _label(token) if token.isalpha() else _MARKS.get(token, "")


def _label(token: str) -> str:
    sound = bare(token).lower()
    if parts := syllables(sound):
        return token if len(parts) == 1 else " ".join(parts)
    return token if is_readable(sound) else letters(token)
