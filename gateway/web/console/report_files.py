"""A report as a file: the same columns, numbers left as numbers, no text taken for a formula."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Font

from gateway.intake.hand_file import harmless
from gateway.ledger.statistics import By
from gateway.services.reports import Report, Row
from gateway.web.console.charts import SHOWN
from gateway.web.console.words_book import Words

Table = Sequence[Sequence[Any]]
_DAY, _COUNT, _SHARE = "DD/MM/YYYY", "#,##0", "0.0%"


def table(report: Report, words: Words, name_of: Callable[[Row], str]) -> Table:
    head = [
        words.sentences[f"by.{report.by}"],
        words("overview.accepted"),
        words("overview.sent"),
        words("report.doubtful"),
        *(words.sentences[f"group.{group}"] for group in SHOWN),
        words("overview.share"),
        words("overview.fell_back"),
        words("overview.within_5_min"),
        words("report.arrived_s"),
        words("report.collected"),
        words("report.doubtful_vnd"),
        words("report.cost"),
    ]
    rows = [[_named(report.by, row, name_of), *_figures(row)] for row in report.rows]
    return [head, *rows, [words("report.total"), *_figures(report.total)]]


def _named(by: By, row: Row, name_of: Callable[[Row], str]) -> str | date:
    return date.fromisoformat(row.key) if by is By.DAY else name_of(row)


def _figures(row: Row) -> list[Any]:
    return [
        row.notices,
        row.sent,
        row.doubtful,
        *(row.groups[group] for group in SHOWN),
        _rounded(row.arrived),
        row.fell_back,
        _rounded(row.within_5_min),
        None if row.arrived_s is None else round(row.arrived_s),
        _rounded(row.collected),
        row.doubtful_vnd,
        row.cost_vnd,
    ]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _as_csv(rows: Table) -> bytes:
    """With the mark by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[_as_text(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _as_text(cell: Any) -> Any:
    match cell:
        case None:
            return ""
        case date():
            return f"{cell:%d/%m/%Y}"
        case str():
            return harmless(cell)
    return cell


def _as_xlsx(rows: Table) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cell in (cell for line in sheet.iter_rows() for cell in line):
        _format(cell)
    for cell in (*sheet[1], *sheet[sheet.max_row]):
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 44
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _format(cell: Cell | MergedCell) -> None:
    match cell.value:
        case str():
            # A name that begins with an equals sign is a name.
            cell.data_type = "s"
        case date():
            cell.number_format = _DAY
        case float():
            cell.number_format = _SHARE
        case int():
            cell.number_format = _COUNT


CSV = (_as_csv, "text/csv; charset=utf-8", "csv")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"csv": CSV, "xlsx": (_as_xlsx, _XLSX, "xlsx")}
