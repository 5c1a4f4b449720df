"""Reports as files: numbers stay numbers, and names stay names whatever they look like."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell

from gateway.domain.statistics import Group
from gateway.ledger.statistics import By, Wanted
from gateway.services.reports import Report, Row
from gateway.web.console import report_files
from gateway.web.console.words_book import Language, words_in

DAY = date(2026, 2, 28)


def row(key: str, **changes: object) -> Row:
    figures: dict[str, object] = {
        "notices": 1_200_300,
        "states": {},
        "sent": 7,
        "groups": dict.fromkeys(Group, 0),
        "arrived": 0.95,
        "fell_back": 0,
        "within_5_min": None,
        "arrived_s": 12.4,
        "collected": None,
        "cost_vnd": 5_000_000_000,
    }
    return Row(key=key, **{**figures, **changes})  # type: ignore[arg-type]


def table(by: By, *keys: str) -> report_files.Table:
    wanted = Wanted(first=DAY, last=DAY)
    rows = [row(key) for key in keys]
    report = Report(wanted=wanted, by=by, rows=rows, total=row(""), is_current=True)
    return report_files.table(report, words_in(Language.VI), lambda one: one.key)


def lines(by: By, *keys: str) -> list[list[str]]:
    make, *_ = report_files.FORMATS["csv"]
    text = make(table(by, *keys)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def cells(by: By, *keys: str) -> list[list[Cell]]:
    make, *_ = report_files.FORMATS["xlsx"]
    sheet = load_workbook(io.BytesIO(make(table(by, *keys)))).worksheets[0]
    return [list(line) for line in sheet.rows]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+84", "-1", "@SUM(A1)"])
def test_a_name_is_never_a_formula(name: str) -> None:
    assert lines(By.UNIT, name)[1][0] == f"'{name}"
    cell = cells(By.UNIT, name)[1][0]
    assert (cell.data_type, cell.value) == ("s", name)


def test_days_shares_and_money_are_shown_as_such_by_a_spreadsheet() -> None:
    [head, first, _] = cells(By.DAY, DAY.isoformat())
    shown = {str(one.value): cell for one, cell in zip(head, first, strict=True)}
    assert first[0].value.date() == DAY
    assert first[0].number_format == "DD/MM/YYYY"
    assert (shown["Tỷ lệ đến nơi"].value, shown["Tỷ lệ đến nơi"].number_format) == (0.95, "0.0%")
    assert (shown["Chi phí"].value, shown["Chi phí"].number_format) == (5_000_000_000, "#,##0")
    assert shown["Đến trong 5 phút"].value is None


def test_programs_read_plain_numbers() -> None:
    [head, first, _] = lines(By.DAY, DAY.isoformat())
    told = dict(zip(head, first, strict=True))
    assert told["Ngày"] == "28/02/2026"
    assert told["Tỷ lệ đến nơi"] == "0.95"
    assert told["Thời gian đến trung bình (giây)"] == "12"
    assert told["Chi phí"] == "5000000000"
    assert told["Đã đến nhận"] == ""
