"""Units that were dissolved: what one received is told in the name of its successor."""

from office import TABLES, Office, entries, posted

from gateway.services.apply_directory import apply


async def dissolved(office: Office) -> None:
    """H10.13 ended on 30 June 2025; H10.12 does its work since."""
    gone = {"valid_to": "2025-06-30", "successor": "H10.12"}
    units = [{**unit, **gone} if unit["code"] == "H10.13" else unit for unit in TABLES["unit"]]
    await apply(office.database, office.sealer, entries({**TABLES, "unit": units}), "test")
    await office.directory.refresh()


async def test_a_dossier_of_a_dissolved_unit_is_told_by_its_successor(office: Office) -> None:
    await dissolved(office)
    [one] = await office.owed(posted(1, unit="H10.13"))
    await office.serve()
    [row] = await office.rows("SELECT unit FROM notification WHERE id = $1", one)
    assert row["unit"] == "H10.12"
    [message] = office.sms.sent
    assert "Trung tam Phuc vu hanh chinh cong Bu Dop" in message.body.text
    assert "Loc Ninh" not in message.body.text


async def test_an_alias_leads_to_its_unit(office: Office) -> None:
    [one] = await office.owed(posted(1, unit="000.00.12.H10"))
    [row] = await office.rows("SELECT unit FROM notification WHERE id = $1", one)
    assert row["unit"] == "H10.12"
