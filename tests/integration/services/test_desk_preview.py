"""What the desk shows of a text: parts, prices, limits, a masked dossier, what sources lack."""

import pytest
from desk_site import GOOD, HA, OWN_SMS, SMS, ZALO, DeskSite
from office import TABLES, TEMPLATES, Office, entries, posted

from gateway.intake.mapping import Mapping
from gateway.ledger import zalo_catalogue
from gateway.ledger.zalo_catalogue import KnownTemplate
from gateway.services.apply_directory import apply
from gateway.services.desk.carriers import Cost
from gateway.services.desk.newly_required import NewlyRequired
from gateway.services.desk.preview import Previewed

_SOURCES = TEMPLATES.parent / "config" / "sources"
NAME = "Nguyễn Thị Minh Ánh"


@pytest.fixture
def desk(office: Office) -> DeskSite:
    return DeskSite.over(office)


def cost(least_vnd: int, most_vnd: int | None = None) -> Cost:
    return Cost(least_vnd=least_vnd, most_vnd=most_vnd or least_vnd)


async def test_an_sms_is_shown_plain_and_accented_with_parts_and_price(
    desk: DeskSite, office: Office
) -> None:
    await office.reapply("account", "esms", price_vnd=300)
    await office.owed(posted(1), posted(2))
    await desk.said()
    await office.use.add()
    found = await desk.preview.preview(SMS, GOOD)
    first = found.shown[0]
    plain, accented = first.sms
    assert (plain.accented, plain.chosen, plain.is_unicode) == (False, True, False)
    assert (accented.accented, accented.chosen, accented.is_unicode) == (True, False, True)
    assert (plain.parts, accented.parts) == (2, 4)
    assert (plain.cost, accented.cost) == (cost(600), cost(1200))
    assert found.sent == 2
    assert plain.month == cost(1200)
    first_dear = accented.forced_by[0]
    assert (first_dear.character, first_dear.position) == ("â", accented.text.index("â"))


async def test_a_text_of_several_accounts_shows_what_it_costs_through_each(
    desk: DeskSite, office: Office
) -> None:
    """As its attempts will be estimated: neither the dearest alone nor a mean of them."""
    oa, esms = TABLES["account"]
    accounts = [oa, {**esms, "price_vnd": 300}, {**esms, "code": "dear", "price_vnd": 750}]
    zalo, sms = TABLES["pool"]
    pools = [zalo, {**sms, "accounts": ["esms", "dear"]}]
    wanted = entries({**TABLES, "account": accounts, "pool": pools})
    await apply(office.database, office.sealer, wanted, "test")
    await office.directory.refresh()
    found = await desk.preview.preview(SMS, GOOD)
    assert found.shown[0].sms[0].cost == cost(600, 1500)


async def test_a_text_that_chooses_accents_shows_the_plain_form_beside_it(desk: DeskSite) -> None:
    found = await desk.preview.preview(SMS, "{% set accented = true %}\n" + GOOD)
    assert [(one.accented, one.chosen) for one in found.shown[0].sms] == [
        (False, False),
        (True, True),
    ]


async def test_a_units_text_is_shown_in_its_name(desk: DeskSite) -> None:
    found = await desk.preview.preview(OWN_SMS, GOOD)
    assert all("Bu Dop" in one.text for one in found.shown if one.text)


async def test_a_broken_text_is_remarked_and_shows_no_message(desk: DeskSite) -> None:
    found = await desk.preview.preview(SMS, "{{ centre }")
    assert [one.rule for one in found.grave] == ["syntax"]
    assert found.shown == ()


async def _zalo(desk: DeskSite, office: Office, **known: object) -> Previewed:
    await office.reapply("account", "oa", templates={"result-ready": "111"})
    given = {"status": "ENABLE", "params": None} | known
    template = KnownTemplate(
        template_id="111", name="x", quality="HIGH", tag="", timeout_s=None, price_vnd=None,
        preview_url="", **given,  # type: ignore[arg-type]
    )  # fmt: skip
    async with office.database.connection() as connection:
        await zalo_catalogue.keep_templates(connection, "oa", [template])
    body = (await desk.drafting.open(ZALO)).body
    return await desk.preview.preview(ZALO, body)


async def test_zalo_parameters_stand_beside_the_accounts_limits(
    desk: DeskSite, office: Office
) -> None:
    params = ({"name": "name", "type": "STRING", "required": True, "min": 1, "max": 20},)
    found = await _zalo(desk, office, params=params)
    name = next(one for one in found.shown[0].params if one.name == "name")
    assert (name.longest, name.limits, name.most, name.fits) == (30, (("oa", 20),), 20, False)
    rules = [one.rule for one in found.remarks]
    assert rules.count("zalo_limit") == 9
    limit = next(one for one in found.remarks if "20 ký tự" in one.vi)
    assert limit.place is not None
    assert limit.place.field == "name"


async def test_a_template_that_zalo_has_not_approved_is_told(
    desk: DeskSite, office: Office
) -> None:
    found = await _zalo(desk, office, status="PENDING_REVIEW")
    assert [one.rule for one in found.remarks] == ["zalo_state"]
    assert not found.zalo[0].is_approved


async def test_a_call_is_shown_as_it_is_spoken(desk: DeskSite) -> None:
    key = SMS.__class__(kind="result-ready", channel="voice", language="vi", unit="")
    found = await desk.preview.preview(key, (await desk.drafting.open(key)).body)
    assert "không không không" in " ".join(found.shown[0].said)


async def test_a_real_dossier_is_masked_and_the_look_is_in_the_audit(
    desk: DeskSite, office: Office
) -> None:
    [one] = await office.owed(posted(1))
    example = await desk.recent.latest("result-ready", "H10.12", None, HA)
    assert example is not None
    again = await desk.recent.latest("result-ready", "H10.12", None, HA)
    assert again is example
    found = await desk.preview.preview(SMS, GOOD, [example])
    text = found.shown[0].text
    hidden = "Nxxxxx Txx Mxxx Axx"
    assert hidden in text
    assert len(hidden) == len(NAME)
    assert "0001" not in text
    rows = await office.rows("SELECT actor, action, notification_id FROM audit")
    assert [tuple(row) for row in rows] == [(HA, "template.recent", one)]


async def test_nobody_sees_a_dossier_of_a_unit_that_is_not_theirs(
    desk: DeskSite, office: Office
) -> None:
    await office.owed(posted(1))
    assert await desk.recent.latest("result-ready", "", ["H10.13"], HA) is None
    assert await desk.recent.latest("received", "", None, HA) is None


async def _warned(office: Office, desk: DeskSite, body: str, mapping: str = "") -> list[str]:
    mappings = {}
    if mapping:
        await office.reapply("source", "igate", mapping=mapping)
        mappings[mapping] = Mapping.from_toml(_SOURCES / f"{mapping}.toml")
    newly = NewlyRequired(
        directory=lambda: office.directory.now, mappings=mappings, recent=desk.recent
    )
    return [one.vi for one in await newly.warnings(SMS, body, GOOD, HA)]


async def test_a_word_that_recent_events_lacked_is_warned_of(
    desk: DeskSite, office: Office
) -> None:
    await office.owed(posted(1), posted(2, details={"amount_vnd": 50_000}))
    [warned] = await _warned(office, desk, GOOD + " Phí {{ fee }}.")
    assert "“fee”, nhưng 1/2 hồ sơ gần đây của igate" in warned


async def test_a_word_that_is_asked_for_first_is_not_required(
    desk: DeskSite, office: Office
) -> None:
    await office.owed(posted(1))
    assert await _warned(office, desk, GOOD + "{% if fee %}Phí {{ fee }}.{% endif %}") == []


async def test_a_word_that_a_mapping_never_gives_is_warned_of(
    desk: DeskSite, office: Office
) -> None:
    [warned] = await _warned(office, desk, GOOD + " Vì {{ reason }}.", mapping="igate")
    assert "Một cửa không bao giờ gửi" in warned
