"""Overview and reports: their numbers are those of the ledger, for the units that one may see."""

import asyncio
import csv
import io
import re
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from console_site import Answer, Browser, ConsoleSite
from ledger_rows import FOR_RECEIPT, about, accepted, anywhere, new_event, said, take
from openpyxl import load_workbook

from gateway.domain.identity import NOTIFICATION, show, uuid7_floor
from gateway.domain.notification import AttemptResult, Lane
from gateway.domain.outcome import Reason, Verdict
from gateway.domain.staff import Role
from gateway.domain.status import State
from gateway.ledger import counting, moves
from gateway.ledger.account_health import STOPPED_BY

TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
HERE, THERE = "H10.12", "H10.13"
BY_UNIT = """
SELECT unit, count(*) AS accepted,
    count(*) FILTER (WHERE state IN ('delivered', 'acknowledged')) AS arrived,
    count(*) FILTER (WHERE state IN ('waiting', 'held', 'sending', 'sent')) AS under_way,
    coalesce(sum((SELECT sum(coalesce(cost_vnd, estimate_vnd)) FROM attempt a
                  WHERE a.notification_id = n.id)), 0)::int AS cost_vnd
FROM notification n GROUP BY unit
"""


@pytest.fixture
async def connection(site: ConsoleSite) -> asyncpg.Connection:
    """With some notices of two units, most of them counted, the last one not."""
    opened = await asyncpg.connect(site.database_url)
    await _count(opened)
    for unit in (HERE, HERE, HERE, THERE, THERE):
        await accepted(opened, new_event(unit=unit))
    claimed = await take(opened, 4, Lane(pool="sms"))
    for one, cost_vnd in zip(claimed, (800, 1600, 800, 800), strict=True):
        result = AttemptResult(outcome="accepted", cost_vnd=cost_vnd)
        await moves.apply(opened, [about(one, State.SENT, result=result, watch=FOR_RECEIPT)])
    await moves.apply(opened, [anywhere(one.id, State.DELIVERED) for one in claimed[:3]])
    await _count(opened)
    await accepted(opened, new_event(unit=HERE))
    yield opened  # type: ignore[misc]
    await opened.close()


async def _count(connection: asyncpg.Connection) -> None:
    done = False
    while not done:
        async with connection.transaction():
            done = await counting.count_changed(connection)
            done &= await counting.count_old(connection, 100)


async def limited(site: ConsoleSite) -> Browser:
    await site.add("at.the.other", Role.OPERATOR, units=frozenset({THERE}))
    browser = site.browser()
    await browser.sign_in("at.the.other")
    return browser


def figure(answer: Answer, name: str) -> int:
    found = re.search(rf'data-figure="{name}">([\d.]+)', answer.text)
    assert found, name
    return int(found[1].replace(".", ""))


async def test_the_overview_agrees_with_the_ledger_for_the_units_one_sees(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    by_unit = {row["unit"]: dict(row) for row in await connection.fetch(BY_UNIT)}
    assert set(by_unit) == {HERE, THERE}
    everything = await (await site.signed_in(Role.OPERATOR)).get("/console/overview")
    only_there = await (await limited(site)).get("/console/overview")
    for name in ("accepted", "arrived", "under_way"):
        assert figure(everything, name) == sum(row[name] for row in by_unit.values())
        assert figure(only_there, name) == by_unit[THERE][name]
    for name in ("today_vnd", "month_vnd"):
        assert figure(everything, name) == sum(row["cost_vnd"] for row in by_unit.values())
        assert figure(only_there, name) == by_unit[THERE]["cost_vnd"]
    assert figure(everything, "waiting-sms") == 2
    assert figure(everything, "attempts-esms") == 4
    assert "Mọi việc bình thường" in everything.text


@pytest.fixture
async def in_doubt(site: ConsoleSite, connection: asyncpg.Connection) -> list[UUID]:
    """Three calls that met an error of the provider; of one a report came after all, and one was
    given up."""
    for _ in range(2):
        await accepted(connection, new_event(unit=HERE))
    claimed = await take(connection, 4, Lane(pool="sms"), account="stringee")
    assert len(claimed) == 4
    lost = AttemptResult(outcome="unknown", reason=Reason.TIMEOUT, estimate_vnd=700, segments=2)
    for one in claimed[:3]:
        change = about(
            one, State.SENT, result=lost, reason=Reason.UNKNOWN_OUTCOME, watch=FOR_RECEIPT
        )
        await moves.apply(connection, [change])
    refused = AttemptResult(outcome="rejected", reason=Reason.CONTENT_REFUSED)
    await moves.apply(connection, [about(claimed[3], State.FAILED, result=refused)])
    heard = about(claimed[0], State.DELIVERED, verdict=said(Verdict.DELIVERED))
    silent = anywhere(claimed[1].id, State.UNCONFIRMED, reason=Reason.UNKNOWN_OUTCOME)
    await moves.apply(connection, [heard, silent])
    return [one.id for one in claimed]


async def test_what_was_perhaps_never_sent_is_counted_apart_until_a_report_tells(
    site: ConsoleSite, connection: asyncpg.Connection, in_doubt: list[UUID]
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    for _ in range(2):
        overview = await browser.get("/console/overview")
        # Four were taken without doubt, and the one that a report told of.
        assert figure(overview, "sent") == 5
        assert "và 2 không rõ đã gửi hay chưa" in overview.text
        for name in ("today_vnd", "month_vnd"):
            assert figure(overview, name) == 4000 + 700
        assert overview.text.count("chưa chắc: thêm 1.400 ₫") == 3
        assert figure(overview, "unknown-stringee") == 2
        assert figure(overview, "attempts-stringee") == 4
        assert "được đếm riêng, không tính là đã gửi" in overview.text
        month = await browser.get("/console/reports/month")
        assert figure(month, "cost-stringee") == 700
        assert re.search(r'data-figure="perhaps-stringee">chưa chắc: thêm 1.400 ₫', month.text)
        await _count(connection)
        await asyncio.sleep(2.1)


async def test_what_is_in_doubt_agrees_with_the_list_of_messages(
    site: ConsoleSite, connection: asyncpg.Connection, in_doubt: list[UUID]
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    rows = list(csv.reader(io.StringIO((await browser.get("/console/reports/file")).text)))
    head, total = rows[0], rows[-1]
    counted = {name: total[place] for place, name in enumerate(head)}
    assert counted["Đã gửi đi"] == "5"
    assert counted["Không rõ đã gửi hay chưa"] == "2"
    assert counted["Chi phí chưa chắc"] == "1400"
    assert counted["Chi phí"] == "4700"
    listed = (
        await browser.get("/console/messages?state=sent,unconfirmed&reason=unknown_outcome")
    ).text
    assert {one for one in in_doubt if show(NOTIFICATION, one) in listed} == set(in_doubt[1:3])
    assert listed.count('name="id"') == 2
    everything = (await browser.get("/console/messages?state=sent,unconfirmed,delivered")).text
    assert everything.count('name="id"') == int(counted["Đã gửi đi"]) + 2


async def test_the_cost_of_one_message_is_told_as_in_the_reports(
    site: ConsoleSite, connection: asyncpg.Connection, in_doubt: list[UUID]
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    heard, silent, _, refused = [
        (await browser.get(f"/console/messages/{show(NOTIFICATION, one)}")).text for one in in_doubt
    ]
    assert "<dt>Tổng chi phí</dt><dd>700 ₫</dd>" in heard
    assert "Chi phí chưa chắc" not in heard
    assert "Tổng chi phí" not in silent
    assert "<dt>Chi phí chưa chắc (lần gửi không rõ kết quả)</dt><dd>700 ₫</dd>" in silent
    assert "Giá ước tính 700 ₫, nếu tin thật sự đã được gửi." in silent
    assert "Giá ước tính" not in refused


async def test_what_is_wrong_stands_on_top(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    await connection.execute("INSERT INTO alert (kind, subject) VALUES ('pool_shut', 'sms')")
    await connection.execute(
        "INSERT INTO pause (scope, code, actor) VALUES ('unit', $1, 'test'),"
        " ('account', 'esms', $2)",
        *(HERE, STOPPED_BY),
    )
    seen = (await (await site.signed_in(Role.VIEWER)).get("/console/overview")).text
    assert "Có việc cần xem" in seen
    assert "1 cảnh báo đang mở" in seen
    # What the gateway stopped itself is an alert, and does not wait for a person.
    assert "tạm dừng gửi ở 1 nơi" in seen
    assert "Cả nhóm không gửi được" in seen
    # Neither is about a unit that they see.
    assert "Mọi việc bình thường" in (await (await limited(site)).get("/console/overview")).text


async def test_an_account_that_fails_most_calls_stands_on_top_until_it_fares_better(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    await site.with_directory()
    tally = (
        "INSERT INTO account_tally (account, slot, calls, faults)"
        " VALUES ($1, now() - $2::interval, $3, $4)"
    )
    soon = timedelta(seconds=30)
    for account, age, calls, faults in (
        ("esms-main", soon, 3, 2),
        ("twilio-sms", timedelta(minutes=11), 90, 90),
        ("gone", soon, 3, 3),
    ):
        await connection.execute(tally, account, age, calls, faults)
    seen = (await (await site.signed_in(Role.VIEWER)).get("/console/overview")).text
    assert "bị lỗi ở tài khoản esms-main. " in seen
    assert "Mọi việc bình thường" not in seen
    assert "Mọi việc bình thường" in (await (await limited(site)).get("/console/overview")).text
    await connection.execute(tally, "esms-main", timedelta(seconds=5), 1, 0)
    await asyncio.sleep(2.1)
    again = (await (await site.signed_in(Role.OPERATOR)).get("/console/overview")).text
    assert "Mọi việc bình thường" in again


async def test_an_alert_says_in_words_why_an_account_was_stopped(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    await connection.execute(
        "INSERT INTO alert (kind, subject, detail)"
        " VALUES ('account_stopped', 'esms', 'credentials -104')"
    )
    browser = await site.signed_in(Role.OPERATOR)
    for page in ("overview", "accounts"):
        text = (await browser.get(f"/console/{page}")).text
        assert "Nhà cung cấp từ chối đăng nhập của tài khoản gửi <code>-104</code>" in text


async def test_figures_that_are_old_say_so(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    await connection.execute("UPDATE count_head SET since = now() - interval '1 hour'")
    browser = await site.signed_in(Role.VIEWER)
    assert "Số liệu chưa đầy đủ" in (await browser.get("/console/overview")).text
    for page in ("/console/reports", "/console/reports/month"):
        assert "Số liệu chưa đầy đủ" in (await browser.get(page)).text


async def test_the_overview_is_told_again_and_again(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    url = browser.base.join(browser.base.with_path("/console/overview/live"))
    async with browser.session.get(url) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        first = await _next_event(answer.content)
        await accepted(connection, new_event(unit=HERE))
        second = await _next_event(answer.content)
    assert 'data-figure="accepted">6<' in first
    assert 'data-figure="accepted">7<' in second
    assert "csrf" not in second


async def _next_event(content: object) -> str:
    lines = []
    while line := (await content.readline()).decode().rstrip("\n"):  # type: ignore[attr-defined]
        lines.append(line)
    assert lines[0] == "event: figures"
    return "\n".join(line.removeprefix("data: ") for line in lines[1:])


async def test_who_is_signed_out_is_told_no_more(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    url = browser.base.join(browser.base.with_path("/console/overview/live"))
    async with browser.session.get(url) as answer:
        await _next_event(answer.content)
        await connection.execute("UPDATE console_user SET roles = '{editor}'")
        assert await answer.content.read() == b""


async def test_a_page_that_stands_open_keeps_no_session_alive(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await connection.execute("UPDATE console_session SET seen_at = now() - interval '20 minutes'")
    seen = "SELECT now() - seen_at > interval '10 minutes' FROM console_session"
    assert (await browser.get("/console/overview/live?once")).status == 200
    assert await connection.fetchval(seen)
    assert (await browser.get("/console/overview")).status == 200
    assert not await connection.fetchval(seen)


async def test_a_stream_ends_with_the_process(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    url = browser.base.join(browser.base.with_path("/console/overview/live"))
    async with browser.session.get(url) as answer:
        await _next_event(answer.content)
        await site.server.runner.shutdown()  # type: ignore[union-attr]
        assert await answer.content.read() == b""


@pytest.mark.parametrize("by", ["day", "unit", "kind", "source", "channel", "account", "state"])
async def test_a_report_and_its_files_agree_with_the_ledger(
    site: ConsoleSite, connection: asyncpg.Connection, by: str
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = f"/console/reports/file?by={by}&from={TODAY}&to={TODAY}"
    rows = list(
        csv.reader(io.StringIO((await browser.get(f"{path}&as=csv")).text.lstrip("\ufeff")))
    )
    total = await connection.fetchval("SELECT count(*) FROM notification")
    assert int(rows[-1][1]) == total == sum(int(row[1]) for row in rows[1:-1])
    assert int(rows[-1][-1]) == 4000
    if by == "unit":
        told = {row[0][-7:-1] if "(" in row[0] else row[0]: int(row[1]) for row in rows[1:-1]}
        assert told == {HERE: 4, THERE: 2}
    page = await browser.get(f"/console/reports?by={by}&from={TODAY}&to={TODAY}")
    assert page.status == 200
    assert rows[1][0] in page.text


async def test_a_spreadsheet_has_numbers(site: ConsoleSite, connection: asyncpg.Connection) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    url = browser.base.join(browser.base.with_path("/console/reports/file"))
    async with browser.session.get(url.with_query({"as": "xlsx", "by": "unit"})) as answer:
        assert answer.headers["Content-Disposition"].endswith('.xlsx"')
        sheet = load_workbook(io.BytesIO(await answer.read())).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows[0][0] == "Đơn vị"
    assert rows[-1][1] == 6
    assert [row[1] for row in rows[1:-1]] == [4, 2]


async def test_nobody_reads_a_report_of_a_unit_that_is_not_theirs(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    browser = await limited(site)
    for path in ("/console/reports", "/console/reports/file", "/console/reports/month"):
        assert (await browser.get(f"{path}?unit={HERE}")).status == 403
        assert (await browser.get(f"{path}?unit={THERE}")).status == 200
    rows = (await browser.get("/console/reports/file?by=unit")).text.splitlines()
    assert len(rows) == 3
    assert HERE not in "".join(rows)
    month = (await browser.get("/console/reports/month")).text
    assert HERE not in month
    assert THERE in month


async def test_list_and_report_know_one_midnight(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    """Its id was minted just before midnight, and the ledger accepted it just after."""
    midnight = datetime.combine(TODAY, time(), tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    minted = uuid7_floor(midnight - timedelta(milliseconds=50))
    await connection.execute(
        "UPDATE notification SET accepted_at = $1", midnight - timedelta(hours=1)
    )
    one = await accepted(connection, new_event(id=minted, kind="received"))
    await connection.execute(
        "UPDATE notification SET accepted_at = $1, sealed = NULL, seal_key = NULL WHERE id = $2",
        *(midnight + timedelta(milliseconds=50), one),
    )
    browser = await site.signed_in(Role.OPERATOR)
    for day, count in ((TODAY, 1), (TODAY - timedelta(days=1), 0)):
        wanted = f"kind=received&from={day}&to={day}"
        listed = (await browser.get(f"/console/messages?{wanted}")).text
        assert (show(NOTIFICATION, one) in listed) is bool(count)
        report = (await browser.get(f"/console/reports/file?{wanted}")).text.splitlines()
        assert report[-1].split(",")[1] == str(count)


async def test_a_month_can_be_held_against_the_bills_of_providers(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    month = await (await site.signed_in(Role.OPERATOR)).get("/console/reports/month")
    billed = await connection.fetchval(
        "SELECT sum(coalesce(cost_vnd, estimate_vnd)) FROM attempt WHERE account = 'esms'"
    )
    assert figure(month, "cost-esms") == billed
    only_there = await (await limited(site)).get("/console/reports/month")
    assert figure(only_there, "cost-esms") < billed


@pytest.mark.parametrize(
    "query",
    [
        *("from=2999-99-99", "from=0001-01-01&to=9999-12-31", "by=nothing", "kind=x&channel=y"),
        *("month=2026-13", "month=x", "as=exe", "from=2030-01-01&to=2020-01-01"),
    ],
)
async def test_a_strange_question_gets_a_page(site: ConsoleSite, query: str) -> None:
    browser = await site.signed_in(Role.VIEWER)
    for path in ("/console/reports", "/console/reports/file", "/console/reports/month"):
        assert (await browser.get(f"{path}?{query}")).status == 200


async def test_a_budget_that_is_spent_is_told(
    site: ConsoleSite, connection: asyncpg.Connection
) -> None:
    body = (
        '{"code": "H10.12", "name": "Bù Đốp", "verify_phone": "1022", "pickup_point": "bu-dop",'
        ' "route": [{"channel": "sms", "pool": "sms"}], "monthly_budget_vnd": 3000}'
    )
    await connection.execute(
        "INSERT INTO directory_entry (kind, code, revision, body, changed_by)"
        " VALUES ('unit', 'H10.12', 1, $1::jsonb, 'test')",
        body,
    )
    await connection.execute("UPDATE directory_head SET revision = 1")
    browser = await site.signed_in(Role.OPERATOR)
    await site.api.core.directory.refresh()
    seen = (await browser.get("/console/overview")).text
    assert "Có đơn vị đã vượt ngân sách tháng" in seen
    assert "106,7 %" in seen
