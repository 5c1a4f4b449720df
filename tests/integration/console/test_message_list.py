"""The list of messages: every filter, within a user's units, persons never in an address."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from centre import HERE, MOBILE, NAME, THERE, Centre, code_of, path_of
from console_site import Browser

from gateway.domain.outcome import Reason
from gateway.domain.staff import Role
from gateway.domain.status import State
from gateway.ledger import finding
from gateway.ledger.finding import Sought
from gateway.services.find_messages import Quest, Sweeper
from gateway.services.search_tokens import name_groups

LIST = "/console/messages"


@pytest.fixture
async def many(centre: Centre) -> dict[str, UUID]:
    """One notification in each state that staff ask for, by a name for it."""
    made = {
        "delivered": await centre.owe(1),
        "failed": await centre.owe(2, name="Trần Văn Đức", phones=["0912 345 678"]),
        "no phone": await centre.owe(3, phones=[]),
        "sent": await centre.owe(4, unit=THERE),
        "waiting": await centre.owe(5, unit=THERE, name="Điểu K'Rôi"),
        "acknowledged": await centre.owe(6),
        "unconfirmed": await centre.owe(7, unit=THERE),
    }
    for name in ("delivered", "sent", "unconfirmed"):
        await centre.send(made[name])
    await centre.send(
        made["failed"], account="spare", outcome="rejected", reason=Reason.PHONE_INVALID
    )
    await centre.end(made["delivered"], State.DELIVERED)
    await centre.end(made["failed"], State.FAILED, Reason.PHONE_INVALID)
    await centre.end(made["acknowledged"], State.ACKNOWLEDGED)
    await centre.end(made["unconfirmed"], State.UNCONFIRMED, Reason.RECEIPT_MISSING)
    return made


def shown(text: str, many: Mapping[str, UUID]) -> set[str]:
    return {name for name, one in many.items() if path_of(one) in text}


async def search(browser: Browser, **fields: str) -> str:
    """Through the form; the address it leads to says nothing of a person."""
    await browser.get(LIST)
    answer = await browser.post(LIST, **fields)
    assert answer.status == 303, answer.text
    persons = {fields.get(name, "") for name in ("dossier", "phone", "name")} - {""}
    assert not any(person in answer.location for person in persons)
    return (await browser.get(answer.location)).text


async def test_a_row_that_cannot_be_opened_hides_no_other(
    centre: Centre, many: dict[str, UUID]
) -> None:
    spoil = "UPDATE notification SET sealed = 'altered' WHERE id = $1"
    await centre.ledger.execute(spoil, many["failed"])
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    answer = await browser.get(LIST)
    assert shown(answer.text, many) == set(many)
    assert answer.text.count("Không đọc được") == 2
    assert "Máy chủ này chưa mở được" in (await browser.get(path_of(many["failed"]))).text


async def test_every_filter_finds_what_it_says(centre: Centre, many: dict[str, UUID]) -> None:
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    everything = set(many)
    wanted: list[tuple[dict[str, str], set[str]]] = [
        ({}, everything),
        ({"dossier": code_of(2)}, {"failed"}),
        ({"dossier": f"  {code_of(2).lower()} "}, {"failed"}),
        ({"dossier": code_of(99)}, set()),
        ({"phone": "+84 912.345.678"}, {"failed"}),
        ({"phone": "0912345678"}, {"failed"}),
        ({"phone": "not a number"}, set()),
        ({"name": "tran duc"}, {"failed"}),
        ({"name": "dieu k'roi"}, {"waiting"}),
        ({"name": "Ánh", "unit": THERE}, {"sent", "unconfirmed"}),
        ({"name": "!!"}, set()),
        ({"state": "failed"}, {"failed", "no phone"}),
        ({"state": "failed", "reason": "no_usable_phone"}, {"no phone"}),
        ({"reason": "receipt_missing"}, {"unconfirmed"}),
        ({"reason": "phone_invalid", "phone": "0912345678"}, {"failed"}),
        ({"reason": "phone_invalid", "phone": MOBILE}, set()),
        ({"state": "delivered"}, {"delivered"}),
        ({"state": "acknowledged"}, {"acknowledged"}),
        ({"state": "sent"}, {"sent"}),
        ({"state": "sent", "reason": "receipt_missing"}, set()),
        ({"state": "delivered", "reason": "receipt_missing"}, set()),
        ({"state": "waiting"}, {"waiting"}),
        ({"state": "held,waiting,sending,sent"}, {"waiting", "sent"}),
        ({"state": "no such state"}, everything),
        ({"unit": HERE}, {"delivered", "failed", "no phone", "acknowledged"}),
        ({"unit": "H99"}, set()),
        ({"unit": THERE, "state": "unconfirmed"}, {"unconfirmed"}),
        ({"account": "spare"}, {"failed"}),
        ({"account": "esms", "state": "unconfirmed"}, {"unconfirmed"}),
        ({"channel": "sms"}, {"delivered", "failed", "sent", "unconfirmed"}),
        ({"channel": "voice"}, set()),
        ({"kind": "result-ready", "state": "sent"}, {"sent"}),
        ({"kind": "fee-due"}, set()),
        ({"from": "2026-01-01"}, everything),
        ({"from": "2999-01-01"}, set()),
        ({"to": "2026-01-01"}, set()),
        ({"from": "yesterday", "to": "0000-00-00"}, everything),
    ]
    found = [(fields, shown(await search(browser, **fields), many)) for fields, _ in wanted]
    assert found == wanted
    # The bare list before each search is a look, too.
    looks = await centre.site.rows("SELECT found FROM audit WHERE action = 'search' ORDER BY id")
    assert [row["found"] for row in looks[1::2]] == [len(names) for _, names in wanted]


async def test_a_reason_and_what_to_do_about_it_stand_apart(
    centre: Centre, many: dict[str, UUID]
) -> None:
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get(LIST)).text
    assert 'Số điện thoại không đúng</span> <a class="nowrap"' in text


async def test_people_are_masked_and_reach_no_address(
    centre: Centre, many: dict[str, UUID]
) -> None:
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = await search(browser, name=NAME, phone=MOBILE)
    lines = text.split("<tbody>")[1]
    assert "N. T. M. Á." in lines
    assert "+84•••321" in lines
    assert NAME not in lines
    assert "765" not in lines
    # What was typed comes back in the form, and only to who typed it.
    assert f'value="{NAME}"' in text
    kept = await centre.site.rows("SELECT * FROM console_search")
    assert all(NAME.encode() not in row["sealed"] for row in kept)


async def test_a_search_belongs_to_who_made_it_for_a_day(
    centre: Centre, many: dict[str, UUID]
) -> None:
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    other = await centre.staff("nguoi.khac", Role.OPERATOR)
    await browser.get(LIST)
    path = (await browser.post(LIST, dossier=code_of(2))).location
    assert re.fullmatch(r"/console/messages\?who=srch_[0-9a-f]{32}", path)
    assert code_of(2) in (await browser.get(path)).text
    refused = await other.get(path)
    assert (refused.status, code_of(2) in refused.text) == (404, False)
    await centre.ledger.execute("UPDATE console_search SET at = now() - interval '25 hours'")
    assert (await browser.get(path)).status == 404
    await browser.post(LIST, dossier=code_of(3))
    assert len(await centre.site.rows("SELECT FROM console_search")) == 1


async def test_a_user_of_some_units_finds_nothing_of_others(
    centre: Centre, many: dict[str, UUID]
) -> None:
    browser = await centre.staff("bu.dop", Role.OPERATOR, units=frozenset({HERE}))
    here = {"delivered", "failed", "no phone", "acknowledged"}
    for fields, found in (
        ({}, here),
        ({"name": "Ánh"}, here - {"failed"}),
        ({"dossier": code_of(5)}, set()),
        ({"unit": THERE}, set()),
        ({"state": "failed,sent,waiting,unconfirmed"}, {"failed", "no phone"}),
        ({"reason": "receipt_missing"}, set()),
    ):
        text = await search(browser, **fields)  # type: ignore[arg-type]
        assert shown(text, many) == found, fields
        assert "Lộc Ninh" not in text


async def test_pages_follow_each_other_without_gap_or_repeat(
    centre: Centre, many: dict[str, UUID]
) -> None:
    sweeper = Sweeper(database=centre.site.api.core.database, now=lambda: datetime.now(UTC))
    for quest in (Quest(), Quest(states=["failed", "sent", "waiting", "unconfirmed"])):
        everything = [one.id for one in (await sweeper.sweep(quest)).found]
        found, before = list[UUID](), None
        while True:
            page = await sweeper.sweep(Quest(states=quest.states, before=before), most=2)
            found += [one.id for one in page.found]
            if page.older is None:
                break
            before = page.older
        assert found == everything
        assert found == sorted(found, reverse=True)


async def test_a_search_that_takes_long_says_how_far_it_looked_and_goes_on(
    centre: Centre, many: dict[str, UUID]
) -> None:
    """Ids are minted two days ago; every stretch of the search takes a second."""
    old = datetime.now(UTC) - timedelta(days=2)
    await centre.ledger.execute(
        "UPDATE notification SET id = overlay(id::text PLACING $1 FROM 1 FOR 13)::uuid",
        str(UUID(int=int(old.timestamp() * 1000) << 80))[:13],
    )
    ticks = iter(range(1000))
    sweeper = Sweeper(
        database=centre.site.api.core.database,
        now=lambda: datetime.now(UTC),
        budget_s=1.9,
        tick_s=lambda: float(next(ticks)),
    )
    first = await sweeper.sweep(Quest())
    assert (list(first.found), first.older is not None) == ([], True)
    assert first.stopped_at is not None
    assert timedelta(hours=2) < datetime.now(UTC) - first.stopped_at < timedelta(hours=4)
    found, page, stretches = 0, first, 1
    while page.stopped_at:
        page = await sweeper.sweep(Quest(before=page.older))
        found, stretches = found + len(page.found), stretches + 1
    assert (found, stretches) == (len(many), 17)


async def test_what_is_rare_is_found_as_what_is_common_is(
    centre: Centre, many: dict[str, UUID]
) -> None:
    database, hasher = centre.site.api.core.database, centre.site.api.core.hasher
    quests: list[dict[str, Any]] = [
        {"token_groups": name_groups(hasher, "minh anh")},
        {"token_groups": name_groups(hasher, "minh anh"), "account": "esms"},
        {"token_groups": name_groups(hasher, "duc"), "states": [State.FAILED]},
        {"account": "esms"},
        {"account": "spare", "channel": "sms"},
        {"channel": "sms", "states": [State.FAILED, State.UNCONFIRMED]},
        {"account": "nobody"},
    ]
    async with finding.at_leisure(database, 5) as connection:
        for quest in quests:
            found = []
            for is_rare in (False, True):
                bounds = {"since": UUID(int=0), "before": UUID(int=(1 << 128) - 1), "limit": 50}
                sought = Sought(**bounds, **quest, is_rare=is_rare)  # type: ignore[arg-type]
                met = await finding.find_within(connection, sought, 4)
                found.append([one.id for one in met or ()])
            assert found[0] == found[1], quest
            assert bool(found[0]) == (quest != {"account": "nobody"})


async def test_the_address_of_the_next_page_keeps_the_filters(centre: Centre) -> None:
    for number in range(51):
        await centre.owe(number, phones=[])
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    first = await browser.get(f"{LIST}?{urlencode({'state': 'failed'})}")
    [older] = re.findall(r'href="(/console/messages\?[^"]*before=[^"]*)"', first.text)
    assert "state=failed" in older
    rest = await browser.get(older)
    assert (first.text.count("<tr>"), rest.text.count("<tr>")) == (51, 2)
