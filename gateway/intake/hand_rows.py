"""The rows of a list made by hand: which column is what, what is wrong with a row, and its event.

An event's id follows from dossier code, kind and day, so that the same row is the same event
however often it is uploaded.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from gateway.domain.dossier import DossierEvent, EventKind
from gateway.domain.recipient import read_phones
from gateway.domain.text import words
from gateway.intake.digest import canonical
from gateway.intake.events import read_event
from gateway.intake.hand_file import Table

SOURCE_URI = "/hand-list"
# What a column may be, and the words in headers by which it is guessed, without accents. What comes
# first is looked for first: "ngày trả kết quả" is no name although it has "kết quả".
FIELDS: Mapping[str, tuple[str, ...]] = {
    "code": ("ma ho so", "so ho so", "ma bien nhan", "so bien nhan", "ma hs", "so hs"),
    "phone": ("dien thoai", "so dt", "sdt", "di dong", "phone"),
    "procedure": ("thu tuc", "linh vuc", "loai ho so", "ten ho so"),
    "ready": ("ngay co ket qua", "ngay tra", "ngay xong", "ngay hoan thanh"),
    "name": ("ho va ten", "ho ten", "chu ho so", "nguoi nop", "ten cong dan", "ten to chuc", "ten"),
}
NEEDED = ("code", "phone")
_KIND = EventKind.RESULT_READY
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_LOST_LETTER = re.compile(r"\w\?|\?\w|\?\?|\ufffd")
_BARE = re.compile(r"\s*([35789]\d{8}|2\d{9})(?:\.0)?\s*")
_PARTS = re.compile(r"([;,/\n]+)")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """`number` is the row's in its file. Either an event with its content, or a `fault`."""

    number: int
    cells: Sequence[str] = field(repr=False)
    event: DossierEvent | None = field(default=None, repr=False)
    content: bytes = field(default=b"", repr=False)
    fault: str = ""


def guess(header: Sequence[str]) -> dict[str, int]:
    """The number of the column for each field that the header seems to name."""
    plain = [" ".join(words(cell)) for cell in header]
    found: dict[str, int] = {}
    for name, signs in FIELDS.items():
        for number, cell in enumerate(plain):
            if number not in found.values() and any(sign in cell for sign in signs):
                found[name] = number
                break
    return found


def head_of(rows: Sequence[Sequence[str]]) -> int:
    """The number of the row that names the most columns; the first one where none does."""
    named = [len(guess(cells)) for cells in rows]
    return named.index(max(named)) if max(named, default=0) > 1 else 0


def read_rows(table: Table, columns: Mapping[str, int], unit: str, today: date) -> list[ReadRow]:
    """Every row in its order."""
    seen: set[str] = set()
    rows = []
    numbers = table.numbers or range(1, len(table.rows) + 1)
    for number, cells in zip(numbers, table.rows, strict=True):
        row = _read(number, cells, columns, unit, today)
        if row.event is not None and row.event.event_id in seen:
            row = ReadRow(number=number, cells=cells, fault="twice")
        if row.event is not None:
            seen.add(row.event.event_id)
        rows.append(row)
    return rows


def _read(
    number: int, cells: Sequence[str], columns: Mapping[str, int], unit: str, today: date
) -> ReadRow:
    def cell(name: str) -> str:
        at = columns.get(name, -1)
        return cells[at] if 0 <= at < len(cells) else ""

    def fault(word: str) -> ReadRow:
        return ReadRow(number=number, cells=cells, fault=word)

    code, phone, ready = cell("code"), _with_zeros(cell("phone")), cell("ready")
    if not any(cells):
        return fault("erased")
    if not code:
        return fault("no_code")
    if not read_phones([phone]).phones:
        return fault("bad_phone" if phone else "no_phone")
    day = _day(ready) if ready else None
    if ready and day is None:
        return fault("bad_day")
    if day and day > today:
        return fault("future_day")
    if lost := next(
        (name for name in ("name", "procedure") if _LOST_LETTER.search(cell(name))), ""
    ):
        return fault(f"lost_letters_{lost}")
    raw = _raw(code, cell("name"), phone, cell("procedure"), day, unit)
    event = read_event(raw)
    if not isinstance(event, DossierEvent):
        return fault(f"bad_{_field_of(event[0].pointer)}")
    content = canonical(raw["type"], raw["data"])
    return ReadRow(number=number, cells=cells, event=event, content=content)


def _raw(
    code: str, name: str, phone: str, procedure: str, day: date | None, unit: str
) -> dict[str, Any]:
    occurrence = f"{code}\n{_KIND}\n{day or ''}"
    dossier: dict[str, Any] = {"code": code}
    if procedure:
        dossier["procedure"] = {"name": procedure}
    raw: dict[str, Any] = {
        "specversion": "1.0",
        "id": hashlib.sha256(occurrence.encode()).hexdigest()[:32],
        "source": SOURCE_URI,
        "type": f"vn.dossier.{_KIND}",
        "data": {
            "dossier": dossier,
            "applicant": {"name": name, "phones": [phone]},
            "unit": unit,
        },
    }
    if day is not None:
        raw["time"] = datetime.combine(day, time(12), _HANOI).isoformat()
    return raw


def _field_of(pointer: str) -> str:
    parts = {"code": "code", "name": "name", "phones": "phone", "procedure": "procedure"}
    return next((word for part, word in parts.items() if f"/{part}" in pointer), "row")


def _with_zeros(phones: str) -> str:
    """Spreadsheets take the first zero of a number away, and some write `984765321.0`."""
    return "".join(
        f"0{found[1]}" if (found := _BARE.fullmatch(part)) else part
        for part in _PARTS.split(phones)
    )


def _day(text: str) -> date | None:
    found = _DAY.match(text.strip())
    if not found:
        return None
    day, month, year, *iso = found.groups()
    try:
        return date(*map(int, iso)) if iso[0] else date(int(year), int(month), int(day))
    except ValueError:
        return None
