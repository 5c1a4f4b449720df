"""Templates moved to files and back: nothing is lost, overwritten, or let out against the rules."""

from pathlib import Path

import pytest
from desk_site import GOOD, HA, OWN_SMS, SMS, DeskSite
from office import Office

from gateway.services.desk.refusals import NotReady

ODD = GOOD + "\n\n  Dòng cuối không xuống dòng\t"


@pytest.fixture
def desk(office: Office) -> DeskSite:
    return DeskSite.over(office)


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_out_and_in_again_changes_nothing(desk: DeskSite, tmp_path: Path) -> None:
    await desk.released(ODD, OWN_SMS)
    written = await desk.files.write(tmp_path)
    assert tmp_path / "result-ready" / "H10.12" / "sms.vi.j2" in written
    tree = _tree(tmp_path)
    assert tree["result-ready/H10.12/sms.vi.j2"] == ODD.encode()
    for brought in (
        await desk.files.as_drafts(tmp_path, HA),
        await desk.files.release(tmp_path, HA, ""),
    ):
        assert {one.state for one in brought} == {"same"}
    await desk.files.write(tmp_path)
    assert _tree(tmp_path) == tree


async def test_what_was_changed_in_files_comes_in_as_a_draft(
    desk: DeskSite, tmp_path: Path
) -> None:
    await desk.files.write(tmp_path)
    (tmp_path / "result-ready" / "sms.vi.j2").write_text(GOOD)
    brought = await desk.files.as_drafts(tmp_path, HA)
    assert [one.key for one in brought if one.state == "drafted"] == [SMS]
    opened = await desk.drafting.open(SMS)
    assert opened.draft is not None
    assert (opened.draft.body, opened.in_force) == (GOOD, 1)


async def test_a_draft_that_somebody_is_writing_is_left_alone(
    desk: DeskSite, tmp_path: Path
) -> None:
    await desk.files.write(tmp_path)
    (tmp_path / "result-ready" / "sms.vi.j2").write_text(GOOD)
    await desk.save("của Lan", by="user:lan")
    brought = await desk.files.as_drafts(tmp_path, HA)
    assert [one.key for one in brought if one.state == "refused"] == [SMS]
    assert (await desk.drafting.open(SMS)).body == "của Lan"


async def test_all_that_differs_is_released_in_one_publication(
    desk: DeskSite, office: Office, tmp_path: Path
) -> None:
    await desk.files.write(tmp_path)
    own = tmp_path / "result-ready" / "H10.12"
    own.mkdir()
    (own / "sms.vi.j2").write_text(ODD)
    (tmp_path / "result-ready" / "sms.vi.j2").write_text(GOOD)
    brought = await desk.files.release(tmp_path, HA, "từ git")
    assert {one.key for one in brought if one.state == "released"} == {SMS, OWN_SMS}
    rows = await office.rows("SELECT DISTINCT publication, note, released_by FROM template_release")
    assert [tuple(row) for row in rows] == [(2, "từ git", HA)]


async def test_one_bad_file_keeps_all_from_going_out(desk: DeskSite, tmp_path: Path) -> None:
    await desk.files.write(tmp_path)
    (tmp_path / "result-ready" / "sms.vi.j2").write_text(GOOD)
    (tmp_path / "received" / "sms.vi.j2").write_text("{{ ten }}")
    with pytest.raises(NotReady, match=r"received/sms.vi.j2: There is no word “ten”"):
        await desk.files.release(tmp_path, HA, "")
    assert (await desk.drafting.open(SMS)).in_force == 1


async def test_a_text_given_up_leaves_no_file(desk: DeskSite, tmp_path: Path) -> None:
    gone = tmp_path / "result-ready" / "H10.12" / "sms.vi.j2"
    gone.parent.mkdir(parents=True)
    gone.write_text(ODD)
    beside = tmp_path / "result-ready" / "README.md"
    beside.write_text("ours")
    await desk.files.write(tmp_path)
    assert not gone.exists()
    assert beside.read_text() == "ours"


async def test_files_that_are_no_templates_are_passed_over(desk: DeskSite, tmp_path: Path) -> None:
    for name in ("sms.vi.toml", "fax.vi.j2", "a/b/sms.vi.j2", "-x/sms.vi.j2", "sms.VI.j2"):
        path = tmp_path / "result-ready" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert await desk.files.as_drafts(tmp_path, HA) == []
