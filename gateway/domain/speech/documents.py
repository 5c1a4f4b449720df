"""Numbers of legal documents: `61/2018/NĐ-CP` is number 61 of 2018, of the Government."""

import re
from collections.abc import Mapping

from gateway.domain.speech.numbers import integer
from gateway.domain.speech.reader import Reader
from gateway.domain.speech.words import word

_KINDS: Mapping[str, str] = {
    "NĐ": "nghị định",
    "QĐ": "quyết định",
    "TT": "thông tư",
    "TTLT": "thông tư liên tịch",
    "NQ": "nghị quyết",
    "CT": "chỉ thị",
    "CV": "công văn",
    "KH": "kế hoạch",
    "TB": "thông báo",
    "BC": "báo cáo",
    "TTr": "tờ trình",
    "GM": "giấy mời",
    "HD": "hướng dẫn",
    "BB": "biên bản",
    "GP": "giấy phép",
    "TK": "tờ khai",
}
_ISSUERS: Mapping[str, str] = {
    "CP": "Chính phủ",
    "TTg": "Thủ tướng Chính phủ",
    "QH": "Quốc hội",
    "UBTVQH": "Ủy ban Thường vụ Quốc hội",
    "CTN": "Chủ tịch nước",
}

_NAMED = "|".join([*_KINDS, *_KINDS.values(), "luật", "pháp lệnh"])
_NUMBER = r"\d{1,6}"
_OF_THE_PARTY = r"-[A-ZĐ]{2,4}/[A-ZĐ]{2,8}"
_YEAR = r"(?:19|20)\d\d"
_SUFFIX = r"/[A-ZĐ][A-Za-zĐđ&]{0,11}(?:\d\d(?!\d))?(?:-[A-ZĐ][A-Za-zĐđ&]{0,11}(?:\d\d(?!\d))?){0,3}"
_LEAD = rf"\b(?i:{_NAMED}) (?:số ?:? ?)?|\b[Ss]ố ?:? ?"

DOCUMENT = (
    rf"(?:{_LEAD})?(?<![\w.,/]){_NUMBER}(?:(?:/{_YEAR})?{_SUFFIX}|{_OF_THE_PARTY})(?!\w)"
    rf"|(?:{_LEAD}){_NUMBER}/{_YEAR}(?![\w/])"
)
_PARTS = re.compile(
    rf"(?P<lead>\D*)(?P<number>{_NUMBER})(?:/(?P<year>{_YEAR}))?(?:[/-](?P<suffix>.+))?"
)
_TERM = re.compile(r"(\D+)(\d+)")


def document(written: str, reader: Reader) -> str:
    """`QĐ 123/QĐ-UBND` is "quyết định một trăm hai mươi ba, của ủy ban nhân dân"."""
    parts = _PARTS.fullmatch(written)
    assert parts is not None  # the rule that found it is made of the same pieces
    kind, issuer = _kind_and_issuer(parts["suffix"] or "", reader)
    said = [f"{_lead(parts['lead']) or kind} {integer(int(parts['number']), reader.dialect)}"]
    if parts["year"]:
        said.append(f"năm {integer(int(parts['year']), reader.dialect)}")
    return ", ".join([*said, f"{issuer},"] if issuer else said).strip()


def _lead(written: str) -> str:
    first, blank, rest = written.partition(" ")
    return f"{_KINDS.get(first, first)}{blank}{rest}".replace(":", "").strip()


def _kind_and_issuer(suffix: str, reader: Reader) -> tuple[str, str]:
    first, *rest = re.split("[-/]", suffix)
    if first in _KINDS and rest:
        return _KINDS[first], f"của {_named(rest, reader, ' và ')}"
    named = _named([first, *rest], reader, " ")
    term = _TERM.fullmatch(first)
    return "", f"của {named}" if term and term[1] in _ISSUERS else named


def _named(issuers: list[str], reader: Reader, joint: str) -> str:
    return joint.join(_issuer(one, reader) for one in issuers if one)


def _issuer(written: str, reader: Reader) -> str:
    found = _TERM.fullmatch(written)
    if found and found[1] in _ISSUERS:
        return f"{_ISSUERS[found[1]]} khóa {integer(int(found[2]), reader.dialect)}"
    if written in _ISSUERS:
        return _ISSUERS[written]
    pieces = [written] if written in reader.pronunciations else written.split("&")
    return " và ".join(word(piece, reader) for piece in pieces if piece)
