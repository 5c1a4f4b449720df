"""A message to oneself: through the real account, marked, and counted nowhere."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from desk_site import GOOD, HA, SMS, DeskSite
from office import TABLES, Office, entries, report, until

from gateway.domain.channel import Channel
from gateway.domain.message import SmsBody, VoiceBody
from gateway.domain.outcome import Accepted, Blame, Reason, Rejected
from gateway.providers.outbound import MaybeSent
from gateway.services.apply_directory import apply
from gateway.services.desk.refusals import DeskRefusal, NotReady
from gateway.services.desk.specimen_words import script_of
from gateway.services.desk.specimens import MOST_AN_HOUR, MOST_TO_NUMBER_A_DAY, SpecimenWish
from gateway.services.suppress import Why
from gateway.services.suppress import Wish as Suppression

WISH = SpecimenWish(key=SMS, body=GOOD, phone="0984 765 321", by=HA)


@pytest.fixture
def desk(office: Office) -> DeskSite:
    return DeskSite.over(office)


async def test_it_goes_through_the_real_account_and_says_that_it_is_a_test(
    desk: DeskSite, office: Office
) -> None:
    sent = await desk.specimens.send(WISH)
    [message] = office.sms.sent
    assert isinstance(message.body, SmsBody)
    assert message.body.text.startswith("[TIN THU] Trung tam")
    assert message.phone.e164 == "+84984765321"
    assert (sent.account, sent.outcome, sent.marked) == ("esms", "accepted", True)


async def test_it_is_no_notification_and_counts_nowhere(desk: DeskSite, office: Office) -> None:
    await desk.specimens.send(WISH)
    await office.use.add()
    for table in ("notification", "attempt", "due", "outbox", "template_use", "account_tally"):
        assert await office.rows(f"SELECT 1 FROM {table}") == []


async def test_its_row_is_there_before_the_account_is_called(
    desk: DeskSite, office: Office
) -> None:
    office.sms.gate.clear()
    sending = asyncio.create_task(desk.specimens.send(WISH))
    await until(office.sms.called.is_set)
    [row] = await office.rows("SELECT reference, phone, closed_at FROM specimen")
    assert row["reference"] == office.sms.sent[0].reference
    assert (row["phone"], row["closed_at"]) == ("321", None)
    office.sms.gate.set()
    await sending
    [row] = await office.rows("SELECT outcome, provider_id, closed_at FROM specimen")
    assert (row["outcome"], row["provider_id"]) == ("accepted", "p-1")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT), "rejected"),
        (MaybeSent(Reason.CONNECTION_LOST), "unknown"),
    ],
    ids=["rejected", "cut-off"],
)
async def test_whatever_becomes_of_it_it_is_sent_once(
    desk: DeskSite, office: Office, answer: object, outcome: str
) -> None:
    office.sms.answers.append(answer)  # type: ignore[arg-type]
    assert (await desk.specimens.send(WISH)).outcome == outcome
    await office.sweep().run_out()
    assert len(office.sms.sent) == 1


async def test_a_report_about_it_ends_with_it(desk: DeskSite, office: Office) -> None:
    office.sms.otherwise = Accepted(provider_id="p-77")
    await desk.specimens.send(WISH)
    receive = office.receive()
    await receive.take("esms", report({"verdict": "delivered", "provider_id": "p-77"}))
    await receive.drained()
    [row] = await office.rows("SELECT verdict FROM specimen")
    assert row["verdict"] == "delivered"
    assert await office.rows("SELECT 1 FROM receipt_todo") == []
    # It names the phone, and an erasure could not find it any more.
    assert await office.rows("SELECT 1 FROM receipt_raw") == []
    assert (await desk.specimens.lately(HA))[0].verdict == "delivered"


async def test_nobody_sends_more_than_some_an_hour(desk: DeskSite, office: Office) -> None:
    for _ in range(MOST_AN_HOUR):
        await desk.specimens.send(WISH)
    with pytest.raises(DeskRefusal) as refusal:
        await desk.specimens.send(WISH)
    assert refusal.value.code == "too_many_specimens"
    await desk.specimens.send(replace(WISH, by="user:lan"))
    assert len(office.sms.sent) == MOST_AN_HOUR + 1


async def test_no_number_gets_more_than_some_a_day_whoever_sends_them(
    desk: DeskSite, office: Office
) -> None:
    for number in range(MOST_TO_NUMBER_A_DAY):
        phone = "0984765321" if number % 2 else "+84 984 765 321"
        await desk.specimens.send(replace(WISH, by=f"user:{number}", phone=phone))
    for _ in range(2):
        with pytest.raises(DeskRefusal) as refusal:
            await desk.specimens.send(replace(WISH, by="user:lan"))
        assert refusal.value.code == "too_many_to_number"
    await desk.specimens.send(replace(WISH, by="user:lan", phone="0900 000 043"))
    assert len(office.sms.sent) == MOST_TO_NUMBER_A_DAY + 1
    await office.rows("UPDATE line_guess SET hour = hour - interval '25 hours'")
    await desk.specimens.send(replace(WISH, by="user:lan"))


@pytest.mark.parametrize("phone", ["", "113", "0271 3568 123", "0984765321 0912345678"])
async def test_it_needs_one_number_that_the_channel_reaches(desk: DeskSite, phone: str) -> None:
    with pytest.raises(DeskRefusal) as refusal:
        await desk.specimens.send(replace(WISH, phone=phone))
    assert refusal.value.code == "no_phone"


@pytest.mark.parametrize(
    ("wish", "goes"),
    [
        ({}, False),
        ({"channel": Channel.SMS}, False),
        ({"name": "Nguyễn Thị Minh Ánh"}, False),
        ({"channel": Channel.ZALO}, True),
        ({"dossier": "H10-1"}, True),
        ({"phone": "0912 345 678"}, True),
    ],
    ids=["number", "channel", "person", "another-channel", "one-dossier", "another-number"],
)
async def test_whoever_is_not_to_be_written_to_gets_no_specimen(
    desk: DeskSite, office: Office, wish: dict[str, Any], goes: bool
) -> None:
    about = {"phone": "+84984765321", "reason": Why.BY_STAFF, "origin": "thu", **wish}
    suppression = await office.suppress.add(Suppression(**about))
    if goes:
        await desk.specimens.send(WISH)
        return
    with pytest.raises(DeskRefusal) as refusal:
        await desk.specimens.send(WISH)
    assert (refusal.value.code, office.sms.sent) == ("suppressed", [])
    assert await office.rows("SELECT 1 FROM specimen") == []
    await office.suppress.end(suppression)
    await desk.specimens.send(WISH)
    assert len(office.sms.sent) == 1


async def test_a_text_that_must_not_go_out_goes_to_nobody(desk: DeskSite, office: Office) -> None:
    with pytest.raises(NotReady):
        await desk.specimens.send(replace(WISH, body=GOOD + " Chuyển khoản ngay."))
    assert office.sms.sent == []


@pytest.mark.parametrize(
    "scope", [("everything", ""), ("channel", "sms"), ("pool", "sms"), ("account", "esms")]
)
async def test_nothing_is_sent_through_what_is_paused(
    desk: DeskSite, office: Office, scope: tuple[str, str]
) -> None:
    await office.rows("INSERT INTO pause (scope, code, actor) VALUES ($1, $2, 'x')", *scope)
    with pytest.raises(DeskRefusal):
        await desk.specimens.send(WISH)
    assert office.sms.sent == []


async def test_registered_words_stay_as_they_are(desk: DeskSite, office: Office) -> None:
    first = await desk.specimens.send(WISH)
    assert first.marked
    text = office.sms.sent[0].body.text.removeprefix("[TIN THU] ")  # type: ignore[union-attr]
    start, _, _ = text.partition(" cua ")
    registered = {"kind": "result-ready", "id": "T1", "text": start + " cua {rest}"}
    await office.reapply("account", "esms", registered=[registered])
    with pytest.raises(NotReady) as refusal:
        await desk.specimens.send(WISH)
    assert [one.rule for one in refusal.value.remarks] == ["registered"]


async def test_a_call_says_what_was_written_to_whoever_asks_for_its_words(
    desk: DeskSite, office: Office
) -> None:
    route = [{"channel": "voice", "pool": "calls"}]
    tables = {
        **TABLES,
        "pool": [*TABLES["pool"], {"code": "calls", "channel": "voice", "accounts": ["esms"]}],
        "unit": [{**row, "route": route} for row in TABLES["unit"]],
    }
    await apply(office.database, office.sealer, entries(tables), "test")
    await office.directory.refresh()
    key = replace(SMS, channel="voice")
    body = (await desk.drafting.open(key)).body
    await desk.specimens.send(SpecimenWish(key=key, body=body, phone="0271 3568 123", by=HA))
    [message] = office.sms.sent
    assert isinstance(message.body, VoiceBody)
    assert message.body.script.core[0].text == "Đây là cuộc gọi thử."
    async with office.database.connection() as connection:
        said = await script_of(connection, "esms", message.reference)
        assert await script_of(connection, "esms", "0" * 32) is None
    assert said == message.body.script
