"""Lists uploaded by hand: upload, match columns, look at the rows, confirm, watch them go."""

import asyncio
import io
from uuid import UUID

from aiohttp import web

from gateway.domain import identity
from gateway.intake.hand_file import NotATable, written
from gateway.intake.hand_rows import FIELDS, NEEDED
from gateway.ledger.jobs import JobKind
from gateway.services.hand_list import HAND_LIST, ListRefused, Opened
from gateway.web.console.faults import missing
from gateway.web.console.pages import jobs
from gateway.web.console.visit import Form, Visit

_PAGE = "/console/hand-list"
_SHOWN_ROWS = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_lists(visit: Visit) -> web.Response:
    return await _lists(visit)


async def upload(visit: Visit) -> web.Response:
    form = await visit.form()
    content = form.file("file")
    if not content:
        return await _lists(visit, 422, "no_file", form)
    try:
        made = await visit.console.hand_lists.upload(
            content, form["unit"], form["source"], visit.staff
        )
    except (NotATable, ListRefused) as refused:
        return await _lists(visit, 422, refused.word, form)
    return visit.go(path_of(made.id))


async def show_list(visit: Visit) -> web.Response:
    job = await jobs.of(visit, _wanted(visit))
    opened = await _opened(visit)
    return visit.page(
        "hand_list/one.html",
        opened=opened,
        one=opened.list,
        path=path_of(opened.list.id),
        job=job,
        stop=jobs.stop_of(opened.list.id),
        fields=FIELDS,
        needed=NEEDED,
        unit=visit.console.directory().units.get(opened.list.unit),
        columns=_columns(opened),
        reason=lambda word: _reason(visit, word),
        shown_faults=opened.faulty[:_SHOWN_ROWS],
        shown_good=[row for row in opened.rows if not row.fault][:5],
    )


async def match(visit: Visit) -> web.Response:
    wanted, form = _wanted(visit), await visit.form()
    columns = {name: int(form[name]) for name in FIELDS if form[name].isdecimal()}
    try:
        await visit.console.hand_lists.match(wanted, columns, visit.staff)
    except ListRefused as refused:
        raise missing() from refused
    return visit.go(path_of(wanted))


async def begin(visit: Visit) -> web.Response:
    wanted = _wanted(visit)
    reading = (await visit.form())["reading"]
    try:
        await visit.console.hand_lists.begin(wanted, reading, visit.staff)
    except ListRefused as refused:
        if refused.word == "missing":
            raise missing() from None
        return visit.go(path_of(wanted), say=f"hand_list.{refused.word}")
    return visit.go(path_of(wanted))


async def show_progress(visit: Visit) -> web.Response:
    wanted = _wanted(visit)
    job = await jobs.of(visit, wanted)
    try:
        found = await visit.console.hand_lists.look(wanted, visit.staff)
    except ListRefused:
        raise missing() from None
    return jobs.progress(visit, "hand_list/progress.html", job, one=found, path=path_of(wanted))


async def discard(visit: Visit) -> web.Response:
    try:
        await visit.console.hand_lists.discard(_wanted(visit), visit.staff)
    except ListRefused:
        raise missing() from None
    return visit.go(_PAGE, say="hand_list.discarded")


async def download_faults(visit: Visit) -> web.Response:
    """The rows that were not taken, each with the reason, to be put right and uploaded again."""
    opened = await _opened(visit)
    if opened.table is None:
        raise missing()
    troubles = dict(opened.list.troubles)
    rows = [[*opened.table.header, visit.words("hand_list.reason")]]
    for at, row in enumerate(opened.rows):
        is_left = bool(opened.list.stopped) and at >= opened.list.done
        word = row.fault or troubles.get(row.number) or ("not_reached" if is_left else "")
        if word and any(row.cells):
            rows.append([*row.cells, _reason(visit, word)])
    return _file(written(rows), "dong-can-sua.csv", "text/csv")


async def download_template(visit: Visit) -> web.Response:
    header = [visit.words(f"hand_list.field.{name}") for name in FIELDS]
    match visit.request.match_info["name"]:
        case "mau.csv":
            return _file(written([header]), "mau.csv", "text/csv")
        case "mau.xlsx":
            content = await asyncio.to_thread(_workbook, header)
            return _file(content, "mau.xlsx", _XLSX)
    raise missing()


def path_of(wanted: UUID) -> str:
    return jobs.path_of(JobKind.HAND_LIST, wanted)


def _columns(opened: Opened) -> list[str]:
    """What the columns are called, also those without a name or with one that stands twice."""
    header = opened.table.header if opened.table else ()
    return [
        head if head and header.count(head) == 1 else f"{head} ({_letters(at)})".strip()
        for at, head in enumerate(list(header))
    ]


def _letters(at: int) -> str:
    """How spreadsheets call a column."""
    before, last = divmod(at, 26)
    return f"{_letters(before - 1) if before else ''}{chr(ord('A') + last)}"


def _reason(visit: Visit, word: str) -> str:
    return visit.words(f"hand_list.fault.{word}")


async def _lists(
    visit: Visit, status: int = 200, refused: str | None = None, typed: Form | None = None
) -> web.Response:
    now, lists = visit.console.directory(), await visit.console.hand_lists.latest(visit.staff)
    units = {code: one.name for code, one in sorted(now.units.items()) if visit.staff.may_see(code)}
    sources = {
        source.code: source.name
        for code in units
        for source in visit.console.hand_lists.sources_of(code)
    }
    return visit.page(
        "hand_list/list.html",
        status,
        lists=lists,
        path_of=path_of,
        units=units,
        sources=sources,
        refused=refused,
        chosen={"unit": typed["unit"] if typed else "", "source": typed["source"] if typed else ""},
    )


async def _opened(visit: Visit) -> Opened:
    try:
        return await visit.console.hand_lists.open(_wanted(visit), visit.staff)
    except ListRefused:
        raise missing() from None


def _wanted(visit: Visit) -> UUID:
    try:
        return identity.read(HAND_LIST, visit.request.match_info["id"])
    except ValueError:
        raise missing() from None


def _workbook(header: list[str]) -> bytes:
    from openpyxl import Workbook

    book, content = Workbook(write_only=True), io.BytesIO()
    book.create_sheet("Hồ sơ").append(header)
    book.save(content)
    return content.getvalue()


def _file(content: bytes, name: str, content_type: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=content, content_type=content_type, headers=headers)
