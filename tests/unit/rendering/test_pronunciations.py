"""The shipped list, a site's list over it, and what a list may not hold."""

from pathlib import Path

import pytest

from gateway.domain.speech import Dialect, read_aloud
from gateway.errors import ConfigurationError
from gateway.rendering.pronunciations import load_reader

SHIPPED = Path(__file__).parents[3] / "config" / "pronunciations.toml"


def site_list(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_site_adds_its_own_names_and_changes_ours(tmp_path: Path) -> None:
    site = site_list(
        tmp_path, '[say]\n"BĐ" = "Bù Đốp"\n"UBND BĐ" = "ủy ban Bù Đốp"\n"Zalo" = "za lô"\n'
    )
    reader = load_reader(Dialect(), SHIPPED, site)
    assert read_aloud("UBND BĐ, BĐ, Zalo, GPLX", reader) == (
        "ủy ban Bù Đốp, Bù Đốp, za lô, giấy phép lái xe"
    )


def test_an_empty_text_takes_a_shipped_entry_out(tmp_path: Path) -> None:
    reader = load_reader(Dialect(), SHIPPED, site_list(tmp_path, '[say]\n"CP" = ""\n'))
    assert read_aloud("CP", reader) == "xê pê"


def test_figures_in_a_list_are_read_in_the_dialect(tmp_path: Path) -> None:
    site = site_list(tmp_path, '[say]\n"Đ105" = "đường 105"\n')
    reader = load_reader(Dialect(zero_tens="linh"), SHIPPED, site)
    assert read_aloud("Đ105", reader) == "đường một trăm linh năm"


def test_a_key_is_the_same_composed_and_decomposed(tmp_path: Path) -> None:
    site = site_list(tmp_path, '[say]\n"Bu\u0300  \u0110o\u0302\u0301p" = "nơi ấy"\n')
    assert read_aloud("ở Bù Đốp", load_reader(Dialect(), SHIPPED, site)) == "ở nơi ấy"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[say", "is not TOML"),
        ('[said]\n"A" = "b"\n', "no 'said'"),
        ("say = 1\n", "say must be a table"),
        ('[say]\n"BĐ" = 5\n', "'BĐ' must be a text"),
        ('[say]\n" - " = "b"\n', "has no letter and no figure"),
        ('[say]\n"BĐ" = "..."\n', "'BĐ' has no word"),
        (f'[say]\n"BĐ" = "{"a" * 201}"\n', "'BĐ' is longer than 200"),
        ("[say]\n" + "".join(f'"K{n}" = "ca"\n' for n in range(5001)), "more than 5000"),
    ],
    ids=["syntax", "table", "no table", "number", "key", "no word", "long", "many"],
)
def test_a_list_that_cannot_be_used_is_refused_with_its_file(
    tmp_path: Path, text: str, reason: str
) -> None:
    site = site_list(tmp_path, text)
    with pytest.raises(ConfigurationError, match=reason) as refused:
        load_reader(Dialect(), SHIPPED, site)
    assert str(site) in str(refused.value)


def test_a_list_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml cannot be read"):
        load_reader(Dialect(), SHIPPED, tmp_path / "none.toml")
