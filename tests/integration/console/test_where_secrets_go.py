"""An administrator cannot learn the secrets of an account by sending them elsewhere."""

import pytest
from console_site import Answer, Browser, ConsoleSite
from forms import hidden

from gateway.domain.directory import Account
from gateway.domain.staff import Role
from gateway.ledger import tokens
from gateway.providers.contract import TokenPair
from gateway.services.tokens import store_pair

HOME, POST_TO = "/console/directory/account", "/console/connections/account"
ELSEWHERE = "https://collector.example"
ESMS_SECRETS = ("api_key", "callback_token", "secret_key")
GIVEN = {f"secret.{name}": f"new-{name}" for name in ESMS_SECRETS}


@pytest.fixture(autouse=True)
async def _directory(site: ConsoleSite) -> None:
    await site.with_directory()


@pytest.fixture
async def admin(site: ConsoleSite) -> Browser:
    return await site.signed_in(Role.ADMIN)


def account(site: ConsoleSite, code: str) -> Account:
    return site.api.core.directory.now.accounts[code]


def secrets(site: ConsoleSite, code: str) -> dict[str, str]:
    return dict(site.api.core.directory.now.secrets_of("account", code))


def form_of(one: Account, **changed: str) -> dict[str, str]:
    """What the form of an account posts as it stands."""
    return {
        "provider": one.provider,
        "base_url": one.base_url,
        "sender": one.sender,
        "settings": lines(one.settings),
        "templates": lines(one.templates),
        "unknown_policy": one.unknown_policy,
        **changed,
    }


def lines(pairs: object) -> str:
    assert isinstance(pairs, dict)
    return "\n".join(f"{name} = {value}" for name, value in pairs.items())


async def save(browser: Browser, code: str, typed: dict[str, str], **anew: str) -> Answer:
    """Look, then save exactly that with the secrets of `anew`."""
    revision = hidden(await browser.get(f"{HOME}/{code}"), "revision")
    shown = await browser.post(f"{POST_TO}/{code}", revision=revision, go="look", **typed)
    return await browser.post(
        f"{POST_TO}/{code}",
        revision=revision,
        go="save",
        shown=hidden(shown, "shown"),
        **typed,
        **anew,
    )


@pytest.mark.parametrize(
    "anew",
    [{}, {"secret.api_key": "new"}, {**GIVEN, "secret.secret_key": " "}],
    ids=["none", "one-of-three", "one-blank"],
)
async def test_another_address_waits_for_all_secrets(
    site: ConsoleSite, admin: Browser, anew: dict[str, str]
) -> None:
    before, kept = account(site, "esms-main"), secrets(site, "esms-main")
    refused = await save(admin, "esms-main", form_of(before, base_url=ELSEWHERE), **anew)
    assert refused.status == 422
    assert "mật khẩu và khóa sẽ được gửi đến nơi khác" in refused.text
    assert 'name="secret.secret_key" type="password" value=""' in refused.text
    assert account(site, "esms-main") == before
    assert secrets(site, "esms-main") == kept
    assert await site.audited() == []


async def test_who_enters_all_secrets_may_send_them_elsewhere(
    site: ConsoleSite, admin: Browser
) -> None:
    typed = form_of(account(site, "esms-main"), base_url=ELSEWHERE)
    assert (await save(admin, "esms-main", typed, **GIVEN)).status == 303
    assert account(site, "esms-main").base_url == ELSEWHERE
    assert secrets(site, "esms-main") == {name: f"new-{name}" for name in ESMS_SECRETS}
    [(_, _, detail)] = await site.audited()
    assert {"base_url", "secrets"} <= set(detail.split(", "))


async def test_what_stays_at_its_address_asks_for_no_secret(
    site: ConsoleSite, admin: Browser
) -> None:
    kept = secrets(site, "esms-main")
    typed = form_of(account(site, "esms-main"), sender="KHAC")
    assert (await save(admin, "esms-main", typed)).status == 303
    assert secrets(site, "esms-main") == kept


@pytest.mark.parametrize(
    "setting",
    ["oauth_base_url", "path"],
    ids=["host-of-the-tokens", "path-that-turns-the-host-into-a-name"],
)
async def test_a_setting_that_is_part_of_an_address_waits_for_the_secrets_too(
    site: ConsoleSite, admin: Browser, setting: str
) -> None:
    before = account(site, "zalo-oa")
    settings = {**before.settings, setting: "@collector.example"}
    refused = await save(admin, "zalo-oa", form_of(before, settings=lines(settings)))
    assert refused.status == 422
    assert "Hãy nhập lại app_secret, oa_secret_key rồi lưu" in refused.text
    assert account(site, "zalo-oa") == before


async def test_a_version_of_another_address_is_taken_back_with_its_secrets_only(
    site: ConsoleSite, admin: Browser
) -> None:
    await save(admin, "esms-main", form_of(account(site, "esms-main"), sender="KHAC"))
    before = account(site, "esms-main")
    first = hidden(await admin.get(f"{HOME}/esms-main"), "revision")
    await save(admin, "esms-main", form_of(before, base_url=ELSEWHERE), **GIVEN)
    newest = hidden(await admin.get(f"{HOME}/esms-main"), "revision")
    asked = await admin.post(f"{POST_TO}/esms-main/back", to=first, revision=newest)
    assert (asked.status, account(site, "esms-main").base_url) == (422, ELSEWHERE)
    assert f'value="{before.base_url}"' in asked.text
    done = await admin.post(
        f"{POST_TO}/esms-main",
        revision=newest,
        go="save",
        shown=hidden(asked, "shown"),
        **form_of(before),
        **{name: f"old-{value}" for name, value in GIVEN.items()},
    )
    assert done.status == 303
    assert account(site, "esms-main") == before
    assert set(secrets(site, "esms-main").values()) == {f"old-new-{one}" for one in ESMS_SECRETS}


async def stored_token(site: ConsoleSite, code: str) -> tokens.StoredToken:
    async with site.api.core.database.connection() as connection:
        found = await tokens.read(connection, code)
    assert found is not None
    return found


async def test_tokens_of_a_consent_do_not_follow_to_another_address(
    site: ConsoleSite, admin: Browser
) -> None:
    core = site.api.core
    pair = TokenPair(access="a", refresh="r", expires_in_s=90_000)
    await store_pair(core.database, core.sealer, "zalo-oa", pair)
    before = account(site, "zalo-oa")
    assert (await save(admin, "zalo-oa", form_of(before, rate_per_s="5"))).status == 303
    assert not (await stored_token(site, "zalo-oa")).lost
    anew = {"secret.app_secret": "x", "secret.oa_secret_key": "y"}
    moved = form_of(account(site, "zalo-oa"), base_url=ELSEWHERE)
    assert (await save(admin, "zalo-oa", moved, **anew)).status == 303
    given_up = await stored_token(site, "zalo-oa")
    assert given_up.lost
    # A refresh that was under way does not bring them back; a consent does.
    await store_pair(core.database, core.sealer, "zalo-oa", pair, after=given_up.version - 1)
    assert (await stored_token(site, "zalo-oa")).lost
    await store_pair(core.database, core.sealer, "zalo-oa", pair)
    assert not (await stored_token(site, "zalo-oa")).lost


@pytest.mark.parametrize("value", ["env:BAOTIN_KEYRING", "file:/etc/hostname"], ids=["env", "file"])
async def test_the_console_takes_no_name_of_a_file_or_variable_for_a_secret(
    site: ConsoleSite, admin: Browser, value: str
) -> None:
    kept = secrets(site, "esms-main")
    revision = hidden(await admin.get(f"{HOME}/esms-main"), "revision")
    alone = await admin.post(
        f"{POST_TO}/esms-main/secret", revision=revision, secret="api_key", value=value
    )
    typed = form_of(account(site, "esms-main"), base_url=ELSEWHERE)
    together = await save(admin, "esms-main", typed, **{**GIVEN, "secret.api_key": value})
    for refused in (alone, together):
        assert refused.status == 422
        assert "Ở đây phải ghi chính giá trị" in refused.text
        assert value not in refused.text
    assert secrets(site, "esms-main") == kept
