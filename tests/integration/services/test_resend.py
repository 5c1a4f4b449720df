"""Sending once more: never a second message by accident, always a new notice of its own."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from office import Office, posted

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.outcome import Blame, Reason, Rejected, Unknown
from gateway.intake.problems import RequestRefused
from gateway.services import suppress
from gateway.services.resend import Asked, Resend, Resent
from gateway.services.resend_check import ResendCheck, Wish
from gateway.services.still_due import StillDue
from gateway.services.withdraw import Withdraw

REFUSED = Rejected(reason=Reason.RECIPIENT_REFUSED, blame=Blame.RECIPIENT)
MOVED_ON = "UPDATE dossier SET last_kind = $1, last_at = last_at + interval '1 hour' RETURNING 1"
LANDLINE, OTHER_MOBILE = "0271 3568 123", "0912 345 678"


def resend(office: Office) -> Resend:
    return Resend(
        database=office.database,
        templates=office.templates,
        hasher=office.hasher,
        owing=office.owing,
        check=ResendCheck(
            directory=office.directory,
            compose=office.compose,
            owing=office.owing,
            still_due=StillDue(office.hasher, {EventKind.RETURNED: [EventKind.RESULT_READY]}),
            now=office.clock,
        ),
        ring=office.rung.append,
    )


def asked(office: Office, one: UUID, key: str = "k-1", mode: str = "live", **wish: Any) -> Asked:
    return Asked(
        source=office.directory.now.sources["igate"],
        mode=mode,
        notification_id=one,
        key=key,
        wish=Wish(**wish),
    )


async def again(office: Office, one: UUID, key: str = "k-1", **wish: Any) -> Resent:
    return await resend(office).resend(asked(office, one, key, **wish))


async def refusal(office: Office, one: UUID, key: str = "k-1", **wish: Any) -> tuple[int, str]:
    with pytest.raises(RequestRefused) as refused:
        await again(office, one, key, **wish)
    return refused.value.refusal.status, refused.value.refusal.code


async def failed(office: Office, **data: Any) -> UUID:
    """One that its provider refused."""
    [one] = await office.owed(posted(**data))
    office.sms.answers = [REFUSED]
    await office.serve()
    assert (await office.state(one))[0] == "failed"
    return one


async def test_it_carries_other_references_than_the_first(office: Office) -> None:
    one = await failed(office)
    resent = await again(office, one)
    assert resent.fresh
    await office.serve()
    first, second = office.sms.sent
    assert first.reference != second.reference
    assert first.phone == second.phone
    words = [one.body.text.rpartition(", ma ")[0] for one in (first, second)]
    assert words[0] == words[1]
    assert (await office.state(resent.notification_id))[0] == "sent"


async def test_its_lane_is_rung(office: Office) -> None:
    one = await failed(office)
    office.rung.clear()
    await again(office, one)
    assert [lane.pool for lane in office.rung] == ["sms"]


@pytest.mark.parametrize(
    "ended_by",
    [
        pytest.param("nothing", id="waiting"),
        pytest.param("provider", id="sent"),
        pytest.param("doubt", id="of unknown outcome"),
        pytest.param("withdrawal", id="withdrawn after it was sent"),
    ],
)
async def test_what_may_reach_somebody_is_sent_again_only_by_force(
    office: Office, ended_by: str
) -> None:
    [one] = await office.owed(posted())
    if ended_by != "nothing":
        office.sms.answers = [Unknown(reason=Reason.TIMEOUT)] if ended_by == "doubt" else []
        await office.serve()
    if ended_by == "withdrawal":
        await Withdraw(office.database).withdraw(one, None, "source")
    assert await refusal(office, one) == (409, "needs_force")
    assert (await again(office, one, force=True)).fresh


async def test_one_withdrawn_before_it_left_needs_no_force(office: Office) -> None:
    [one] = await office.owed(posted())
    await Withdraw(office.database).withdraw(one, None, "source")
    assert (await again(office, one)).fresh


async def test_an_open_resend_stands_in_the_way_of_another(office: Office) -> None:
    one = await failed(office)
    await again(office, one, "k-1")
    assert await refusal(office, one, "k-2") == (409, "needs_force")


async def test_a_failed_resend_does_not(office: Office) -> None:
    one = await failed(office)
    await again(office, one, "k-1")
    office.sms.answers = [REFUSED]
    await office.serve()
    assert (await again(office, one, "k-2")).fresh


REACHED = "UPDATE notification SET state = 'delivered' WHERE id = $1 RETURNING id"


async def test_one_that_waits_is_not_sent_once_the_first_one_proves_to_have_arrived(
    office: Office,
) -> None:
    one = await failed(office)
    middle = (await again(office, one, "k-1")).notification_id
    office.sms.answers = [REFUSED]
    await office.serve()
    last = (await again(office, middle, "k-2")).notification_id
    await office.rows(REACHED, one)
    sent = len(office.sms.sent)
    await office.serve()
    assert len(office.sms.sent) == sent
    assert await office.state(last) == ("cancelled", "duplicate")


@pytest.mark.parametrize(
    "wish", [{"force": True}, {"phone": OTHER_MOBILE}], ids=["forced", "corrected phone"]
)
async def test_what_is_wanted_all_the_same_is_sent_even_then(
    office: Office, wish: dict[str, Any]
) -> None:
    one = await failed(office)
    resent = (await again(office, one, **wish)).notification_id
    await office.rows(REACHED, one)
    await office.serve()
    assert (await office.state(resent))[0] == "sent"


async def test_the_same_key_answers_the_same_even_after_a_delivery(office: Office) -> None:
    one = await failed(office)
    resent = await again(office, one)
    await office.serve()
    assert await again(office, one) == replace(resent, fresh=False)


async def test_the_same_key_may_serve_for_another_notification(office: Office) -> None:
    one, other = await failed(office), await failed(office, number=2)
    assert (await again(office, one)).notification_id != (await again(office, other)).event_id


async def test_a_corrected_phone_replaces_all_others(office: Office) -> None:
    one = await failed(office)
    await again(office, one, phone=OTHER_MOBILE)
    await office.serve()
    assert office.sms.sent[-1].phone.e164 == "+84912345678"


async def test_a_channel_that_the_number_cannot_take_is_refused(office: Office) -> None:
    one = await failed(office)
    assert await refusal(office, one, phone=LANDLINE) == (422, "no_such_step")
    assert await refusal(office, one, channel=Channel.ZALO) == (422, "no_such_step")


async def test_an_erased_person_is_not_written_to(office: Office) -> None:
    one = await failed(office)
    await office.rows("UPDATE notification SET sealed = NULL, seal_key = NULL RETURNING 1")
    assert await refusal(office, one) == (409, "erased")


async def test_a_unit_taken_from_the_source_is_not_used(office: Office) -> None:
    one = await failed(office)
    await office.reapply("source", "igate", units=["H10.13"])
    assert await refusal(office, one) == (403, "unit_not_yours")


async def test_another_source_finds_nothing(office: Office) -> None:
    one = await failed(office)
    stranger = office.directory.now.sources["igate"].model_copy(update={"code": "another"})
    with pytest.raises(RequestRefused) as refused:
        await resend(office).resend(replace(asked(office, one), source=stranger))
    assert refused.value.refusal.status == 404


async def test_a_test_key_tests(office: Office) -> None:
    one = await failed(office)
    resent = await resend(office).resend(asked(office, one, mode="test"))
    [row] = await office.rows(
        "SELECT mode, resend_of FROM notification WHERE id = $1", resent.notification_id
    )
    assert tuple(row) == ("test", one)


async def pools_of(office: Office, one: UUID) -> list[str]:
    [row] = await office.rows("SELECT mode, steps FROM notification WHERE id = $1", one)
    assert row["mode"] == "test"
    return [step["pool"] for step in json.loads(row["steps"])]


async def test_a_rehearsal_sent_again_stays_in_the_sandbox(office: Office) -> None:
    one = await failed(office)
    await office.rows("UPDATE notification SET mode = 'test' WHERE id = $1 RETURNING 1", one)
    resent = await again(office, one)
    assert await pools_of(office, resent.notification_id) == ["rehearsal-sms"]


async def test_a_test_key_sends_nothing_through_real_accounts(office: Office) -> None:
    resent = await resend(office).resend(asked(office, await failed(office), mode="test"))
    assert await pools_of(office, resent.notification_id) == ["rehearsal-sms"]


async def test_a_rehearsal_does_not_stand_in_the_way_of_the_real_one(office: Office) -> None:
    one = await failed(office)
    await resend(office).resend(asked(office, one, "k-1", mode="test"))
    assert (await again(office, one, "k-2")).fresh


async def generations(office: Office) -> list[UUID]:
    """One that failed, its resend, and the resend of that; all of them failed."""
    family = [await failed(office)]
    for _ in range(2):
        family.append((await again(office, family[-1])).notification_id)
        office.sms.answers = [REFUSED]
        await office.serve()
    return family


@pytest.mark.parametrize("reached", range(3))
@pytest.mark.parametrize("sent_again", range(3))
async def test_whoever_was_reached_by_any_of_a_family_is_written_to_by_force_only(
    office: Office, reached: int, sent_again: int
) -> None:
    family = await generations(office)
    await office.rows(
        "UPDATE notification SET state = 'delivered' WHERE id = $1 RETURNING 1", family[reached]
    )
    assert await refusal(office, family[sent_again], "k-9") == (409, "needs_force")


async def test_two_of_a_family_sent_again_at_once_are_one_message(office: Office) -> None:
    first, _, last = await generations(office)
    done = await asyncio.gather(
        again(office, first, "k-8"), again(office, last, "k-9"), return_exceptions=True
    )
    assert [isinstance(one, RequestRefused) for one in done].count(True) == 1


@pytest.mark.parametrize(
    "reason",
    [Reason.DUPLICATE, Reason.OVERTAKEN, Reason.COLLECTED, Reason.NOTHING_TO_CORRECT],
)
async def test_what_was_not_owed_any_more_is_sent_by_force_only(
    office: Office, reason: Reason
) -> None:
    [one] = await office.owed(posted())
    await office.rows(
        "UPDATE notification SET state = 'cancelled', reason = $2 WHERE id = $1 RETURNING 1",
        one,
        reason.value,
    )
    assert await refusal(office, one) == (409, "no_longer_due")
    assert (await again(office, one, force=True)).fresh


async def test_a_notice_that_the_dossier_has_left_behind_is_sent_by_force_only(
    office: Office,
) -> None:
    """It failed; meanwhile the owner has collected the result."""
    one = await failed(office)
    await office.rows(MOVED_ON, "returned")
    assert await refusal(office, one) == (409, "no_longer_due")
    assert (await again(office, one, force=True)).fresh


async def test_a_later_report_that_leaves_it_true_is_not_in_its_way(office: Office) -> None:
    one = await failed(office)
    await office.rows(MOVED_ON, "received")
    assert (await again(office, one)).fresh


async def twin(office: Office, event_id: str, **data: Any) -> UUID:
    """The same, posted once more under another id."""
    [one] = await office.owed(posted(event_id=event_id, **data))
    return one


async def test_what_another_event_told_is_sent_by_force_only(office: Office) -> None:
    """The first one failed, so its source posted it anew."""
    one = await failed(office)
    other = await twin(office, "anew")
    await office.serve()
    await office.rows(REACHED, other)
    assert await refusal(office, one) == (409, "no_longer_due")
    assert (await again(office, one, force=True)).fresh


async def test_what_another_event_did_not_tell_is_not_in_the_way(office: Office) -> None:
    one = await failed(office)
    office.sms.answers = [REFUSED]
    other = await twin(office, "anew")
    await office.serve()
    assert (await office.state(other))[0] == "failed"
    assert (await again(office, one)).fresh
    assert await refusal(office, other, "k-2") == (409, "no_longer_due")


@pytest.mark.parametrize(
    ("wish", "phones"),
    [
        ({}, {}),
        ({"phone": OTHER_MOBILE}, {}),
        ({"phone": OTHER_MOBILE}, {"phones": [OTHER_MOBILE]}),
    ],
    ids=["as before", "corrected", "corrected by the source, too"],
)
async def test_what_was_sent_again_is_a_duplicate_for_whoever_posts_it_anew(
    office: Office, wish: dict[str, Any], phones: dict[str, Any]
) -> None:
    one = await failed(office)
    resent = (await again(office, one, **wish)).notification_id
    assert await office.state(await twin(office, "anew", **phones)) == ("cancelled", "duplicate")
    await office.serve()
    await office.rows("UPDATE notification SET state = 'failed' WHERE id = $1 RETURNING 1", resent)
    assert (await office.state(await twin(office, "once more", **phones)))[0] == "waiting"


async def test_a_rehearsal_of_it_keeps_nothing_from_being_posted_anew(office: Office) -> None:
    one = await failed(office)
    await resend(office).resend(asked(office, one, mode="test"))
    assert (await office.state(await twin(office, "anew")))[0] == "waiting"


async def test_it_says_who_sent_it_again(office: Office) -> None:
    one = await failed(office)
    wish = replace(asked(office, one), actor="user:lan")
    resent = await resend(office).resend(wish)
    [row] = await office.rows(
        "SELECT actor FROM history WHERE notification_id = $1", resent.notification_id
    )
    assert row["actor"] == "user:lan"


async def test_a_corrected_phone_that_is_blocked_is_not_written_to(office: Office) -> None:
    one = await failed(office)
    await office.suppress.add(
        suppress.Wish(phone=OTHER_MOBILE, reason=suppress.Why.BY_STAFF, origin="a test")
    )
    resent = await again(office, one, phone=OTHER_MOBILE)
    before = len(office.sms.sent)
    await office.serve()
    assert len(office.sms.sent) == before
    assert await office.state(resent.notification_id) == ("suppressed", "suppressed")
