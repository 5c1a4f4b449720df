"""What sources post in vain: counted for operators by source, kind and day, without what it was."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import asyncpg
import pytest
from centre import HERE, Centre
from console_site import ConsoleSite

from gateway.domain.staff import Role
from gateway.intake.problems import FieldProblem, ProblemCode, Refusal
from gateway.ledger.database import Database
from gateway.services import api_keys
from gateway.services.refused_posts import RefusedPosts

PERSON = "Nguyễn Thị Minh Ánh"
EVENTS, SIGNED = "/v1/events", "/v1/sources/igate/events"
STRUCTURED = "application/cloudevents+json"


def event(number: int = 1, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"posted-{number}",
        "source": "/h10/igate",
        "type": "vn.dossier.result-ready",
        "data": {
            "dossier": {"code": f"000.00.12.H10-260303-{number:04d}"},
            "applicant": {"name": PERSON, "phones": ["0984 765 321"]},
            "unit": HERE,
            "pickup": {"point": "bu-dop"},
            **data,
        },
    }


async def key(centre: Centre, mode: str = "live", *scopes: str) -> str:
    core = centre.site.api.core
    made = await api_keys.create_key(core.database, "igate", scopes or ("post",), mode, "test")
    await core.directory.refresh()
    return f"bt_{made.prefix}_{made.secret}"


async def post(
    centre: Centre,
    path: str,
    body: Any,
    shown: str = "",
    content_type: str = STRUCTURED,
    **more: str,
) -> int:
    browser = centre.site.browser()
    headers = {"Content-Type": content_type, **more}
    if shown:
        headers["Authorization"] = f"Bearer {shown}"
    data = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    url = centre.site.server.make_url(path)
    async with browser.session.post(url, data=data, headers=headers) as answer:
        return answer.status


async def counted(site: ConsoleSite) -> dict[tuple[str, str, str], tuple[int, str]]:
    await site.api.parts.refused_posts.write()
    rows = await site.rows("SELECT source, code, field, times, pointer FROM refused_post")
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


Expected = Mapping[tuple[str, str, str], tuple[int, str]]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param(b"{", 400, {("igate", "not_json", ""): (1, "")}, id="no JSON"),
        pytest.param(
            event(unit="H99"),
            422,
            {("igate", "unknown_unit", ""): (1, "/data/unit")},
            id="unknown unit",
        ),
        pytest.param(
            event(dossier={}),
            422,
            {("igate", "invalid_event", "missing"): (1, "/data/dossier/code")},
            id="a field that is missing",
        ),
        pytest.param(
            event(applicant={"name": PERSON, "phones": [PERSON] * 11}),
            422,
            {("igate", "invalid_event", "too_many"): (1, "/data/applicant/phones")},
            id="a wrong value",
        ),
        pytest.param(
            event(dossier={"code": "1", f"cod{PERSON}": {PERSON: "\0"}}),
            422,
            {("igate", "invalid_event", "unstorable"): (1, "/data/dossier")},
            id="a person in the name of a field",
        ),
        pytest.param(
            {**event(), "specversion": "2"},
            400,
            {("igate", "not_a_cloudevent", "unknown_value"): (1, "/specversion")},
            id="no CloudEvent",
        ),
        pytest.param(b"[" * 6_000_000, 413, {("igate", "too_large", ""): (1, "")}, id="too large"),
    ],
)
async def test_what_is_wrong_is_counted_without_what_it_was(
    centre: Centre, body: Any, status: int, expected: Expected
) -> None:
    shown = await key(centre)
    assert await post(centre, EVENTS, body, shown) == status
    assert await counted(centre.site) == expected
    assert PERSON not in str(await centre.site.rows("SELECT * FROM refused_post"))


async def test_a_person_in_the_name_of_a_header_is_not_kept(centre: Centre) -> None:
    shown, named = await key(centre), {"ce-specversion": "1.0", "ce-nguyen-0984765321": "%ff"}
    assert await post(centre, EVENTS, event(), shown, "application/json", **named) == 400
    [(_, pointer)] = (await counted(centre.site)).values()
    assert pointer == ""


@pytest.mark.parametrize(
    ("wish", "status"), [("check=1", 401), ("check=2", 401), ("check=0", 401), ("", 401)]
)
async def test_a_stranger_is_told_so_whatever_else_is_wrong(
    centre: Centre, wish: str, status: int
) -> None:
    assert await post(centre, f"{EVENTS}?{wish}", event()) == status


async def test_whose_key_it_was_is_told_also_of_one_that_is_no_good(centre: Centre) -> None:
    whole = await key(centre)
    reads_only = await key(centre, "live", "read")
    for shown, status in (
        ("", 401),
        ("bt_nobody_knows", 401),
        (whole[:-1], 401),
        (reads_only, 403),
    ):
        assert await post(centre, EVENTS, event(), shown) == status
    assert await post(centre, SIGNED, event()) == 401
    assert await post(centre, "/v1/sources/somebody/events", event()) == 401
    assert {kind: times for kind, (times, _) in (await counted(centre.site)).items()} == {
        ("", "unauthorised", ""): 3,
        ("igate", "unauthorised", ""): 2,
        ("igate", "scope_missing", ""): 1,
    }


async def test_each_event_of_a_batch_counts_and_those_that_are_taken_do_not(
    centre: Centre,
) -> None:
    shown = await key(centre)
    batch = [event(1), event(2, unit="H99"), event(3, unit="H98"), event(4)]
    kind = "application/cloudevents-batch+json"
    assert await post(centre, EVENTS, batch, shown, kind) == 207
    changed = event(1, applicant={"name": "Trần Văn Đức", "phones": ["0912 345 678"]})
    assert await post(centre, EVENTS, changed, shown) == 409
    assert await counted(centre.site) == {
        ("igate", "unknown_unit", ""): (2, "/data/unit"),
        ("igate", "other_content", ""): (1, ""),
    }


async def test_trials_are_not_counted(centre: Centre) -> None:
    live, test = await key(centre), await key(centre, "test")
    assert await post(centre, f"{EVENTS}?check=1", event(unit="H99"), live) == 422
    assert await post(centre, f"{EVENTS}?check=1", b"{", live) == 400
    assert await post(centre, EVENTS, event(unit="H99"), test) == 422
    assert await post(centre, EVENTS, b"{", test) == 400
    assert await counted(centre.site) == {}


WRONG = Refusal(
    status=422,
    code=ProblemCode.INVALID_EVENT,
    detail="",
    errors=(FieldProblem(pointer="/data/unit", code=ProblemCode.MISSING, detail=""),),
)


async def test_a_flood_over_several_processes_is_one_row(centre: Centre) -> None:
    processes = [RefusedPosts(centre.site.api.core.database) for _ in range(3)]
    for _ in range(2):
        for process in processes:
            for _ in range(1000):
                process.note("igate", WRONG)
            await process.write()
    assert await counted(centre.site) == {
        ("igate", "invalid_event", "missing"): (6000, "/data/unit")
    }


async def test_while_the_ledger_is_away_the_count_is_kept(centre: Centre) -> None:
    url = centre.site.database_url
    database = await Database.connect(url, size=1, statement_timeout_s=0.1)
    process = RefusedPosts(database)
    process.note("igate", WRONG)
    async with centre.ledger.transaction():
        await centre.ledger.execute("LOCK TABLE refused_post")
        await process.write()
    process.note("igate", WRONG)
    await process.close()
    await database.close()
    assert await counted(centre.site) == {("igate", "invalid_event", "missing"): (2, "/data/unit")}


async def test_operators_of_all_units_are_told_with_what_to_do(centre: Centre) -> None:
    shown = await key(centre)
    await post(centre, EVENTS, event(unit="H99"), shown)
    await post(centre, EVENTS, event(), "bt_nobody_knows")
    await centre.site.api.parts.refused_posts.write()
    await _earlier(centre.ledger)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get("/console/attention")).text
    section = text.split('id="refused"')[1].split("</section>")[0]
    for said in (
        "Không rõ là ai",
        "Khóa hoặc chữ ký không đúng",
        "igate",
        "Mã đơn vị không có trong danh mục",
        "<code>/data/unit</code>",
        "hôm nay: 1; 7 ngày qua: 6",
        "Sửa mã ở hệ thống nguồn",
    ):
        assert said in section, said
    limited = await centre.staff("bu.dop", Role.OPERATOR, units=frozenset({HERE}))
    assert 'id="refused"' not in (await limited.get("/console/attention")).text


async def _earlier(ledger: asyncpg.Connection) -> None:
    """The same, five times three days ago, and what is too old to be told."""
    await ledger.execute(
        "INSERT INTO refused_post (source, code, field, day, times, pointer)"
        " SELECT source, code, field, day - days, 5, pointer"
        " FROM refused_post, (VALUES (3), (8)) AS earlier (days) WHERE code = 'unknown_unit'"
    )
