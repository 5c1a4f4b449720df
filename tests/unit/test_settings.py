from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.domain.dossier import EventKind
from gateway.errors import ConfigurationError
from gateway.settings import Settings, known_keys, load_settings
from gateway.settings.layers import DEFAULT_FILE

WriteSite = Callable[[str], dict[str, str]]


@pytest.fixture
def site(tmp_path: Path) -> WriteSite:
    """Write a site file and return the environment that names it."""

    def write(text: str) -> dict[str, str]:
        path = tmp_path / "site.toml"
        path.write_text(text, encoding="utf-8")
        return {"BAOTIN_CONFIG": str(path)}

    return write


def test_the_shipped_defaults_need_nothing_else() -> None:
    settings = load_settings({})
    assert settings.web.base_url == "http://127.0.0.1:8080"
    assert settings.database.url == ""
    assert settings.keys.keyring_file is None
    assert settings.hours.voice == ("08:00-11:30", "13:30-17:00")


def test_every_key_has_its_default_in_the_manual() -> None:
    manual = DEFAULT_FILE.read_text(encoding="utf-8")
    for section, key in known_keys():
        _, _, after = manual.partition(f"[{section}]\n")
        assert f"\n{key} = " in after.split("\n[")[0], f"{section}.{key}"


def test_the_site_file_overrides_the_defaults(site: WriteSite) -> None:
    settings = load_settings(site("[web]\nport = 9000\n"))
    assert settings.web.port == 9000
    assert settings.web.host == "127.0.0.1"


def test_the_environment_overrides_the_site_file(site: WriteSite) -> None:
    environment = site("[web]\nport = 9000\n") | {"BAOTIN_WEB_PORT": "9001"}
    assert load_settings(environment).web.port == 9001


def test_variables_of_other_programs_are_ignored() -> None:
    assert load_settings({"PATH": "/bin", "DATABASE_URL": "mysql://"}).database.url == ""


@pytest.mark.parametrize(
    ("variable", "text", "section", "key", "expected"),
    [
        pytest.param("BAOTIN_WEB_PORT", "81", "web", "port", 81, id="a number"),
        pytest.param("BAOTIN_CLOCK_TICK_S", "0.25", "clock", "tick_s", 0.25, id="a fraction"),
        pytest.param(
            "BAOTIN_HOURS_VOICE_WORKING_DAYS_ONLY",
            "false",
            "hours",
            "voice_working_days_only",
            False,
            id="yes or no",
        ),
        pytest.param(
            "BAOTIN_HOURS_SMS",
            "07:00-11:00, 14:00-20:00",
            "hours",
            "sms",
            ("07:00-11:00", "14:00-20:00"),
            id="a list",
        ),
        pytest.param(
            "BAOTIN_RECEIPTS_UNMATCHED_RETRY_S",
            "1,5,30",
            "receipts",
            "unmatched_retry_s",
            (1.0, 5.0, 30.0),
            id="a list of numbers",
        ),
        pytest.param(
            "BAOTIN_WEB_EXTERNAL_URL",
            "https://bao.example.gov.vn/",
            "web",
            "external_url",
            "https://bao.example.gov.vn",
            id="a URL without its final slash",
        ),
        pytest.param(
            "BAOTIN_KEYS_KEYRING_FILE",
            "/run/keys",
            "keys",
            "keyring_file",
            Path("/run/keys"),
            id="a key whose own name ends in file",
        ),
    ],
)
def test_the_environment_can_write(
    variable: str, text: str, section: str, key: str, expected: object
) -> None:
    assert getattr(getattr(load_settings({variable: text}), section), key) == expected


def test_a_secret_is_read_from_the_file_its_variable_names(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://baotin:word@db/baotin\n")
    settings = load_settings({"BAOTIN_DATABASE_URL_FILE": str(secret)})
    assert settings.database.url == "postgresql://baotin:word@db/baotin"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        pytest.param(
            {"BAOTIN_WEB_PORT": "http"},
            r"^web\.port \(from BAOTIN_WEB_PORT\): Input should be a valid integer",
            id="a word for a number",
        ),
        pytest.param(
            {"BAOTIN_WEB_PORT": "0"},
            r"^web\.port \(from BAOTIN_WEB_PORT\): Input should be greater than or equal to 1",
            id="a number out of range",
        ),
        pytest.param(
            {"BAOTIN_WEB_PROT": "80"},
            r"^BAOTIN_WEB_PROT \(from the environment\) is not a setting; did you mean BAOTIN_WEB_",
            id="an unknown variable",
        ),
        pytest.param(
            {"BAOTIN_ALERTS_SMTP_HOST": "mail", "BAOTIN_ALERTS_MAIL_TO": ","},
            r"^alerts\.smtp_host needs alerts\.mail_from and alerts\.mail_to$",
            id="half a way out",
        ),
        pytest.param(
            {"BAOTIN_ALERTS_WEBHOOK_SECRET": "%"},
            r"^alerts\.webhook_secret \(from BAOTIN_ALERTS_WEBHOOK_SECRET\): .*whsec_ and base64$",
            id="a secret that cannot sign",
        ),
        pytest.param(
            {"BAOTIN_LOGS_LEVEL": "loud"},
            r"^logs\.level \(from BAOTIN_LOGS_LEVEL\): Input should be 'debug', 'info'",
            id="an unknown word",
        ),
        pytest.param(
            {"BAOTIN_HOURS_SMS": "22:00-06:00"},
            r"^hours\.sms \(from BAOTIN_HOURS_SMS\): .*ends before it begins",
            id="a window over midnight",
        ),
        pytest.param(
            {"BAOTIN_REDIS_URL": "http://cache"},
            r"^redis\.url \(from BAOTIN_REDIS_URL\): .*must start with redis://",
            id="a URL of another kind",
        ),
        pytest.param(
            {"BAOTIN_DATABASE_URL_FILE": "/nowhere/at/all"},
            r"^BAOTIN_DATABASE_URL_FILE: the file cannot be read: No such file or directory$",
            id="a secret's file that is missing",
        ),
        pytest.param(
            {"BAOTIN_REDIS_URL": "redis://a", "BAOTIN_REDIS_URL_FILE": "/b"},
            r"^BAOTIN_REDIS_URL and BAOTIN_REDIS_URL_FILE are both set; keep one$",
            id="a value and a file for the same key",
        ),
        pytest.param(
            {"BAOTIN_CONFIG": "/nowhere/site.toml"},
            r"^/nowhere/site\.toml cannot be read: No such file or directory$",
            id="a site file that is missing",
        ),
    ],
)
def test_the_start_is_refused_for(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_settings(environment)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("[web]\nprot = 1\n", r"^web\.prot \(from .*site\.toml\) is", id="unknown key"),
        pytest.param("[wbe]\nport = 1\n", r"^wbe\.port \(from .*site\.toml\) is", id="section"),
        pytest.param("port = 1\n", r"site\.toml: port stands outside", id="no section"),
        pytest.param("[web\n", r"site\.toml is not TOML", id="not TOML"),
        pytest.param(
            "[web]\nport = 99999\n", r"^web\.port \(from .*site\.toml\): Input", id="bad value"
        ),
    ],
)
def test_the_start_is_refused_for_a_site_file_with(
    site: WriteSite, text: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_settings(site(text))


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_settings({"BAOTIN_WEB_PORT": "x", "BAOTIN_CLOCK_TICK_S": "-1"})
    assert str(refusal.value).count("\n") == 1


def test_a_wrong_secret_is_named_but_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("mysql://baotin:hidden@db/baotin")
    with pytest.raises(ConfigurationError, match=r"^database\.url") as refusal:
        load_settings({"BAOTIN_DATABASE_URL_FILE": str(secret)})
    assert "hidden" not in str(refusal.value)


def test_a_secret_does_not_show_when_settings_are_printed() -> None:
    settings = load_settings({"BAOTIN_DATABASE_URL": "postgresql://baotin:hidden@db/baotin"})
    assert "hidden" not in f"{settings!r} {settings}"


def test_settings_cannot_be_changed() -> None:
    settings = load_settings({})
    with pytest.raises(ValidationError, match="frozen"):
        settings.web = settings.web  # type: ignore[misc]


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_has_a_window(kind: EventKind) -> None:
    assert load_settings({}).windows.open_time(kind) >= timedelta(hours=1)


def test_receipts_are_told_the_outer_address_when_there_is_one() -> None:
    settings: Settings = load_settings({"BAOTIN_WEB_EXTERNAL_URL": "https://bao.example.gov.vn"})
    assert settings.web.public_url == "https://bao.example.gov.vn"
    assert load_settings({}).web.public_url == "http://127.0.0.1:8080"


def test_who_listens_everywhere_is_reached_at_home() -> None:
    settings = load_settings({"BAOTIN_WEB_HOST": "0.0.0.0", "BAOTIN_SANDBOX_HOST": "::"})
    assert settings.web.base_url == "http://127.0.0.1:8080"
    assert settings.sandbox.base_url == "http://[::1]:9090"
