"""Accounts, pauses and alerts in the console: what is shown, what can be done, and by whom."""

from pathlib import Path

import pytest
from console_site import ConsoleSite
from forms import hidden

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.staff import Role
from gateway.ledger import account_health, alerts
from gateway.services.apply_directory import apply, read_file
from gateway.wiring import CONFIG, installed

BU_DOP, LOC_NINH = "H10.12", "H10.13"


@pytest.fixture(autouse=True)
async def _directory(site: ConsoleSite) -> None:
    await site.with_directory()


ACCOUNT = """
[[account]]
code = "esms-spare"
provider = "esms"
base_url = "http://127.0.0.1:1"
sender = "TTPVHCC"
secrets = { api_key = "one", secret_key = "two", callback_token = "three" }
"""
POOL = """
[[pool]]
code = "sms-spare"
channel = "sms"
accounts = ["esms-spare"]
"""


async def beside_the_example(site: ConsoleSite, folder: Path, more: str) -> None:
    core, file = site.api.core, folder / "directory.toml"
    example = (CONFIG / "directory.example.toml").read_text(encoding="utf-8")
    file.write_text(f"{example}\n{more}", encoding="utf-8")
    wanted = read_file(file, installed(core.settings))
    await apply(core.database, core.sealer, wanted, "test")
    await core.directory.refresh()


async def test_the_page_shows_how_every_account_stands(site: ConsoleSite) -> None:
    async with site.api.core.database.connection() as connection:
        await account_health.stop(connection, "esms-main", "wallet_empty")
        alert = Alert(
            kind=AlertKind.ACCOUNT_STOPPED, subject="esms-main", detail="wallet_empty 103"
        )
        await alerts.raise_all(connection, {alert: 3})
    await site.rows(
        "INSERT INTO account_tally (account, slot, calls, faults) VALUES ('zalo-oa', now(), 40, 3)"
    )
    await site.rows(
        "INSERT INTO zalo_account (account, daily_quota, remaining_quota, read_at)"
        " VALUES ('zalo-oa', 5000, 1200, now())"
    )
    await site.rows(
        "INSERT INTO account_token (account, sealed, seal_key, expires_at, lost)"
        " VALUES ('zalo-oa', '', 1, now(), true)"
    )
    browser = await site.signed_in(Role.OPERATOR)
    page = await browser.get("/console/accounts")
    for shown in (
        *("zalo-oa", "esms-main", "twilio-sms", "twilio-voice", "40 lần gọi, 3 lỗi"),
        *("còn 1.200 trên 5.000", "Đã mất, cần cấp lại", "Tự dừng", "hết tiền trong ví"),
        *("Tài khoản bị dừng: esms-main", "3 lần"),
    ):
        assert shown in page.text, shown
    one = (await browser.get("/console/accounts/esms-main")).text
    assert "Tự dừng" in one
    assert "hệ thống tự dừng" in one
    assert "Cho gửi lại" in one


async def test_what_is_left_is_shown_with_its_age_and_marked_where_it_is_low(
    site: ConsoleSite,
) -> None:
    await site.rows(
        "INSERT INTO account_balance (account, amount, currency, read_at) VALUES"
        " ('esms-main', 1250000, 'VND', '2026-03-03 02:00:00Z'),"
        " ('twilio-sms', -12.5, 'USD', '2026-03-03 02:00:00Z')"
    )
    browser = await site.signed_in(Role.OPERATOR)
    page = (await browser.get("/console/accounts")).text
    assert "1.250.000 VND <span" in page
    assert "-12,50 USD <span" in page
    assert "(03/03/2026 09:00)" in page
    assert "Sắp hết" not in page
    await site.rows(
        "UPDATE directory_entry SET body = body || '{\"balance_alert_below\": 2000000}'"
        " WHERE kind = 'account' AND code = 'esms-main'"
    )
    await site.rows("UPDATE directory_head SET revision = revision + 1")
    await site.api.core.directory.refresh()
    one = (await browser.get("/console/accounts/esms-main")).text
    assert "Sắp hết</span> 1.250.000 VND" in one
    assert "Cảnh báo khi dưới 2.000.000" in one


async def test_a_limit_that_nobody_could_heed_is_refused(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    before = site.api.core.directory.now.accounts["zalo-oa"]
    page = await browser.get("/console/directory/account/zalo-oa")
    answer = await browser.post(
        "/console/connections/account/zalo-oa",
        revision=hidden(page, "revision"),
        go="look",
        provider="zalo_zns",
        base_url=before.base_url,
        balance_alert_below="500.000",
    )
    assert (answer.status, "không cho biết số dư" in answer.text) == (422, True)


async def test_accounts_in_no_pool_are_shown_with_what_is_to_be_done(
    site: ConsoleSite, tmp_path: Path
) -> None:
    operator = await site.signed_in(Role.OPERATOR)
    assert "không thuộc nhóm nào" not in (await operator.get("/console/accounts")).text
    await beside_the_example(site, tmp_path, ACCOUNT)
    page = (await operator.get("/console/accounts")).text
    assert "không thuộc nhóm nào" in page
    assert "thêm tài khoản vào một nhóm" in page
    assert page.count("esms-spare</a>") == 1
    opened = await operator.get("/console/accounts/esms-spare")
    assert opened.location == "/console/directory/account/esms-spare"
    limited = await site.limited(Role.OPERATOR, LOC_NINH)
    assert "esms-spare" not in (await limited.get("/console/accounts")).text
    assert (await limited.get("/console/accounts/esms-spare")).status == 404


async def test_an_alert_is_closed_once(site: ConsoleSite) -> None:
    async with site.api.core.database.connection() as connection:
        await alerts.raise_all(connection, {Alert(kind=AlertKind.POOL_SHUT, subject="sms"): 1})
    browser = await site.signed_in(Role.OPERATOR)
    page = "/console/accounts/alerts"
    for said in ("Đã đóng cảnh báo", "Cảnh báo này đã hết"):
        done = await browser.post(page, kind="pool_shut", subject="sms")
        assert said in (await browser.get(done.location)).text
    assert (await browser.post(page, kind="no_kind", subject="sms")).status == 404
    assert await site.audited() == [("alert.clear", "pool_shut:sms", "")]


@pytest.mark.parametrize(
    ("target", "rows", "banner"),
    [
        ("everything", [("everything", "")], "Toàn bộ hệ thống: bảo trì"),
        ("pool:sms", [("pool", "sms")], "Nhóm tài khoản sms: bảo trì"),
        ("channel:sms", [("channel", "sms")], "Kênh SMS: bảo trì"),
        (f"unit:{BU_DOP}", [("unit", BU_DOP)], "Đơn vị Trung tâm Phục vụ hành chính công Bù Đốp"),
    ],
    ids=["everything", "pool", "channel", "unit"],
)
async def test_what_is_paused_stands_on_every_page_until_it_is_resumed(
    site: ConsoleSite, target: str, rows: list[tuple[str, str]], banner: str
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    viewer = await site.signed_in(Role.VIEWER)
    refused = await browser.post("/console/pauses", target=target, reason=" ")
    assert refused.status == 422
    assert "Hãy ghi lý do" in refused.text
    assert await site.rows("SELECT FROM pause") == []
    await browser.post("/console/pauses", target=target, reason="bảo trì")
    found = await site.rows("SELECT scope, code FROM pause ORDER BY code")
    assert [(row["scope"], row["code"]) for row in found] == rows
    for somebody in (browser, viewer):
        page = (await somebody.get("/console/account")).text
        assert banner in page
        assert "a-operator" in page
    assert "Xem và cho gửi lại" not in (await viewer.get("/console/account")).text
    for scope, code in rows:
        await browser.post("/console/pauses/end", target=f"{scope}:{code}")
    assert "Đang tạm dừng gửi" not in (await viewer.get("/console/account")).text
    acts = [act for act, _, _ in await site.audited()]
    assert acts == ["pause.begin", *("pause.end" for _ in rows)]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("everything", "Tạm dừng cả nhóm"),
        ("channel:sms", "Tạm dừng cả nhóm"),
        ("pool:sms-spare", "Tạm dừng cả nhóm"),
        ("channel:zalo", "Đang gửi"),
        (f"unit:{BU_DOP}", "Đang gửi"),
    ],
)
async def test_no_account_of_a_paused_pool_is_said_to_send(
    site: ConsoleSite, tmp_path: Path, target: str, said: str
) -> None:
    await beside_the_example(site, tmp_path, ACCOUNT + POOL)
    browser = await site.signed_in(Role.OPERATOR)
    assert "Đang gửi</span>" in (await browser.get("/console/accounts/esms-spare")).text
    await browser.post("/console/pauses", target=target, reason="bảo trì")
    for page in ("/console/accounts", "/console/accounts/esms-spare"):
        text = (await browser.get(page)).text
        shown = {one for one in ("Tạm dừng cả nhóm", "Đang gửi") if f"{one}</span>" in text}
        assert shown == {said}


async def test_what_the_directory_does_not_have_is_not_paused(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    for target in ("unit:H10.99", "pool:none", "channel:fax", "street:1", ""):
        assert (await browser.post("/console/pauses", target=target, reason="thử")).status == 404
    ended = await browser.post("/console/pauses/end", target="pool:sms")
    assert "không còn tạm dừng" in (await browser.get(ended.location)).text
    assert (await browser.get("/console/accounts/none")).status == 404


async def test_somebody_limited_to_units_steers_these_alone(site: ConsoleSite) -> None:
    browser = await site.limited(Role.OPERATOR, LOC_NINH)
    page = await browser.get("/console/accounts")
    assert "twilio-sms" in page.text
    assert "esms-main" not in page.text
    assert (await browser.get("/console/accounts/esms-main")).status == 404
    for target in ("everything", "pool:sms-abroad", "channel:sms", f"unit:{BU_DOP}"):
        answer = await browser.post("/console/pauses", target=target, reason="thử")
        assert answer.status == 403, target
    account = "/console/accounts/twilio-sms"
    for path, fields in (
        (f"{account}/pause", {"how": "pause", "reason": "thử"}),
        (f"{account}/resume", {}),
        (f"{account}/weight", {"pool": "sms-abroad", "weight": "1", "revision": "1"}),
        ("/console/accounts/alerts", {"kind": "pool_shut", "subject": "sms"}),
        ("/console/pauses/end", {"target": "everything"}),
    ):
        assert (await browser.post(path, **fields)).status == 403, path
    assert await site.audited() == []
    own = await browser.post("/console/pauses", target=f"unit:{LOC_NINH}", reason="mất điện")
    assert own.status == 303
    other = await site.limited(Role.OPERATOR, BU_DOP)
    assert "mất điện" not in (await other.get("/console/accounts")).text
    assert "mất điện" in (await browser.get("/console/accounts")).text


@pytest.mark.parametrize(("how", "drains"), [("pause", False), ("drain", True)])
async def test_an_account_is_paused_or_drained_and_resumed(
    site: ConsoleSite, how: str, drains: bool
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = "/console/accounts/esms-main"
    assert (await browser.post(f"{path}/pause", how=how, reason="")).status == 422
    done = await browser.post(f"{path}/pause", how=how, reason="hết hợp đồng")
    assert done.location == path
    [row] = await site.rows("SELECT code, drains, actor, reason FROM pause")
    assert tuple(row) == ("esms-main", drains, "user:a-operator", "hết hợp đồng")
    assert "hết hợp đồng" in (await browser.get(path)).text
    await browser.post(f"{path}/resume")
    assert await site.rows("SELECT FROM pause") == []
    again = await browser.post(f"{path}/resume")
    assert "không còn tạm dừng" in (await browser.get(again.location)).text
    begin = "pause.drain" if drains else "pause.begin"
    assert await site.audited() == [
        (begin, "account:esms-main", "hết hợp đồng"),
        ("pause.end", "account:esms-main", ""),
    ]


async def test_a_weight_is_a_version_of_the_pool(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = "/console/accounts/esms-main"
    [before] = await site.rows("SELECT revision FROM directory_head")
    for weight in ("-1", "1001", "nặng", ""):
        wrong = await browser.post(
            f"{path}/weight", pool="sms", weight=weight, revision=str(before[0])
        )
        assert wrong.status == 422, weight
    done = await browser.post(f"{path}/weight", pool="sms", weight="30", revision=str(before[0]))
    assert done.status == 303
    assert site.api.core.directory.now.pools["sms"].weight("esms-main") == 30
    late = await browser.post(f"{path}/weight", pool="sms", weight="40", revision=str(before[0]))
    assert late.status == 409
    assert (await browser.post(f"{path}/weight", pool="zalo", weight="1")).status == 404
    assert await site.audited() == [("directory.change", "pool:sms", "weights")]
    [row] = await site.rows("SELECT changed_by FROM directory_entry ORDER BY revision DESC LIMIT 1")
    assert row["changed_by"] == "user:a-operator"
