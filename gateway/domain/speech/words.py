"""Words as a voice should get them: what is on the list said in full, capitals spelled or read."""

import re

from gateway.domain.speech.codes import digits, letters
from gateway.domain.speech.numbers import PLAIN, Dialect, integer
from gateway.domain.speech.reader import Reader
from gateway.domain.speech.units import UNITS
from gateway.domain.text import bare

_RUNS = re.compile(r"\d+|\D+")

# One syllable, after the marks are removed: with the clusters of Tây Nguyên names (Krông, Đắk).
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bdghkmp][rl]|[bcdghklmnpqrstvx])?"
    r"[aeiouy]{1,3}(?:(?:ch|ng|nh|[chkmnpt])(?![aeiouy]))?"
)
_VOWEL = re.compile(r"[aeiouy]")
_MANY_CONSONANTS = re.compile(r"[^aeiouy]{4}")
_ONE_LETTER = re.compile(r"(.)\1+")
CAPITAL = "A-Z" + "".join(filter(str.isupper, map(chr, [*range(192, 433), *range(7840, 7930)])))
_LATIN = re.compile(r"[a-z]+")
_ROMAN = re.compile(r"(?=[IVX]{2})(X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_ALSO_NAMES = ("VI", "XI")

_LONGEST_SPELLED = 4  # letters; longer capitals with a vowel are a name
_LONGEST_IN_A_NAME = 4  # figures beside letters
_LONGEST_NUMBER = 6  # figures; a longer run without thousands dots is an identifier


def word(written: str, reader: Reader) -> str:
    """One word, or letters and figures without a space, as it is said."""
    if written in reader.pronunciations:
        return reader.pronunciations[written]
    if "'" in written:
        return _with_apostrophe(written, reader)
    if len(written) > 1 and written in UNITS:
        return UNITS[written]
    runs = _RUNS.findall(written)
    if len(runs) > 1 or written.isdecimal():
        return " ".join(_run(run, reader) for run in runs)
    return _capitals(written) if written.isupper() else _small(written)


def figures(written: str, dialect: Dialect = PLAIN) -> str:
    """A number, or digit by digit where it is an identifier: long, or with zeros in front."""
    if len(written) > _LONGEST_NUMBER or (len(written) > 2 and int(written[0]) == 0):
        return digits(written)
    return integer(int(written), dialect)


def roman(numeral: str) -> int:
    """The value of I to XXXIX."""
    tens = len(numeral) - len(numeral.lstrip("X"))
    return 10 * tens + _ROMAN_UNITS.index(numeral[tens:])


def syllables(written: str) -> list[str]:
    """The syllables of letters run together without their marks; none where they are not such."""
    found = _SYLLABLE.findall(written)
    return found if "".join(found) == written else []


def is_readable(sound: str) -> bool:
    """Whether letters of another language, without marks, may be left to the voice."""
    if len(sound) <= _LONGEST_SPELLED or not _VOWEL.search(sound):
        return False
    return _MANY_CONSONANTS.search(sound) is None


def _with_apostrophe(written: str, reader: Reader) -> str:
    """`H'HEN` is a name; with a figure it is none."""
    pieces = written.split("'")
    if any(map(str.isdecimal, written)):
        return " ".join(word(piece, reader) for piece in pieces)
    return "'".join(map(str.capitalize, pieces)) if written.isupper() else written


def _run(run: str, reader: Reader) -> str:
    """A part of `B2`, `KP2`, `A12B`: capitals by their names unless listed, figures as a number."""
    if run.isdecimal():
        return digits(run) if len(run) > _LONGEST_IN_A_NAME else figures(run, reader.dialect)
    if run in reader.pronunciations:
        return reader.pronunciations[run]
    return letters(run) if run.isupper() else _small(run)


def _small(written: str) -> str:
    sound = bare(written).lower()
    cannot_be_said = _LATIN.fullmatch(sound) and not _VOWEL.search(sound)
    return letters(written) if cannot_be_said else written


def _capitals(written: str) -> str:
    if _ROMAN.fullmatch(written) and written not in _ALSO_NAMES:
        return integer(roman(written))
    sound = bare(written).lower()
    if len(sound) > 1 and _ONE_LETTER.fullmatch(sound):
        return letters(written)
    if _SYLLABLE.fullmatch(sound) or is_readable(sound) or _has_marked_vowel(written):
        return written.capitalize()
    return letters(written) if _LATIN.fullmatch(sound) else written


def _has_marked_vowel(written: str) -> bool:
    """`ÊBAN` is a name: abbreviations have no marked vowel."""
    marked = [bare(letter).lower() for letter in written if not letter.isascii()]
    return any(map(_VOWEL.fullmatch, marked))
