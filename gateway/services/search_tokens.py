"""The keyed hashes by which a sealed notification is found: dossier, phones, words of names.

Everybody named in the event is filed, also the applicant of a notice that goes to somebody else, so
that a search or an erasure finds each of them.
"""

from collections.abc import Iterable

from gateway.domain.dossier import DossierEvent, Party
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.text import clean, index_words, nfc, words
from gateway.sealing import Hasher
from gateway.services.payload import Payload

LEAST_ENDING = 4


def search_tokens(hasher: Hasher, content: Payload, version: int | None = None) -> list[int]:
    """Under the primary hash key, or under another live version."""
    names = {word for party in _parties(content) for word in index_words(party.name)}
    return [
        hasher.token("dossier", filed_as(content.event.dossier_code), version),
        *_secret_tokens(hasher, content.event, version),
        *(hasher.token("phone", phone.e164, version) for phone in named_phones(content)),
        *(hasher.token("word", word, version) for word in sorted(names)),
    ]


def named_phones(content: Payload) -> tuple[Phone, ...]:
    """Every usable number in the event, those that are written to first."""
    fields = [phone for party in _parties(content) for phone in party.phones]
    return tuple(dict.fromkeys((*content.phones, *read_phones(fields).phones)))


def secret_group(hasher: Hasher, ending: str, secret: str) -> list[int]:
    """The hashes of what is printed on a receipt, with the last four digits of the code."""
    return _under_each(hasher, "secret", f"{ending}:{secret}")


def ending_of(code: str) -> str:
    """The last four digits of a dossier's code, which people are asked for at least."""
    return digits_of(code)[-LEAST_ENDING:]


def digits_of(code: str) -> str:
    return "".join(filter(str.isdecimal, code))


def _secret_tokens(hasher: Hasher, event: DossierEvent, version: int | None) -> list[int]:
    if not event.lookup_secret:
        return []
    word = f"{ending_of(event.dossier_code)}:{event.lookup_secret}"
    return [hasher.token("secret", word, version)]


def dossier_group(hasher: Hasher, code: str) -> list[int]:
    """The hashes of a dossier's code, of which a notification about it has one."""
    return _under_each(hasher, "dossier", filed_as(code))


def typed_dossier_group(hasher: Hasher, typed: str) -> list[int]:
    """The same for a code as somebody types or pastes it: with blanks in it that it does not have,
    with the long dashes of a text editor."""
    tidy = clean(typed)
    spellings = dict.fromkeys(map(filed_as, (typed, tidy, "".join(tidy.split()))))
    return [one for word in spellings for one in _under_each(hasher, "dossier", word)]


def phone_group(hasher: Hasher, written: str) -> list[int]:
    """Those of a number in any spelling; none for what is no number."""
    phones = read_phones([written]).phones
    return [one for phone in phones for one in _under_each(hasher, "phone", phone.e164)]


def name_groups(hasher: Hasher, name: str) -> list[list[int]]:
    """One group per word of a name; a single empty one for a name of no letters."""
    return [_under_each(hasher, "word", word) for word in words(name)] or [[]]


def _parties(content: Payload) -> Iterable[Party]:
    """Each once: mostly, the recipient is the applicant and nobody is authorised."""
    event = content.event
    if content.recipient == event.applicant and event.authorised is None:
        return (event.applicant,)
    return filter(None, (content.recipient, event.applicant, event.authorised))


def filed_as(code: str) -> str:
    """The word that a dossier's code is filed under."""
    return " ".join(nfc(code).split()).casefold()


def _under_each(hasher: Hasher, kind: str, word: str) -> list[int]:
    return [hasher.token(kind, word, version) for version in hasher.versions]
