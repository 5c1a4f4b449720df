"""A directory file that is wrong names the entry and says what to do; a right one is read."""

from pathlib import Path
from textwrap import dedent

import pytest

from gateway.errors import DirectoryError
from gateway.services.apply_directory import read_file
from gateway.services.directory_rules import Installed, Wanted

INSTALLED = Installed(
    providers=["esms", "vnpt", "zalo_zns"],
    mappings={"igate": "/h10/igate"},
    need_registration=["vnpt"],
)
RIGHT = dedent(
    """
    [[pickup_point]]
    code = "bu-dop"
    name = "Quầy Bù Đốp"
    address = "1 Lê Hồng Phong"

    [[account]]
    code = "esms-main"
    provider = "esms"
    base_url = "http://127.0.0.1:9090"
    secrets = { api_key = "env:KEY" }

    [[pool]]
    code = "sms"
    channel = "sms"
    accounts = ["esms-main"]

    [[unit]]
    code = "H10.12"
    name = "Bù Đốp"
    verify_phone = "1022"
    pickup_point = "bu-dop"
    route = [{ channel = "sms", pool = "sms" }]

    [[source]]
    code = "igate"
    name = "Một cửa"
    namespace = "h10"
    units = ["H10.12"]
    sources = ["/h10/igate"]

    [[calendar_day]]
    code = "2026-04-30"
    day = 2026-04-30
    works = false
    """
)


OTHER = dedent(
    """
    route = [{ channel = "sms", pool = "sms" }]

    [[unit]]
    code = "H10.13"
    name = "Lộc Ninh"
    verify_phone = "1022"
    aliases = ["B", "H10.13"]
    pickup_point = "bu-dop"
    """
)


def _read(folder: Path, text: str) -> list[Wanted]:
    path = folder / "directory.toml"
    path.write_text(text, encoding="utf-8")
    return read_file(path, INSTALLED)


def test_a_right_file_is_read_with_its_secrets_apart(tmp_path: Path) -> None:
    wanted = {(one.kind, one.model.code): one for one in _read(tmp_path, RIGHT)}
    assert {kind for kind, _ in wanted} == {
        *("pickup_point", "account", "pool", "unit", "source", "calendar_day"),
    }
    account = wanted["account", "esms-main"]
    assert account.secrets == {"api_key": "env:KEY"}
    assert "secrets" not in account.body
    assert "env:KEY" not in str(account.body)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            ('provider = "esms"', 'provider = "smoke"'),
            "account]] esms-main: provider smoke is not known; choose one of esms, vnpt, zalo_zns",
            id="unknown-provider",
        ),
        pytest.param(
            ('accounts = ["esms-main"]', 'accounts = ["esms-main"]\nweights = { esms-man = 5 }'),
            "pool]] sms: weights name esms-man, which its accounts do not; add the account",
            id="weight-of-a-stranger",
        ),
        pytest.param(
            ('provider = "esms"', 'provider = "zalo_zns"\nbalance_alert_below = 5'),
            "account]] esms-main: zalo_zns does not tell what an account has left",
            id="a-limit-that-nobody-could-heed",
        ),
        pytest.param(
            ('pickup_point = "bu-dop"', 'pickup_point = "bu-dop"\naliases = ["A", "B"]' + OTHER),
            "unit]] H10.13: alias B already means unit H10.12; take it out of one of them",
            id="an-alias-of-two-units",
        ),
        pytest.param(
            ('pickup_point = "bu-dop"', 'pickup_point = "bu-dop"\naliases = ["H10.13"]' + OTHER),
            "unit]] H10.12: alias H10.13 already means unit H10.13",
            id="an-alias-that-is-a-code",
        ),
        pytest.param(
            ('provider = "esms"', 'provider = "vnpt"'),
            "account]] esms-main: vnpt sends registered texts only; add a [[account.registered]]",
            id="nothing-registered",
        ),
        pytest.param(
            (
                'provider = "esms"',
                'provider = "vnpt"\nregistered = [{ kind = "fee-due", text = "Phi" }]',
            ),
            "account]] esms-main: the registered text of fee-due has no id",
            id="registered-without-id",
        ),
        pytest.param(
            (
                'provider = "esms"',
                'provider = "esms"\nregistered = [{ kind = "fee", text = "Phi" }]',
            ),
            "account]] esms-main: registered texts of kind fee, which is none; choose one of",
            id="registered-for-no-kind",
        ),
        pytest.param(
            ('accounts = ["esms-main"]', 'accounts = ["esms-man"]'),
            "pool]] sms: names account esms-man, which is not in the file",
            id="unknown-account",
        ),
        pytest.param(
            ('pickup_point = "bu-dop"', 'pickup_point = "moon"'),
            "unit]] H10.12: names pickup_point moon",
            id="unknown-pickup-point",
        ),
        pytest.param(
            ('pool = "sms" }', 'pool = "fax" }'),
            "unit]] H10.12: names pool fax",
            id="unknown-pool",
        ),
        pytest.param(
            ('units = ["H10.12"]', 'units = ["H10.12", "H10.13"]'),
            "source]] igate: names unit H10.13",
            id="unknown-unit",
        ),
        pytest.param(
            ('verify_phone = "1022"', 'verify_phone = "1022"\nsuccessor = "H10.99"'),
            "unit]] H10.12: names unit H10.99",
            id="unknown-successor",
        ),
        pytest.param(
            ('{ channel = "sms", pool', '{ channel = "voice", pool'),
            "route step voice uses pool sms, which is a pool of sms",
            id="pool-of-another-channel",
        ),
        pytest.param(
            ('code = "bu-dop"', 'code = "bu dop"'), "pickup_point]] bu dop: code", id="bad-code"
        ),
        pytest.param(
            ('name = "Bù Đốp"\n', ""), "unit]] H10.12: name: Field required", id="missing-field"
        ),
        pytest.param(
            ("works = false", 'works = false\ncolour = "red"'),
            "calendar_day]] 2026-04-30: colour",
            id="unknown-field",
        ),
        pytest.param(("[[pool]]", "[[pols]]"), "unknown tables pols", id="unknown-table"),
        pytest.param(("[[pool]]", "[[key]]"), "unknown tables key", id="keys-are-not-in-the-file"),
        pytest.param(("[[pool]]", "[[pool"), "directory.toml: ", id="not-toml"),
        pytest.param(
            ('api_key = "env:KEY"', "api_key = 5"),
            "account]] esms-main: secrets: a table in which each is a text",
            id="secret-that-is-no-text",
        ),
        pytest.param(
            ('secrets = { api_key = "env:KEY" }', 'secrets = "env:KEY"'),
            "account]] esms-main: secrets: a table in which each is a text",
            id="secrets-that-are-no-table",
        ),
        pytest.param(
            ("[[account]]", "[account]"),
            "as a table of its own, [[account]]",
            id="one-table",
        ),
        pytest.param(
            ('namespace = "h10"', 'namespace = "h10"\nmapping = "vbdlis"'),
            "source]] igate: mapping vbdlis is not known; choose one of igate",
            id="unknown-mapping",
        ),
    ],
)
def test_a_wrong_file_says_which_entry_and_what(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    before, after = change
    assert before in RIGHT
    with pytest.raises(DirectoryError) as refused:
        _read(tmp_path, RIGHT.replace(before, after, 1))
    assert says in str(refused.value)


def test_an_entry_may_not_stand_twice(tmp_path: Path) -> None:
    twice = RIGHT + '\n[[calendar_day]]\ncode = "2026-04-30"\nday = 2026-04-30\nworks = true\n'
    with pytest.raises(DirectoryError, match="calendar_day]] 2026-04-30: stands twice"):
        _read(tmp_path, twice)


def test_a_secret_is_never_in_the_error(tmp_path: Path) -> None:
    wrong = RIGHT.replace('"env:KEY"', '["pa55word"]')
    with pytest.raises(DirectoryError) as refused:
        _read(tmp_path, wrong)
    assert "pa55word" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match=r"nowhere\.toml"):
        read_file(tmp_path / "nowhere.toml", INSTALLED)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "directory.toml"
    path.write_bytes("name = 'Bù Đốp'".encode("utf-16"))
    with pytest.raises(DirectoryError, match=r"directory\.toml"):
        read_file(path, INSTALLED)
