"""Drafts: two people at once, another person's release, versions, and going back."""

import asyncio
from dataclasses import replace

import pytest
from desk_site import GOOD, HA, LAN, OWN_SMS, SMS, DeskSite
from office import TEMPLATES, Office

from gateway.ledger import template_releases, templates
from gateway.ledger.template_drafts import DraftKey
from gateway.services.desk.drafting import Wish
from gateway.services.desk.listing import COMMON, Filter
from gateway.services.desk.refusals import ChangedMeanwhile, DeskRefusal, NotReady
from gateway.services.live_templates import publish_shipped


@pytest.fixture
def desk(office: Office) -> DeskSite:
    return DeskSite.over(office)


async def _in_force(desk: DeskSite, key: DraftKey = SMS) -> tuple[int, str]:
    opened = await desk.drafting.open(key)
    return opened.in_force, opened.body_in_force


async def test_a_draft_changes_nothing_that_citizens_are_sent(desk: DeskSite) -> None:
    before = await _in_force(desk)
    await desk.save("hello")
    assert await _in_force(desk) == before
    assert (await desk.drafting.open(SMS)).body == "hello"


async def test_the_second_of_two_who_edit_at_once_is_told_and_overwrites_nothing(
    desk: DeskSite,
) -> None:
    first = await desk.save("của Hà")
    second = await desk.save("của Hà, sửa", first.revision)
    with pytest.raises(ChangedMeanwhile) as refusal:
        await desk.save("của Lan", first.revision, by=LAN)
    assert refusal.value.draft == second
    assert "ha saved this draft" in refusal.value.en
    assert (await desk.drafting.open(SMS)).body == "của Hà, sửa"


async def test_of_those_who_begin_at_once_one_begins(desk: DeskSite) -> None:
    begun = await asyncio.gather(
        *(desk.save(f"bản {n}", by=f"user:{n}") for n in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, ChangedMeanwhile) for one in begun) == 5


async def test_what_is_kept_is_composed_and_has_no_control_characters(desk: DeskSite) -> None:
    draft = await desk.save("mo\u031b\u0300i\r\nhai\x00\x07\tba")
    assert draft.body == "mời\nhai\tba"


async def test_a_text_without_end_is_refused(desk: DeskSite) -> None:
    with pytest.raises(DeskRefusal) as refusal:
        await desk.save("a" * 20_001)
    assert refusal.value.code == "too_long"


async def test_a_text_that_must_not_go_out_is_not_asked_for(desk: DeskSite) -> None:
    draft = await desk.save(GOOD + " Xem https://a.vn")
    with pytest.raises(NotReady) as refusal:
        await desk.drafting.ask(SMS, draft.revision, HA)
    assert [one.rule for one in refusal.value.remarks] == ["link"]


@pytest.mark.parametrize("by", [HA, "user:minh"], ids=["author", "asker"])
async def test_who_wrote_or_asked_does_not_release(desk: DeskSite, by: str) -> None:
    draft = await desk.save(GOOD)
    asked = await desk.drafting.ask(SMS, draft.revision, "user:minh")
    with pytest.raises(DeskRefusal) as refusal:
        await desk.releasing.release(SMS, asked.revision, by)
    assert refusal.value.code == "another_person"


async def test_an_earlier_author_does_not_release_either(desk: DeskSite) -> None:
    draft = await desk.save("một phần", by=LAN)
    draft = await desk.save(GOOD, draft.revision)
    asked = await desk.drafting.ask(SMS, draft.revision, HA)
    with pytest.raises(DeskRefusal, match="somebody else release it"):
        await desk.releasing.release(SMS, asked.revision, LAN)


async def test_a_draft_nobody_asked_for_is_not_released(desk: DeskSite) -> None:
    draft = await desk.save(GOOD)
    with pytest.raises(DeskRefusal) as refusal:
        await desk.releasing.release(SMS, draft.revision, LAN)
    assert refusal.value.code == "not_asked"


async def test_a_centre_of_one_person_may_release_its_own(office: Office) -> None:
    desk = DeskSite.over(office, one_person=True)
    asked = await desk.asked()
    done = await desk.releasing.release(SMS, asked.revision, HA)
    assert (done.version, done.publication) == (2, 2)


async def test_a_changed_text_has_to_be_asked_for_again(desk: DeskSite) -> None:
    asked = await desk.asked()
    changed = await desk.save(GOOD + " Xin cảm ơn.", asked.revision)
    assert changed.asked_by is None
    with pytest.raises(DeskRefusal) as refusal:
        await desk.releasing.release(SMS, changed.revision, LAN)
    assert refusal.value.code == "not_asked"


async def test_what_was_looked_at_is_what_is_released(desk: DeskSite) -> None:
    asked = await desk.asked()
    again = await desk.save(GOOD + " Xin cảm ơn.", asked.revision)
    await desk.drafting.ask(SMS, again.revision, HA)
    with pytest.raises(ChangedMeanwhile):
        await desk.releasing.release(SMS, asked.revision, LAN)


async def test_a_release_is_a_new_version_and_a_new_publication(desk: DeskSite) -> None:
    done = await desk.released()
    assert (done.version, done.publication) == (2, 2)
    opened = await desk.drafting.open(SMS)
    assert opened.draft is None
    newest = opened.versions[0]
    assert (newest.body, newest.created_by, newest.released_by) == (GOOD, HA, LAN)
    assert newest.note == "ngắn hơn"
    assert opened.versions[1].created_by == "baotin"


async def test_a_release_may_be_declined_with_a_word(desk: DeskSite) -> None:
    asked = await desk.asked()
    back = await desk.drafting.send_back(SMS, asked.revision, LAN, "dài quá")
    assert (back.asked_by, back.note, back.body) == (None, "dài quá", GOOD)


async def test_a_dropped_draft_leaves_what_is_in_force(desk: DeskSite) -> None:
    draft = await desk.save("thử")
    await desk.drafting.drop(SMS, draft.revision, HA)
    opened = await desk.drafting.open(SMS)
    assert (opened.draft, opened.in_force) == (None, 1)


async def test_an_earlier_version_comes_back_as_a_new_one(desk: DeskSite) -> None:
    _, shipped = await _in_force(desk)
    await desk.released()
    draft = await desk.drafting.bring_back(SMS, 1, HA)
    done = await desk.releasing.release(SMS, draft.revision, LAN)
    assert done.version == 3
    assert await _in_force(desk) == (3, shipped)


async def test_who_releases_goes_back_at_once_and_leaves_a_draft_alone(
    desk: DeskSite, office: Office
) -> None:
    _, shipped = await _in_force(desk)
    await desk.released()
    draft = await desk.save("đang viết")
    done = await desk.releasing.go_back(SMS, 1, LAN, "keep")
    assert done.version == 3
    assert await _in_force(desk) == (3, shipped)
    assert (await desk.drafting.open(SMS)).draft == draft
    [row] = await office.rows("SELECT actor, subject FROM audit WHERE action = 'template.go_back'")
    assert tuple(row) == (LAN, "template:result-ready/sms.vi")


async def test_an_earlier_version_is_proofed_before_it_is_used_again(
    desk: DeskSite, office: Office
) -> None:
    """It was good once; since then, accounts, limits and words may have changed."""
    async with office.database.transaction() as connection:
        old = next(
            one
            for one in await templates.read(connection, 1)
            if (one.kind, one.channel) == ("result-ready", "sms")
        )
        bad = replace(old, body=GOOD + "{{ a_word_of_before }}")
        assert (await templates.add_version(connection, bad, "user:ha")).version == 2
    with pytest.raises(NotReady) as refusal:
        await desk.releasing.go_back(SMS, 2, LAN, "keep")
    assert "a_word_of_before" in refusal.value.en
    assert (await _in_force(desk))[0] == 1


async def test_nobody_goes_back_to_a_version_that_never_was(desk: DeskSite) -> None:
    with pytest.raises(DeskRefusal) as refusal:
        await desk.releasing.go_back(SMS, 7, LAN, "keep")
    assert refusal.value.code == "no_text"


async def test_a_draft_from_before_another_version_is_compared_first(
    desk: DeskSite, office: Office
) -> None:
    asked = await desk.asked()
    async with office.database.transaction() as connection:
        in_force = await templates.read(connection, 1)
        old = next(one for one in in_force if (one.kind, one.channel) == ("result-ready", "sms"))
        new = await templates.add_version(connection, old, "baotin")
        await templates.publish(
            connection, [one for one in in_force if one != old] + [new], "baotin", ""
        )
    with pytest.raises(DeskRefusal) as refusal:
        await desk.releasing.release(SMS, asked.revision, LAN)
    assert refusal.value.code == "based_on_older"
    saved = await desk.save(GOOD, asked.revision)
    again = await desk.drafting.ask(SMS, saved.revision, HA)
    assert (await desk.releasing.release(SMS, again.revision, LAN)).version == 3


async def test_a_units_own_text_overrides_the_common_one_and_can_be_given_up(
    desk: DeskSite, office: Office
) -> None:
    await desk.released("{{ you }} " + GOOD, OWN_SMS)
    renderer = await office.templates.renderer(office.templates.current)
    assert {one.unit for one in renderer.publication.templates} == {None, "H10.12"}
    draft = await desk.drafting.save(Wish(key=OWN_SMS, body="", revision=0, by=HA, ends=True))
    asked = await desk.drafting.ask(OWN_SMS, draft.revision, HA)
    done = await desk.releasing.release(OWN_SMS, asked.revision, LAN)
    assert done.version is None
    opened = await desk.drafting.open(OWN_SMS)
    assert (opened.in_force, opened.body_in_force) == (0, opened.common)


async def test_the_shipped_texts_go_on_respecting_what_staff_released(
    desk: DeskSite, office: Office
) -> None:
    await desk.released()
    assert await publish_shipped(office.database, TEMPLATES) is None
    assert (await _in_force(desk))[1] == GOOD


async def test_every_act_is_in_the_audit(desk: DeskSite, office: Office) -> None:
    await desk.released()
    rows = await office.rows("SELECT actor, action, subject FROM audit ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (HA, "template.draft", "template:result-ready/sms.vi"),
        (HA, "template.ask", "template:result-ready/sms.vi"),
        (LAN, "template.release", "template:result-ready/sms.vi"),
    ]


async def test_the_list_shows_states_and_keeps_to_ones_units(desk: DeskSite) -> None:
    await desk.save("chung")
    await desk.asked(key=OWN_SMS)
    lines = await desk.listing.lines(Filter(kind="result-ready", channel="sms"))
    assert [(one.key.unit, one.state) for one in lines] == [("", "draft"), ("H10.12", "asked")]
    others = await desk.listing.lines(Filter(channel="sms", units={"H10.13"}))
    assert "H10.12" not in {one.key.unit for one in others}
    common = await desk.listing.lines(Filter(unit=COMMON))
    assert {one.key.unit for one in common} == {""}
    assert {one.state for one in await desk.listing.lines(Filter(state="asked"))} == {"asked"}


async def test_nobody_opens_what_cannot_be(desk: DeskSite) -> None:
    nowhere = DraftKey(kind="no-such", channel="sms", language="vi", unit="")
    with pytest.raises(DeskRefusal) as refusal:
        await desk.drafting.open(nowhere)
    assert refusal.value.code == "no_text"


async def test_a_version_is_never_changed(desk: DeskSite, office: Office) -> None:
    await desk.released()
    await desk.released(GOOD + " Xin cảm ơn.")
    async with office.database.connection() as connection:
        found = await template_releases.versions(connection, SMS)
    assert [one.version for one in found] == [3, 2, 1]
    assert found[1].body == GOOD
