"""Words that betray a private matter when a template spells a procedure out.

The name of a dossier's own procedure is guarded by the allow-list; what staff write themselves is
held against it and against these words.
"""

import re
from collections.abc import Iterator

from gateway.domain.text import bare
from gateway.rendering.procedures import Procedures

_PRIVATE = re.compile(
    r"con nuoi|ly hon|ket hon|hon nhan|khai tu|bao tu|chung tu|tam than|khuyet tat|benh hiem ngheo"
    r"|\bhiv\b|cai nghien|ma tuy|ly lich tu phap|an tich|thi hanh an|tam giam|ho ngheo|can ngheo"
    r"|tro cap|bao tro|that nghiep|nguoi co cong|quoc tich|xac dinh cha|nhan cha|giam ho|pha san"
)
# What follows “thủ tục” up to the next mark is taken for a name if it begins with a capital.
_NAMED = re.compile(r"[Tt]hủ tục [“\"]?([A-ZĐÁÀÂĂÊÔƠƯÚÙÓÒÉÈÍÌÝ][^\n.,;:”\"{(]{6,120})")


def betraying(text: str, procedures: Procedures) -> Iterator[tuple[int, int]]:
    """Where a procedure is named that is not on the allow-list."""
    told = 0
    for found in _NAMED.finditer(text):
        if not procedures.named(None, found[1].strip()):
            told = found.start(1) + len(found[1].rstrip())
            yield found.start(1), told
    folded, places = folded_with_places(text)
    for found in _PRIVATE.finditer(folded):
        if places[found.start()] >= told:
            yield places[found.start()], places[found.end() - 1] + 1


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """The text as rules compare it (no accents, lower case, single spaces), and for each of its
    characters where it stands in `text`."""
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        for letter in bare(character).casefold():
            if letter.isspace():
                if letters and letters[-1] == " ":
                    continue
                letter = " "
            letters.append(letter)
            places.append(at)
    return "".join(letters), places
