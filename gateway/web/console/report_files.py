"""A report as a file: the same columns, numbers left as numbers."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from gateway.services.reports import Report, Row
from gateway.web.console.charts import SHOWN
from gateway.web.console.words_book import Words

Table = Sequence[Sequence[Any]]


def table(report: Report, words: Words, name_of: Callable[[Row], str]) -> Table:
    head = [
        words.sentences[f"by.{report.by}"],
        words("overview.accepted"),
        words("overview.sent"),
        *(words.sentences[f"group.{group}"] for group in SHOWN),
        words("overview.share"),
        words("overview.fell_back"),
        words("overview.within_5_min"),
        words("report.arrived_s"),
        words("report.collected"),
        words("report.cost"),
    ]
    rows = [[name_of(row), *_figures(row)] for row in report.rows]
    return [head, *rows, [words("report.total"), *_figures(report.total)]]


def _figures(row: Row) -> list[Any]:
    return [
        row.notices,
        row.sent,
        *(row.groups[group] for group in SHOWN),
        _rounded(row.arrived),
        row.fell_back,
        _rounded(row.within_5_min),
        _rounded(row.arrived_s, 0),
        _rounded(row.collected),
        row.cost_vnd,
    ]


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _as_csv(rows: Table) -> bytes:
    """With the mark by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _as_xlsx(rows: Table) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cell in (*sheet[1], *sheet[sheet.max_row]):
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 44
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


CSV = (_as_csv, "text/csv; charset=utf-8", "csv")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"csv": CSV, "xlsx": (_as_xlsx, _XLSX, "xlsx")}
