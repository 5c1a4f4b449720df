"""Lists made by hand: the files people have, the columns they name, the rows they get wrong."""

import io

import pytest
from openpyxl import Workbook

from gateway.intake.hand_file import MOST_ROWS, NotATable, Table, harmless, read_table, written
from gateway.intake.hand_rows import guess, read_rows

HEADER = ["STT", "Mã hồ sơ", "Họ và tên", "SĐT", "Ngày trả kết quả", "Tên thủ tục"]
ROW = ["1", "H10.12-260303-0001", "Nguyễn Thị Minh Ánh", "0984765321", "03/03/2026", "Khai sinh"]
COLUMNS = {"code": 1, "name": 2, "phone": 3, "ready": 4, "procedure": 5}


def workbook(*rows: list[object]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def text(separator: str) -> str:
    return "\r\n".join(separator.join(row) for row in ([], HEADER, ROW, ["", ""])) + "\r\n"


@pytest.mark.parametrize(
    "content",
    [
        text(",").encode(),
        text(";").encode("utf-8-sig"),
        text("\t").encode("utf-16"),
        workbook([], list(HEADER), list(ROW)),
    ],
    ids=["utf-8", "utf-8-mark-semicolons", "utf-16-tabs", "xlsx"],
)
def test_a_table_is_read_however_a_spreadsheet_wrote_it(content: bytes) -> None:
    assert read_table(content) == Table(header=HEADER, rows=[ROW])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("Mã hồ sơ,SĐT\nđã,1\n".encode("cp1258", errors="replace") + b"\xe1\xff", "encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"PK\x03\x04 no zip", "no_table"),
        (b"\x00\x01\x02\n\x00", "no_table"),
        (b"code,phone\n", "empty"),
        (b"", "empty"),
        (b"code,phone\n" + b"1,2\n" * (MOST_ROWS + 1), "too_many_rows"),
        (b"x" * 4_000_001, "too_large"),
    ],
    ids=["encoding", "xls", "broken-xlsx", "binary", "header-only", "empty", "rows", "size"],
)
def test_what_is_no_table_is_refused_by_a_word(content: bytes, word: str) -> None:
    with pytest.raises(NotATable, match=word):
        read_table(content)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (HEADER, COLUMNS),
        (["Số biên nhận", "Chủ hồ sơ", "Điện thoại liên hệ"], {"code": 0, "name": 1, "phone": 2}),
        (["MA HO SO", "Di động", "Ngày có kết quả"], {"code": 0, "phone": 1, "ready": 2}),
        (["A", "B"], {}),
    ],
    ids=["usual", "receipt", "plain", "nothing"],
)
def test_columns_are_guessed_from_their_names(header: list[str], found: dict[str, int]) -> None:
    assert guess(header) == found


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, ""),
        ({3: "984765321"}, ""),
        ({3: "0984 765 321; 0912 345 678"}, ""),
        ({4: "2026-03-03"}, ""),
        ({4: "", 2: "", 5: ""}, ""),
        ({1: ""}, "no_code"),
        ({3: ""}, "no_phone"),
        ({3: "hỏi con gái"}, "bad_phone"),
        ({4: "hôm qua"}, "bad_day"),
        ({4: "31/02/2026"}, "bad_day"),
        ({1: "x" * 300}, "bad_code"),
    ],
    ids=[
        *("right", "lost-zero", "two-numbers", "iso-day", "only-what-is-needed"),
        *("no-code", "no-phone", "bad-phone", "no-day", "no-such-day", "long-code"),
    ],
)
def test_a_row_is_an_event_or_has_one_fault(changed: dict[int, str], fault: str) -> None:
    cells = [changed.get(number, cell) for number, cell in enumerate(ROW)]
    [row] = read_rows(Table(header=HEADER, rows=[cells]), COLUMNS, "H10.12")
    assert row.fault == fault
    assert (row.event is None) == bool(fault)


def test_the_same_row_is_the_same_event_whatever_stands_around_it() -> None:
    other_day = [*ROW[:4], "04/03/2026", ROW[5]]
    [first, second] = read_rows(Table(header=HEADER, rows=[ROW, other_day]), COLUMNS, "H10.12")
    [again, twice] = read_rows(Table(header=HEADER, rows=[ROW, ROW]), COLUMNS, "H10.12")
    assert first.event is not None
    assert second.event is not None
    assert again.event is not None
    assert (again.event.event_id, again.content) == (first.event.event_id, first.content)
    assert second.event.event_id != first.event.event_id
    assert (twice.event, twice.fault) == (None, "twice")


@pytest.mark.parametrize("cell", ["=1+1", "+84984765321", "-1", "@x", "\tx"])
def test_a_downloaded_cell_is_no_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert read_table(written([["Mã hồ sơ"], [cell]])).rows == [[f"'{cell}"]]
