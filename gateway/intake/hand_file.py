"""A table out of a file that somebody made by hand: CSV or XLSX, as spreadsheets write them.

Faults are words of the console's catalogue, each with a sentence that says what to do.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gateway.domain.text import nfc

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 5000, 60, 500
MOST_BYTES = 4_000_000
_MOST_UNPACKED = 60_000_000
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_SEPARATORS = ",;\t"


class NotATable(Exception):
    """`word` says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, kw_only=True)
class Table:
    """The first row that is not empty, and the rows below it, all of one width."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)


def read_table(content: bytes) -> Table:
    """Raises NotATable."""
    if len(content) > MOST_BYTES:
        raise NotATable("too_large")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotATable("old_excel")
    lines = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    found: list[list[str]] = []
    for line in lines:
        cells = [nfc(cell.strip())[:LONGEST_CELL] for cell in line[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append(cells)
        if len(found) > MOST_ROWS + 1:
            raise NotATable("too_many_rows")
    if len(found) < 2:
        raise NotATable("empty")
    width = len(found[0])
    rows = [(row + [""] * width)[:width] for row in found[1:]]
    return Table(header=found[0], rows=rows)


def _csv(content: bytes) -> Iterator[list[str]]:
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise NotATable("encoding") from None
    if "\0" in text:
        raise NotATable("no_table")
    head = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except csv.Error:
        raise NotATable("no_table") from None


def _xlsx(content: bytes) -> Iterator[list[str]]:
    # It costs a good part of a second to load, and is needed for this alone.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED:
                raise NotATable("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            rows = [
                [_cell(value) for value in row]
                for row in book.worksheets[0].iter_rows(
                    max_row=MOST_ROWS + 50, max_col=MOST_COLUMNS, values_only=True
                )
            ]
        finally:
            book.close()
    except NotATable:
        raise
    except Exception:
        # Whatever a broken file makes the reader stumble over.
        raise NotATable("no_table") from None
    yield from rows


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
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """CSV as spreadsheets open it by themselves."""
    text = io.StringIO()
    csv.writer(text).writerows([[harmless(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
