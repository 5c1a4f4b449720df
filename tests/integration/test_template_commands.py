"""Templates as files, by the commands that people type."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.sealing import Keyring

CHANGED = (
    "{{ centre }}: hồ sơ số {{ code }} đã xong. "
    "{% if not by_post %}Mời {{ you }} đến {{ where }}, {{ when }}.{% endif %} "
    "Hỏi: {{ verify_phone }}.\n"
)


@pytest.fixture
def environment(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Keyring.generate().save(tmp_path / "keyring.json")
    monkeypatch.setenv("BAOTIN_DATABASE_URL", database_url)
    monkeypatch.setenv("BAOTIN_REDIS_URL", redis_url)
    monkeypatch.setenv("BAOTIN_KEYS_KEYRING_FILE", str(tmp_path / "keyring.json"))


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.usefixtures("environment")
def test_templates_go_out_to_files_and_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    assert _run("migrate").exit_code == 0
    assert _run("templates", "export", str(folder)).output == f"27 templates written to {folder}\n"
    same = _run("templates", "import", str(folder))
    assert same.output == "27 templates read, 27 of them are in force already\n"

    file = folder / "result-ready" / "sms.vi.j2"
    file.write_text(CHANGED, encoding="utf-8")
    drafted = _run("templates", "import", str(folder))
    assert drafted.exit_code == 0
    assert "result-ready/sms.vi: drafted" in drafted.output
    again = _run("templates", "import", str(folder))
    assert again.exit_code == 1
    assert "result-ready/sms.vi: refused" in again.output

    released = _run("templates", "import", str(folder), "--release", "--note", "from git")
    assert "result-ready/sms.vi: released" in released.output
    file.unlink()
    _run("templates", "export", str(folder))
    assert file.read_text(encoding="utf-8") == CHANGED


@pytest.mark.usefixtures("environment")
def test_a_bad_file_is_refused_with_its_name_and_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    _run("migrate")
    _run("templates", "export", str(folder))
    (folder / "received" / "sms.vi.j2").write_text("{{ ten }}", encoding="utf-8")
    refused = _run("templates", "import", str(folder), "--release")
    assert refused.exit_code == 1
    assert "received/sms.vi.j2: There is no word “ten”" in refused.output
