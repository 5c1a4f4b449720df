"""Lists made by hand: the files people have, the columns they name, the rows they get wrong."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from gateway.intake.hand_file import MOST_ROWS, NotATable, Table, harmless, read_table, written
from gateway.intake.hand_rows import guess, head_of, read_rows

TODAY = date(2026, 3, 10)
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
    sheet = "Sheet" if content.startswith(b"PK") else ""
    assert read_table(content) == Table(header=HEADER, rows=[ROW], numbers=[3], sheet=sheet)


@pytest.mark.parametrize(
    ("sheets", "read", "unread"),
    [
        ({"Tháng 3": 2, "Tháng 4": 2, "Tháng 5": 3}, "Tháng 3", ["Tháng 4", "Tháng 5"]),
        ({"Bìa": 0, "Tháng 4": 2}, "Tháng 4", []),
        ({"Ghi chú": 1, "Tháng 4": 2, "Nháp": 1}, "Tháng 4", []),
        ({"Tháng 3": 2, "(ẩn) Tháng 4": 2}, "Tháng 3", []),
    ],
    ids=["several", "an-empty-cover", "notes", "hidden"],
)
def test_the_first_sheet_with_rows_is_read_and_the_others_are_named(
    sheets: dict[str, int], read: str, unread: list[str]
) -> None:
    book, content = Workbook(), io.BytesIO()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if "ẩn" in name else "visible"
        for line in (HEADER, ROW, ROW)[:lines]:
            sheet.append(line)
    book.save(content)
    table = read_table(content.getvalue())
    assert (table.sheet, list(table.unread), table.rows[0]) == (read, unread, ROW)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("Mã hồ sơ,SĐT\nđã,1\n".encode("cp1258", errors="replace") + b"\xe1\xff", "encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"PK\x03\x04 no zip", "no_table"),
        (b"\x00\x01\x02\n\x00", "no_table"),
        (b"code,phone\n", "empty"),
        (f'code,phone\n1,"2\n{"3,4" + chr(10)}'.encode() + b"3,4\n" * 30, "quotes"),
        (b"", "empty"),
        (b"code,phone\n" + b"1,2\n" * (MOST_ROWS + 1), "too_many_rows"),
        (b"x" * 4_000_001, "too_large"),
    ],
    ids=[
        *("encoding", "xls", "broken-xlsx", "binary", "header-only"),
        *("open-quote", "empty", "rows", "size"),
    ],
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
        ({3: "984765321.0"}, ""),
        ({3: "984765321, 2713888999"}, ""),
        ({3: "9.84765E+08"}, "bad_phone"),
        ({4: "10/03/2026"}, ""),
        ({4: "11/03/2026"}, "future_day"),
        ({4: "46084"}, "bad_day"),
        ({2: "Nguy?n Th? Ánh"}, "lost_letters_name"),
        ({5: "C?p ??i gi?y phép"}, "lost_letters_procedure"),
        (dict.fromkeys(range(6), ""), "erased"),
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
        *("right", "lost-zero", "two-numbers", "float", "lost-zeros", "scientific", "today"),
        *("tomorrow", "serial-number", "lost-letters", "lost-letters-procedure", "erased"),
        *("iso-day", "only-what-is-needed"),
        *("no-code", "no-phone", "bad-phone", "no-day", "no-such-day", "long-code"),
    ],
)
def test_a_row_is_an_event_or_has_one_fault(changed: dict[int, str], fault: str) -> None:
    cells = [changed.get(number, cell) for number, cell in enumerate(ROW)]
    [row] = read_rows(Table(header=HEADER, rows=[cells]), COLUMNS, "H10.12", TODAY)
    assert row.fault == fault
    assert (row.event is None) == bool(fault)


def test_the_same_row_is_the_same_event_whatever_stands_around_it() -> None:
    other_day = [*ROW[:4], "04/03/2026", ROW[5]]
    [first, second] = read_rows(
        Table(header=HEADER, rows=[ROW, other_day]), COLUMNS, "H10.12", TODAY
    )
    [again, twice] = read_rows(Table(header=HEADER, rows=[ROW, ROW]), COLUMNS, "H10.12", TODAY)
    assert first.event is not None
    assert second.event is not None
    assert again.event is not None
    assert (again.event.event_id, again.content) == (first.event.event_id, first.content)
    assert second.event.event_id != first.event.event_id
    assert (twice.event, twice.fault) == (None, "twice")


@pytest.mark.parametrize("cell", ["=1+1", "+84984765321", "-1", "@x", "\tx"])
def test_a_downloaded_cell_is_no_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    content = written([["Mã hồ sơ", "SĐT"], [cell, "1"]])
    assert f"'{cell}".encode() in content
    assert read_table(content).rows == [[cell.strip(), "1"]]


LETTERHEAD = [
    ["UBND HUYỆN BÙ ĐỐP", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["DANH SÁCH HỒ SƠ CÓ KẾT QUẢ"],
    [],
]


@pytest.mark.parametrize("write", ["csv", "xlsx"])
def test_the_names_of_the_columns_may_stand_below_a_letterhead(write: str) -> None:
    lines = [*LETTERHEAD, HEADER, ROW, [], ROW]
    content = (
        "\n".join(";".join(line) for line in lines).encode()
        if write == "csv"
        else workbook(*map(list, lines))
    )
    table = read_table(content, head_of)
    assert (table.header, table.rows) == (HEADER, [ROW, ROW])
    rows = read_rows(table, COLUMNS, "H10.12", TODAY)
    assert [row.number for row in rows] == [5, 7]


@pytest.mark.parametrize(
    "content",
    [
        'sep=|\nMã hồ sơ|Họ tên|SĐT\n1|"a, b; c"|2\n',
        "Mã hồ sơ;Họ tên;SĐT\n1;a, b, c;2\n1;a,,,, b;2\n",
        "Mã hồ sơ,Họ tên,SĐT\r1,a,2\r",
    ],
    ids=["named", "commas-in-cells", "old-mac"],
)
def test_columns_are_parted_where_most_lines_are(content: str) -> None:
    table = read_table(content.encode())
    assert table.header == ["Mã hồ sơ", "Họ tên", "SĐT"]
    assert {(row[0], row[2]) for row in table.rows} == {("1", "2")}


def test_columns_beyond_the_last_name_are_there_too() -> None:
    assert read_table(b"code\n1,2,3\n").header == ["code", "", ""]


def test_rows_far_below_empty_ones_are_not_lost() -> None:
    rows: list[list[object]] = [list(HEADER), *[[] for _ in range(MOST_ROWS + 100)], list(ROW)]
    assert read_table(workbook(*rows)).rows == [ROW]
    with pytest.raises(NotATable, match="too_many_rows"):
        read_table(workbook(list(HEADER), *[["1"] for _ in range(MOST_ROWS + 1)]))


def test_what_stands_in_a_workbook_is_read_as_it_is_shown() -> None:
    book, content = Workbook(), io.BytesIO()
    hidden = book.active
    assert hidden is not None
    hidden.append(["không phải"])
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("Hồ sơ")
    sheet.append(["Mã hồ sơ", "SĐT", "Ngày có kết quả", "Ghi chú"])
    # Spreadsheets know no time zones.
    ready = datetime(2026, 3, 3, 9)  # noqa: DTZ001
    sheet.append(["H10-1", 984765321, ready, '=HYPERLINK("http://x","y")'])
    sheet.append(["H10-2", 912345678.0, date(2026, 3, 4), True])
    sheet.merge_cells("A3:A4")
    book.save(content)
    assert read_table(content.getvalue()).rows == [
        ["H10-1", "984765321", "03/03/2026", ""],
        ["H10-2", "912345678", "04/03/2026", "True"],
    ]


def test_a_small_file_that_unpacks_to_a_large_one_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * 50_000_000)
    assert len(content.getvalue()) < 100_000
    with pytest.raises(NotATable, match="too_large"):
        read_table(content.getvalue())
