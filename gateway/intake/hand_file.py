"""A table out of a file that somebody made by hand: CSV or XLSX, as spreadsheets write them.

Faults are words of the console's catalogue, each with a sentence that says what to do.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from gateway.domain.text import nfc

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 5000, 60, 500
MOST_BYTES = 4_000_000
# Letterheads stand above the names of the columns, so these are looked for among so many rows.
_HEAD_ROWS = 15
_MOST_UNPACKED = 40_000_000
# As many as a spreadsheet can have.
_LAST_NUMBER = 1_048_576
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_SEPARATORS = ",;\t|"
_LOOKED_AT_LINES = 30
_LOOKED_AT_ROWS = 1000
# A quotation mark that is never closed swallows the rest of a file.
_MOST_LINES_OF_A_CELL = 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

# The number of the row, among the first ones, that names the columns.
HeadOf = Callable[[Sequence[Sequence[str]]], int]


class NotATable(Exception):
    """`word` says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, kw_only=True)
class Table:
    """The row that names the columns, and the rows below it that are not empty, all of one width.
    `numbers` are those by which a spreadsheet shows them. Of a workbook, `sheet` is the one that
    was read, and `unread` are the others that have rows."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)
    numbers: Sequence[int] = field(default=(), repr=False)
    sheet: str = ""
    unread: Sequence[str] = ()


def read_table(content: bytes, head_of: HeadOf = lambda _rows: 0) -> Table:
    """Raises NotATable."""
    if len(content) > MOST_BYTES:
        raise NotATable("too_large")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotATable("old_excel")
    if not is_workbook(content):
        return _table(_lines(_csv(content)), head_of)
    with _sheets(content) as sheets:
        read = next((one for one in sheets if _has_rows(one)), sheets[0])
        unread = [one.title for one in sheets if one is not read and _has_rows(one)]
        table = _table(_lines(_cells(read)), head_of)
    return replace(table, sheet=read.title, unread=tuple(unread))


def _table(found: Sequence[tuple[int, list[str]]], head_of: HeadOf) -> Table:
    head = head_of([cells for _, cells in found[:_HEAD_ROWS]]) if found else 0
    below = found[head + 1 :]
    if not below:
        raise NotATable("empty")
    if len(below) > MOST_ROWS:
        raise NotATable("too_many_rows")
    width = max(len(cells) for _, cells in found[head:])
    return Table(
        header=_wide(found[head][1], width),
        rows=[_wide(cells, width) for _, cells in below],
        numbers=[number for number, _ in below],
    )


def is_workbook(content: bytes) -> bool:
    return content.startswith(b"PK")


def _lines(rows: Iterator[Sequence[str]]) -> list[tuple[int, list[str]]]:
    """Those that are not empty, with their numbers."""
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(rows, 1):
        if number > _LAST_NUMBER:
            raise NotATable("too_many_rows")
        cells = [nfc(cell.strip())[:LONGEST_CELL] for cell in line[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
        if len(found) > MOST_ROWS + _HEAD_ROWS:
            raise NotATable("too_many_rows")
    return found


def _wide(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise NotATable("encoding") from None
    if "\0" in text:
        raise NotATable("no_table")
    separator, text = _separator(text)
    try:
        for line in csv.reader(io.StringIO(text, newline=None), delimiter=separator):
            if any(cell.count("\n") > _MOST_LINES_OF_A_CELL for cell in line):
                raise NotATable("quotes")
            yield [plain(cell) for cell in line]
    except csv.Error:
        raise NotATable("no_table") from None


def _separator(text: str) -> tuple[str, str]:
    """The one that parts most lines alike, and the text with a line that only names it blank."""
    first, _, rest = text.partition("\n")
    named = first.strip().lower()
    if named.startswith("sep=") and len(named) == 5 and named[-1] in _SEPARATORS:
        return named[-1], f"\n{rest}"
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:_LOOKED_AT_LINES]

    def alike(separator: str) -> tuple[int, int]:
        times = Counter(line.count(separator) for line in lines if separator in line)
        [(parts, lines_alike)] = times.most_common(1) or [(0, 0)]
        return lines_alike, parts

    return max(_SEPARATORS, key=alike), text


@contextmanager
def _sheets(content: bytes) -> Iterator[Sequence[Any]]:
    """The visible ones, or all where none is. Raises NotATable, also for what is found as they are
    read."""
    # It costs a good part of a second to load, and is needed for this alone.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED:
                raise NotATable("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            shown = [one for one in book.worksheets if one.sheet_state == "visible"]
            yield shown or book.worksheets
        finally:
            book.close()
    except NotATable:
        raise
    except Exception:
        # Whatever a broken file makes the reader stumble over.
        raise NotATable("no_table") from None


def _has_rows(sheet: Any) -> bool:
    """One line alone is a title or a note. What stands far below is not looked for."""
    lines = sheet.iter_rows(max_row=_LOOKED_AT_ROWS, max_col=MOST_COLUMNS, values_only=True)
    return sum(any(value not in (None, "") for value in line) for line in lines) > 1


def _cells(sheet: Any) -> Iterator[Sequence[str]]:
    for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
        # There may be a million empty ones above a cell that was touched by mistake.
        is_empty = row.count(None) == len(row)
        yield () if is_empty else [_cell(value) for value in row]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.strftime("%d/%m/%Y")
        case date():
            return value.strftime("%d/%m/%Y")
    return str(value)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def plain(cell: str) -> str:
    """The inverse of `harmless`: a file of ours that was put right is uploaded again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """CSV as spreadsheets open it by themselves."""
    text = io.StringIO()
    csv.writer(text).writerows([[harmless(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
