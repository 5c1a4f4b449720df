"""What a citizen asks by a text message, as far as it can be told from what they typed.

    TC <dossier code> <secret>     how does my dossier stand
    KT <check code>                is this message genuine

People write in capitals or not, with accents or without, in full-width digits, with the brackets of
the instructions, with spaces inside a code, and the letter O for a zero.
"""

import re
import unicodedata
from dataclasses import dataclass

from gateway.domain.text import bare, clean


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusEnquiry:
    """`code` is in capitals; one of the national form has its dots and dashes back in place. The
    secret is letters and digits only."""

    code: str
    secret: str

    def __repr__(self) -> str:
        return "StatusEnquiry(…)"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckEnquiry:
    """`code` is letters and digits only, in capitals."""

    code: str

    def __repr__(self) -> str:
        return "CheckEnquiry(…)"


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpWanted:
    """Whatever else was written."""


Enquiry = StatusEnquiry | CheckEnquiry | HelpWanted

_STATUS = re.compile(r"(?:SOAN )?(?:T[ .]?C|TRA ?CUU)(?![A-Z]) ?")
_CHECK = re.compile(r"(?:SOAN )?(?:K[ .]?T|KIEM ?TRA)(?![A-Z]) ?")
# Words of the instructions, which some people type along.
_FILLERS = frozenset(["HO", "SO", "MA", "BI", "MAT", "KIEM", "TRA", "TIN", "NHAN"])

# Agency, day of reception, serial number: 000.00.06.H56-231027-0361, G09.20-20260609-0092637.
_DIGIT, _BETWEEN = "[0-9O]", "[ ._/-]"
_NATIONAL = re.compile(
    rf"(?:({_DIGIT}{{3}}){_BETWEEN}*({_DIGIT}{{2}}){_BETWEEN}*({_DIGIT}{{2}}){_BETWEEN}*)?"
    rf"([GH]{_DIGIT}{{2}})(?P<below>(?:{_BETWEEN}+{_DIGIT}{{2}}(?!{_DIGIT}))*)"
    rf"{_BETWEEN}*(?P<day>(?:2{_DIGIT})?{_DIGIT}{{6}})"
    rf"{_BETWEEN}+(?P<serial>{_DIGIT}{{4,7}})(?![A-Z0-9])"
)
_OTHER_THAN_CODES = re.compile(r"[^A-Z0-9._/-]+")
_OTHER_THAN_LETTERS = re.compile(r"[^A-Z0-9]+")


def read_enquiry(text: str) -> Enquiry:
    """Nothing that was typed is an error: what cannot be read wants help."""
    typed = _typed(text)
    if asked := _STATUS.match(typed):
        return _status(_without_fillers(typed[asked.end() :]))
    if asked := _CHECK.match(typed):
        code = _held(_without_fillers(typed[asked.end() :]))
        return CheckEnquiry(code=code) if code else HelpWanted()
    return HelpWanted()


def help_text(phone: str = "") -> str:
    """The answer to whatever cannot be read, in plain letters and one part. `phone` is the
    centre's."""
    asking = f" Hoi dap: goi {phone}." if phone else ""
    return (
        "Xem tinh trang ho so, soan: TC (ma ho so) (ma bi mat)."
        f" Kiem tra tin nhan that hay gia, soan: KT (ma kiem tra).{asking}"
    )


def is_our_help(text: str) -> bool:
    """Whether somebody's machine sends our own instructions back."""
    said = words_of(text)
    return "TC MA HO SO MA BI MAT" in said and "KT MA KIEM TRA" in said


def words_of(text: str) -> str:
    """The letters and digits of a text, by which it is recognised however it was transported."""
    return _OTHER_THAN_LETTERS.sub(" ", _plain(text)).strip()


def _status(rest: str) -> Enquiry:
    if national := _NATIONAL.match(rest):
        code, secret = _respelled(national), _held(rest[national.end() :])
    else:
        *parts, secret = rest.split() or [""]
        code, secret = "".join(parts), _held(secret)
    return StatusEnquiry(code=code, secret=secret) if code and secret else HelpWanted()


def _respelled(national: re.Match[str]) -> str:
    above = filter(None, national.groups()[:4])
    agency = ".".join((*above, *re.findall(f"{_DIGIT}{{2}}", national["below"])))
    return f"{agency}-{national['day']}-{national['serial']}".replace("O", "0")


def _without_fillers(rest: str) -> str:
    kept = (token for token in rest.split() if token.strip("._/-") not in _FILLERS)
    return " ".join(kept).strip(" ._/-")


def _held(text: str) -> str:
    """What is printed on a receipt or in a notice; among digits alone, an O is a zero."""
    held = _OTHER_THAN_LETTERS.sub("", text)
    digits = held.replace("O", "0")
    return digits if digits.isdecimal() else held


def _typed(text: str) -> str:
    return _OTHER_THAN_CODES.sub(" ", _plain(text)).strip(" ._/-")


def _plain(text: str) -> str:
    return bare(clean(unicodedata.normalize("NFKC", text))).upper()
