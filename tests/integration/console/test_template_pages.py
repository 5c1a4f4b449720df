"""The pages of the desk: who may do what to which text, what is refused, and what cannot harm."""

import re

import pytest
from console_site import Browser, ConsoleSite

from gateway.domain.staff import Role
from gateway.services.apply_directory import apply, as_wanted
from gateway.services.live_templates import publish_shipped
from gateway.wiring import TEMPLATES

LIST, SMS = "/console/templates", "/console/templates/result-ready.sms.vi"
OWN = f"{SMS}.H10.12"
GOOD = (
    "{{ centre }}: hồ sơ số {{ code }} của {{ owner }} đã xong. "
    "{% if by_post %}Kết quả gửi qua bưu chính.{% else %}"
    "Mời {{ you }} đến {{ where }}, {{ when }}.{% endif %} Hỏi: {{ verify_phone }}."
)
TABLES = {
    "pickup_point": [{"code": "bu-dop", "name": "Quầy Bù Đốp", "address": "1 Lê Hồng Phong"}],
    "unit": [
        {
            "code": code,
            "name": name,
            "verify_phone": "0271 1022",
            "pickup_point": "bu-dop",
            "route": [{"channel": "sms", "pool": "sms"}],
        }
        for code, name in (("H10.12", "Trung tâm Bù Đốp"), ("H10.13", "Trung tâm Lộc Ninh"))
    ],
    "account": [{"code": "esms", "provider": "esms", "base_url": "http://127.0.0.1:1"}],
    "pool": [{"code": "sms", "channel": "sms", "accounts": ["esms"]}],
}


@pytest.fixture
async def desk(site: ConsoleSite) -> ConsoleSite:
    core = site.api.core
    await publish_shipped(core.database, TEMPLATES)
    wanted = [as_wanted(kind, table) for kind, tables in TABLES.items() for table in tables]
    await apply(core.database, core.sealer, wanted, "test")
    await core.directory.refresh()
    await core.templates.refresh()
    return site


async def _who(desk: ConsoleSite, name: str, *roles: Role, units: frozenset[str] | None) -> Browser:
    await desk.add(name, *roles, units=units)
    browser = desk.browser()
    assert (await browser.sign_in(name)).status == 303
    return browser


async def _save(browser: Browser, path: str, text: str, revision: int = 0, **more: str) -> int:
    opened = await browser.get(path)
    base = re.search(r'name="base"[^>]*>\n(.*?)</textarea>', opened.text, re.DOTALL)
    answer = await browser.post(
        path,
        **{"base": base[1] if base else "", "box.text": text, "revision": str(revision), **more},
    )
    return answer.status


async def test_a_text_goes_from_draft_to_release_through_two_people(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    approver = await _who(desk, "lan", Role.APPROVER, units=None)
    assert await _save(editor, SMS, GOOD) == 303
    assert "ha lưu lúc" in (await editor.get(SMS)).text
    review = await editor.get(f"{SMS}/review")
    assert "xong" in review.text
    asked = await editor.post(f"{SMS}/ask", revision="1", note="ngắn hơn", waiting="move")
    assert asked.location == f"{SMS}/review"
    queue = await approver.get("/console/templates-to-release")
    assert "ngắn hơn" in (await approver.get(f"{SMS}/review")).text
    assert "Xem và duyệt" in queue.text
    done = await approver.post(f"{SMS}/release", revision="2", waiting="keep")
    assert done.location == f"{SMS}/versions"
    versions = await approver.get(f"{SMS}/versions?a=1&b=2")
    assert "Từ phiên bản 1 đến 2" in versions.text
    [row] = await desk.rows("SELECT released_by, waiting FROM template_release")
    assert tuple(row) == ("user:lan", "keep")


async def test_whoever_wrote_it_does_not_release_it(desk: ConsoleSite) -> None:
    both = await _who(desk, "ha", Role.EDITOR, Role.APPROVER, units=None)
    await _save(both, SMS, GOOD)
    await both.post(f"{SMS}/ask", revision="1")
    page = await both.get(f"{SMS}/review")
    assert f'action="{SMS}/release"' not in page.text
    answer = await both.post(f"{SMS}/release", revision="2")
    assert answer.status == 409
    assert "hãy để một người khác duyệt" in answer.text
    assert await desk.rows("SELECT 1 FROM template_release") == []


CHANGES: list[tuple[str, dict[str, str]]] = [
    ("", {"box.text": GOOD, "revision": "0"}),
    ("/ask", {"revision": "1"}),
    ("/drop", {"revision": "1"}),
    ("/give-up", {}),
    ("/specimen", {"phone": "0984765321"}),
    ("/back", {"version": "1"}),
    ("/release", {"revision": "2"}),
    ("/send-back", {"revision": "2", "note": "x"}),
    ("/go-back", {"version": "1"}),
]


async def test_a_common_or_anothers_text_is_out_of_reach_for_those_of_one_unit(
    desk: ConsoleSite,
) -> None:
    theirs = await _who(desk, "lan", Role.EDITOR, Role.APPROVER, units=frozenset({"H10.13"}))
    for page, fields in CHANGES:
        for path in (SMS, OWN):
            assert (await theirs.post(f"{path}{page}", **fields)).status == 403, page
    assert await desk.rows("SELECT 1 FROM template_draft") == []


async def test_those_of_one_unit_see_the_common_text_and_their_own_alone(
    desk: ConsoleSite,
) -> None:
    theirs = await _who(desk, "lan", Role.EDITOR, units=frozenset({"H10.13"}))
    assert "chỉ được xem" in (await theirs.get(SMS)).text
    assert (await theirs.get(OWN)).status == 403
    for page in ("review", "versions"):
        assert (await theirs.get(f"{OWN}/{page}")).status == 403
    assert (await theirs.post(f"{OWN}/preview", **{"box.text": "x"})).status == 403
    assert await _save(theirs, f"{SMS}.H10.13", GOOD) == 303
    listed = await theirs.get(f"{LIST}?channel=sms")
    assert "Trung tâm Lộc Ninh" in listed.text
    assert "Trung tâm Bù Đốp" not in listed.text


NOWHERE = (
    *("result-ready.sms", "no-such.sms.vi", "result-ready.fax.vi", "result-ready.sms.vi.H99"),
    *("result-ready.sms.vi%2F..", "..", "result-ready.sms.v'i"),
)


async def test_what_does_not_exist_is_not_found(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    for name in NOWHERE:
        assert (await editor.get(f"{LIST}/{name}")).status in (303, 404), name
    await editor.get(SMS)
    nobodys = {"base": "", "box.text": GOOD, "revision": "0"}
    assert (await editor.post(f"{LIST}/result-ready.sms.km", **nobodys)).status == 404
    assert await desk.rows("SELECT FROM template_draft") == []


async def test_a_language_with_a_region_has_a_page(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await desk.rows(
        "INSERT INTO template_draft (kind, channel, language, body, based_on, authors)"
        " VALUES ('result-ready', 'sms', 'zh-Hant', '', 0, '{user:ha}')"
    )
    assert (await editor.get(f"{LIST}/result-ready.sms.zh-Hant")).status == 200


@pytest.mark.parametrize("digits", ["9" * 12, "9" * 5000], ids=["large", "endless"])
async def test_a_number_that_no_page_sends_is_answered_like_an_old_one(
    desk: ConsoleSite, digits: str
) -> None:
    both = await _who(desk, "ha", Role.EDITOR, Role.APPROVER, units=None)
    await _save(both, SMS, GOOD)
    again = await both.post(SMS, **{"base": GOOD, "box.text": GOOD, "revision": digits})
    assert again.status == 409
    for act in ("ask", "release"):
        assert (await both.post(f"{SMS}/{act}", revision=digits)).status == 409
    for act in ("back", "go-back"):
        assert (await both.post(f"{SMS}/{act}", version=digits)).status == 422
    spoken = await both.post(f"{SMS}/speech", base=GOOD, sample=digits)
    assert spoken.status == 204
    assert (await both.post(f"{SMS}/speech", whole="a" * 20_001)).status == 422


async def test_the_second_of_two_is_told_and_keeps_what_was_typed(desk: ConsoleSite) -> None:
    ha = await _who(desk, "ha", Role.EDITOR, units=None)
    lan = await _who(desk, "lan", Role.EDITOR, units=None)
    await _save(ha, SMS, GOOD)
    answer = await lan.post(SMS, **{"base": "x", "box.text": "của Lan {{ code }}", "revision": "0"})
    assert answer.status == 409
    assert "ha đã lưu bản nháp này" in answer.text
    assert "của Lan {{ code }}\n</textarea>" in answer.text
    assert 'name="revision" value="1"' in answer.text
    [row] = await desk.rows("SELECT body FROM template_draft")
    assert row["body"].strip() == GOOD


HOSTILE = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\"'"


async def test_markup_in_a_text_stays_text(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await _save(editor, SMS, GOOD + HOSTILE)
    fields = {"csrf": editor.token, "base": "x", "box.text": GOOD + HOSTILE}
    asked = [("GET", SMS), ("POST", f"{SMS}/preview"), ("GET", f"{SMS}/review")]
    for method, path in asked:
        url = editor.base.with_path(path)
        async with editor.session.request(method, url, data=fields) as answer:
            raw = await answer.text()
        assert answer.status == 200
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw
        assert "&lt;img src=x" in raw


async def test_markup_in_notes_and_other_peoples_words_stays_text(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await _save(editor, SMS, GOOD)
    await editor.post(f"{SMS}/ask", revision="1", note=HOSTILE)
    for page in (f"{SMS}/review", "/console/templates-to-release"):
        async with editor.session.get(editor.base.with_path(page)) as answer:
            raw = await answer.text()
        assert "<script>alert" not in raw
        assert "&lt;script&gt;" in raw


ATTACKS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% for a in 'x' * 99999999 %}{{ a }}{% endfor %}",
    "{{ code|attr('__class__') }}",
    "{% set x = code.__class__ %}",
    "{{ 7 * 7 }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ '%s' | format(code) }}",
]


async def test_what_the_language_lacks_runs_nowhere(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await editor.get(SMS)
    for attack in ATTACKS:
        seen = await editor.post(f"{SMS}/preview", **{"base": "x", "box.text": GOOD + attack})
        assert seen.status == 200, attack
        assert "phải sửa trước khi gửi duyệt" in seen.text, attack
        assert 'class="bubble' not in seen.text, attack
    await _save(editor, SMS, GOOD + ATTACKS[0])
    assert (await editor.post(f"{SMS}/ask", revision="1")).status == 409
    [row] = await desk.rows("SELECT asked_by FROM template_draft")
    assert row["asked_by"] is None


async def test_the_console_itself_renders_no_words_of_staff(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await _save(editor, SMS, GOOD)
    await editor.post(f"{SMS}/ask", revision="1", note="{{ 7 * 191 }}")
    page = await editor.get(f"{SMS}/review")
    assert "{{ 7 * 191 }}" in page.text
    assert "1337" not in page.text


async def test_a_preview_shows_remarks_at_their_box_and_the_messages(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    seen = await editor.post(
        f"{SMS}/preview", **{"base": "x", "box.text": GOOD + " Nhanh chóng.", "letters": "accented"}
    )
    assert 'data-rule="advertising" data-field="text"' in seen.text
    assert "<mark>" in seen.text
    assert "Nếu gửi không dấu" in seen.text


async def test_a_remark_on_the_whole_text_points_into_its_one_box(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    page = await editor.get(f"{SMS}?whole=1")
    assert 'name="whole" data-box="whole"' in page.text
    body = "{% set accented = true %}\n" + GOOD + " Nhanh chóng.\n"
    seen = await editor.post(f"{SMS}/preview", whole=body)
    start = body.index("Nhanh chóng")
    place = f'data-field="whole" data-start="{start}" data-end="{start + len("Nhanh chóng")}"'
    assert seen.text.count(place) == 2
    assert 'id="remarks-whole" hx-swap-oob="true"' in seen.text
    viewer = await desk.signed_in(Role.VIEWER)
    read = (await viewer.get(f"{SMS}?whole=1")).text
    assert 'aria-describedby="remarks-whole" readonly>' in read


async def test_who_only_reads_is_shown_no_real_dossier(desk: ConsoleSite) -> None:
    asked = {"base": "x", "box.text": GOOD, "recent": "yes"}
    for role, looked in ((Role.VIEWER, False), (Role.ADMIN, False), (Role.EDITOR, True)):
        browser = await desk.signed_in(role)
        await browser.get(SMS)
        seen = await browser.post(f"{SMS}/preview", **asked)
        assert ("không có hồ sơ thật nào" in seen.text) is looked, role


async def test_pages_are_in_english_by_the_switch(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await editor.get(SMS)
    await editor.post("/console/language", language="en", back=SMS)
    page = await editor.get(SMS)
    assert "What citizens will get" in page.text
    seen = await editor.post(f"{SMS}/preview", **{"base": "x", "box.text": "{{ ten }}"})
    assert "There is no word “ten”" in seen.text


async def test_a_specimen_without_a_number_of_ones_own_is_told(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await editor.get(SMS)
    answer = await editor.post(f"{SMS}/specimen", **{"base": "x", "box.text": GOOD, "phone": "113"})
    assert answer.status == 422
    assert "số điện thoại của chính anh/chị" in answer.text


async def test_a_unit_gives_up_its_own_text_through_the_same_door(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    approver = await _who(desk, "lan", Role.APPROVER, units=None)
    await _save(editor, OWN, GOOD)
    await editor.post(f"{OWN}/ask", revision="1")
    await approver.get(f"{OWN}/review")
    await approver.post(f"{OWN}/release", revision="2")
    await editor.get(OWN)
    assert (await editor.post(f"{OWN}/give-up")).location == f"{OWN}/review"
    assert "bỏ mẫu riêng" in (await editor.get(f"{OWN}/review")).text
    await editor.post(f"{OWN}/ask", revision="1")
    assert (await approver.post(f"{OWN}/release", revision="2")).status == 303
    items = await desk.rows("SELECT 1 FROM publication_item WHERE publication = 3 AND unit <> ''")
    assert items == []


async def test_a_call_can_be_heard_where_there_is_a_voice(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    path = "/console/templates/result-ready.voice.vi"
    await editor.get(path)
    silent = await editor.post(f"{path}/speech", base="", sample="0")
    assert silent.status == 204


async def test_who_only_reads_opens_no_real_dossier_by_looking_at_a_draft(
    desk: ConsoleSite,
) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await _save(editor, SMS, GOOD + " {{ fee }}")
    await desk.with_directory()
    await desk.owed(1)
    for role, looks in ((Role.VIEWER, 0), (Role.OPERATOR, 0), (Role.APPROVER, 1)):
        browser = await desk.signed_in(role)
        seen = await browser.get(f"{SMS}/review")
        assert seen.status == 200
        assert ('data-rule="newly_required"' in seen.text) is bool(looks), role
        looked = await desk.rows("SELECT 1 FROM audit WHERE action = 'template.facts'")
        assert len(looked) == looks, role


async def test_who_goes_back_is_warned_of_words_that_sources_do_not_send(
    desk: ConsoleSite,
) -> None:
    """The review would have said so, and is skipped on the way back."""
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    approver = await _who(desk, "lan", Role.APPROVER, units=None)
    for number, text in enumerate((f"{GOOD} {{{{ fee }}}}", GOOD)):
        assert await _save(editor, SMS, text) == 303
        await editor.get(f"{SMS}/review")
        await editor.post(f"{SMS}/ask", revision="1")
        await approver.get(f"{SMS}/review")
        assert (await approver.post(f"{SMS}/release", revision="2")).status == 303, number
    await desk.with_directory()
    await desk.owed(1)
    await approver.get(f"{SMS}/versions")
    asked = await approver.post(f"{SMS}/go-back", version="2", waiting="move")
    assert asked.status == 409
    assert 'data-rule="newly_required"' in asked.text
    assert "“fee”" in asked.text
    assert 'name="waiting" value="move"' in asked.text
    done = await approver.post(f"{SMS}/go-back", version="2", waiting="move", warned="yes")
    assert done.location == f"{SMS}/versions"


@pytest.mark.parametrize("page", ["preview", "speech"])
async def test_when_all_seats_are_taken_one_is_asked_to_try_again(
    desk: ConsoleSite, page: str
) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await editor.get(SMS)
    typed, part = {"base": "x", "box.text": GOOD}, {"HX-Request": "true"}
    seats = desk.api.parts.console.seats
    async with seats.taken(), seats.taken():
        busy = await editor.post(f"{SMS}/{page}", headers=part, **typed)
    assert (busy.status, busy.headers["Retry-After"]) == (503, "5")
    assert busy.headers["HX-Retarget"] == "#messages"
    assert "Máy đang bận" in busy.text
    assert (await editor.post(f"{SMS}/{page}", headers=part, **typed)).status in (200, 204)


async def test_a_text_that_is_refused_stands_in_its_boxes_again(desk: ConsoleSite) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await _save(editor, SMS, GOOD)
    typed = "của Hà " + "x" * 20_000
    refused = await editor.post(SMS, **{"base": GOOD, "box.text": typed, "revision": "1"})
    assert refused.status == 422
    assert f"\n{typed}" in refused.text
    assert 'name="revision" value="1"' in refused.text
    base = re.search(r'name="base"[^>]*>\n(.*?)</textarea>', refused.text, re.DOTALL)
    assert base
    assert base[1] == GOOD
    shorter = {"base": base[1], "box.text": "của Hà {{ code }}", "revision": "1"}
    assert (await editor.post(SMS, **shorter)).status == 303
    whole = await editor.post(SMS, base=GOOD, whole=typed, revision="2")
    assert 'id="box-whole"' in whole.text
    assert f"\n{typed}" in whole.text


async def test_what_was_typed_stands_on_the_page_that_says_the_session_ended(
    desk: ConsoleSite,
) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await editor.get(SMS)
    await desk.rows("DELETE FROM console_session")
    typed = {"base": GOOD, "box.text": "của Hà </textarea><b>{{ code }}", "revision": "0"}
    ended = await editor.post(SMS, **typed)
    assert ended.status == 401
    assert "của Hà </textarea><b>{{ code }}" in ended.text
    assert "Phiên làm việc đã kết thúc" in ended.text
    for headers in ({"Origin": "https://elsewhere.example"}, {"X-Saved-By": "script"}):
        other = await editor.post(SMS, headers=headers, **typed)
        assert (other.status, other.text) == (303, "")


async def test_sound_that_is_asked_for_after_the_session_ended_is_answered_with_words(
    desk: ConsoleSite,
) -> None:
    editor = await _who(desk, "ha", Role.EDITOR, units=None)
    await editor.get(SMS)
    await desk.rows("DELETE FROM console_session")
    part = {"HX-Request": "true"}
    ended = await editor.post(f"{SMS}/speech", headers=part, base="x", sample="0")
    assert ended.status == 401
    assert ended.text.startswith('<p class="alarm"')
