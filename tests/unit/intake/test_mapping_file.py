"""A mapping file that cannot work stops the start and says why."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.intake.mapping import Mapping

ROOT = Path(__file__).parents[3]
GOOD = (ROOT / "config/sources/dong-bo-ho-so-mc.toml").read_text(encoding="utf-8")


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        Mapping.from_toml(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        pytest.param('"MaHoSo"', '"MaHoSo["', "fields.code: ", id="an expression cut off"),
        pytest.param('"MaHoSo"', "7", "fields.code: ", id="an expression that is a number"),
        pytest.param('code = "MaHoSo"', "", "fields.code: ", id="no dossier code"),
        pytest.param('due_at = "', 'due_on = "', "fields.due_on: ", id="a field not known"),
        pytest.param('"result-ready"', '"ready"', "status.kinds.9", id="a kind not known"),
        pytest.param('1 = "post"', '1 = "mail"', "return_by.values.1", id="a value not known"),
        pytest.param("{occurrence}", "{when}", "event_id: ", id="an id that cannot be filled"),
        pytest.param(".{occurrence}", "", "event_id: ", id="an id that forgets the occurrence"),
        pytest.param(
            'returned = "NgayTra"', "", "occurrence: ", id="a kind whose repeats look alike"
        ),
        pytest.param('["%Y%m%d%H%M%S"]', '["%Q"]', "date_formats.0", id="a date format"),
        pytest.param('"notifications"', '"phones"', "answer: ", id="an answer that tells too much"),
        pytest.param("[status]", "[status", "line", id="not TOML"),
    ],
)
def test_a_wrong_key_is_named_with_the_reason(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    assert right in GOOD
    message = refusal(tmp_path, GOOD.replace(right, wrong))
    assert message.startswith("site.toml: ")
    assert told in message


def test_a_bad_expression_is_shown(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD.replace('"MaHoSo"', '"MaHoSo["'))
    assert "not a JMESPath expression" in message
    assert "MaHoSo[" in message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        Mapping.from_toml(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config/sources").glob("*.toml")), ids=lambda path: path.stem
)
def test_every_mapping_that_is_shipped_can_work(path: Path) -> None:
    assert Mapping.from_toml(path).source_uri.startswith("/")
