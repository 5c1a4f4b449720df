"""What `baotin sources test` shows of a payload, and which mapping files an installation has."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.errors import ConfigurationError
from gateway.intake.mapping import Mapping
from gateway.intake.mapping_trial import try_mapping
from gateway.intake.mappings import read_mappings

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "config/sources"
NATIONAL = SOURCES / "dong-bo-ho-so-mc.toml"
SAMPLE = ROOT / "tests/data/dong_bo_ho_so.json"

EXPECTED = {
    "0001": ("result-ready", ["+84984765321 (mobile)"]),
    "0002": ("result-ready", ["+84367123456 (mobile)"]),
    "0003": ("result-ready", ["+84912345678 (mobile)", "+842713568123 (landline)"]),
    "0004": ("supplement-required", ["+842713777111 (landline)"]),
    "0005": ("result-ready", ["+84912345678 (mobile)"]),
    "0006": ("result-ready", []),
    "0007": ("returned", ["+84972000111 (mobile)"]),
    "0008": ("fee-due", ["+84987654321 (mobile)"]),
    "0009": ("refused", []),
    "0010": ("ignored", None),
}


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    found = try_mapping(Mapping.from_toml(NATIONAL), json.loads(SAMPLE.read_bytes()))
    return {row["code_ending"]: row for row in found}


@pytest.mark.parametrize("ending", EXPECTED)
def test_a_dossier_of_the_sample_shows_its_kind_and_the_phones_read(
    rows: dict[str, dict[str, Any]], ending: str
) -> None:
    assert (rows[ending]["becomes"], rows[ending].get("phones")) == EXPECTED[ending]


@pytest.mark.parametrize(
    ("ending", "field", "expected"),
    [
        ("0003", "return_by", "post"),
        ("0003", "amount_vnd", 50_000),
        ("0004", "applicant", "organisation"),
        ("0008", "amount_vnd", 135_000),
        ("0009", "due_at", "2024-11-22T17:00:00+07:00"),
    ],
)
def test_a_dossier_of_the_sample_shows_what_else_was_read(
    rows: dict[str, dict[str, Any]], ending: str, field: str, expected: object
) -> None:
    assert rows[ending][field] == expected


def test_no_name_is_shown(rows: dict[str, dict[str, Any]]) -> None:
    assert "Nguyễn" not in json.dumps(list(rows.values()), ensure_ascii=False)


def test_a_dossier_without_a_number_says_so(rows: dict[str, dict[str, Any]]) -> None:
    assert "Không có số điện thoại dùng được." in rows["0006"]["problems"]


@pytest.mark.parametrize(
    ("status", "problems"), [pytest.param("4", 0, id="listed"), pytest.param("77", 1, id="not")]
)
def test_a_state_that_the_mapping_does_not_list_is_a_problem(status: str, problems: int) -> None:
    payload = json.loads(SAMPLE.read_bytes())
    payload["data"] = [{**payload["data"][0], "TrangThaiHoSo": status}]
    [row] = try_mapping(Mapping.from_toml(NATIONAL), payload)
    assert row["becomes"] == "ignored"
    assert len(row["problems"]) == problems


class TestTheCommand:
    def run(self, *arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["sources", "test", *map(str, arguments)])
        return result.exit_code, result.output

    def test_prints_json_for_machines(self) -> None:
        code, output = self.run(NATIONAL, SAMPLE, "--json")
        assert (code, len(json.loads(output))) == (0, 10)

    def test_prints_lines_for_people(self) -> None:
        code, output = self.run(NATIONAL, SAMPLE)
        assert code == 0
        assert "becomes: fee-due" in output

    def test_names_the_field_that_must_be_put_right_and_fails(self, tmp_path: Path) -> None:
        payload = json.loads(SAMPLE.read_bytes())
        payload["data"][0]["NgayHenTra"] = "soon"
        file = tmp_path / "payload.json"
        file.write_text(json.dumps(payload))
        code, output = self.run(NATIONAL, file)
        assert code == 1
        assert "/data/0/NgayHenTra: " in output

    def test_reads_parameters_of_the_address(self, tmp_path: Path) -> None:
        file = tmp_path / "payload.json"
        file.write_text(json.dumps(json.loads(SAMPLE.read_bytes())["data"][:1]))
        mapping = SOURCES / "dong-bo-ho-so-mc-array.toml"
        code, output = self.run(mapping, file, "--query", "MaDinhDanhDV=000.00.01.H22")
        assert code == 0
        assert "unit: 000.00.01.H22" in output

    @pytest.mark.parametrize("text", ["{", "{}", "[]"])
    def test_says_in_a_sentence_what_is_no_such_payload(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "payload.json"
        file.write_text(text)
        code, output = self.run(NATIONAL, file)
        assert code == 1
        assert output.startswith("Error: ")


class TestTheMappingsOfAnInstallation:
    def test_are_those_shipped_by_name(self) -> None:
        assert read_mappings(SOURCES, None).keys() == {
            *("dong-bo-ho-so-mc", "dong-bo-ho-so-mc-array", "igate")
        }

    def test_a_file_of_the_site_stands_in_place_of_a_shipped_one(self, tmp_path: Path) -> None:
        own = NATIONAL.read_text().replace('source = "/dong-bo-ho-so-mc"', 'source = "/h22"')
        (tmp_path / "dong-bo-ho-so-mc.toml").write_text(own)
        shutil.copy(SOURCES / "igate.toml", tmp_path / "igate-h22.toml")
        found = read_mappings(SOURCES, tmp_path)
        assert found["dong-bo-ho-so-mc"].source_uri == "/h22"
        assert {"igate", "igate-h22"} <= found.keys()

    def test_a_folder_that_is_not_there_is_an_error_with_the_name_of_its_setting(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(ConfigurationError, match=r"intake\.mappings_dir"):
            read_mappings(SOURCES, tmp_path / "nowhere")

    def test_a_file_that_cannot_work_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "own.toml").write_text("source = 1")
        with pytest.raises(ConfigurationError, match=r"own\.toml"):
            read_mappings(SOURCES, tmp_path)
