"""Words as a voice should get them: abbreviations said in full, capitals spelled or read."""

import re
from collections.abc import Mapping

from gateway.domain.speech.abbreviations import ROADS
from gateway.domain.speech.codes import digits, letters
from gateway.domain.speech.numbers import PLAIN, Dialect, integer
from gateway.domain.text import bare

_PIECE = re.compile(r"[^./&-]+\.?|[./&-]")
_JOINT = {"&": "và", "/": ",", "-": "", ".": ""}
_RUNS = re.compile(r"\d+|\D+")

# One syllable, after the marks are removed: with the clusters of Tây Nguyên names (Krông, Đắk).
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bdghkmp][rl]|[bcdghklmnpqrstvx])?"
    r"[aeiouy]{1,3}(?:ch|ng|nh|[ckmnpt])?"
)
_VOWEL = re.compile(r"[aeiouy]")
_ROMAN = re.compile(r"(?=[IVX]{2})(X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")

_LONGEST_SPELLED = 4  # letters; longer capitals with a vowel are a name
_LONGEST_NUMBER = 6  # figures; a longer run without thousands dots is an identifier


def word(written: str, abbreviations: Mapping[str, str]) -> str:
    """One word, or several joined by `.`, `-`, `/` or `&`, as it is said."""
    if written in abbreviations:
        return abbreviations[written]
    pieces = _PIECE.findall(written)
    if len(pieces) > 1:
        return " ".join(
            _JOINT.get(p, "") or word(p, abbreviations) for p in pieces if p not in ".-"
        )
    if written.endswith("."):
        return word(written[:-1], abbreviations) + "."
    runs = _RUNS.findall(written)
    if len(runs) > 1:
        return _mixed(runs)
    if written.isdecimal():
        return figures(written)
    return _capitals(written) if written.isupper() else written


def figures(written: str, dialect: Dialect = PLAIN) -> str:
    """A number, or digit by digit where it is an identifier: long, or with zeros in front."""
    if len(written) > _LONGEST_NUMBER or (written[0] == "0" and len(written) > 2):
        return digits(written)
    return integer(int(written), dialect)


def roman(numeral: str) -> int:
    """The value of I to XXXIX."""
    tens = len(numeral) - len(numeral.lstrip("X"))
    return 10 * tens + _ROMAN_UNITS.index(numeral[tens:])


def _mixed(runs: list[str]) -> str:
    """`B2`, `QL14`, `A12B`: capitals by their names, figures as numbers, a road by its kind."""
    if runs[0] in ROADS:
        number = figures(runs[1]) if len(runs[1]) < 3 else digits(runs[1])
        return " ".join([ROADS[runs[0]], number, *map(_run, runs[2:])])
    return " ".join(map(_run, runs))


def _run(run: str) -> str:
    if run.isdecimal():
        return figures(run)
    return letters(run) if run.isupper() else run


def _capitals(written: str) -> str:
    if "'" in written:
        return written
    if _ROMAN.fullmatch(written):
        return integer(roman(written))
    sound = bare(written).lower()
    if _SYLLABLE.fullmatch(sound):
        return written.capitalize()
    if _VOWEL.search(sound) and len(written) > _LONGEST_SPELLED:
        return written.capitalize()
    return letters(written)
