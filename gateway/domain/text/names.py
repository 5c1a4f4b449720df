"""Names of people and organisations: as they are greeted, and as they are searched for."""

import re

from gateway.domain.text.letters import bare, clean

_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(r"[^\W_]+(?:['-][^\W_]+)+")
# A letter and the letters and loose marks after it: some marks of Ê-đê letters never compose.
_SYLLABLE = re.compile(r"[^\W\d_][\w\u0300-\u036f]*")


def words(text: str) -> tuple[str, ...]:
    """The words to look a name up by: without diacritics, lower case, `K'Rứ` as two words."""
    return tuple(dict.fromkeys(_WORD.findall(_looked_up(text))))


def index_words(name: str) -> tuple[str, ...]:
    """The words to file a name under: those of `words`, and `kru` for who types `K'Rứ` so."""
    plain = _looked_up(name)
    joined = (re.sub("['-]", "", word) for word in _COMPOUND.findall(plain))
    return tuple(dict.fromkeys((*_WORD.findall(plain), *joined)))


def _looked_up(text: str) -> str:
    return bare(text).lower()


def tidy_name(name: str, *, person: bool) -> str:
    """One space between words; a person's name in capitals only (or none) gets its usual form.

    `H'HEN` becomes `H'Hen`. An organisation's capitals stay: they are its abbreviations.
    """
    name = " ".join(clean(name).split())
    if person and (name.isupper() or name.islower()):
        return _SYLLABLE.sub(lambda found: found[0].capitalize(), name)
    return name
