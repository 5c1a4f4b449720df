"""The words of the line: what a site's own file may change, and what would fail in a call."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.services.line.texts import LineTexts

SHIPPED = Path(__file__).parents[3] / "templates" / "line.vi.toml"


def over(folder: Path, own: str) -> LineTexts:
    path = folder / "line.toml"
    path.write_text(own, encoding="utf-8")
    return LineTexts(SHIPPED, path)


def test_a_site_lays_its_own_words_over_the_shipped_ones(tmp_path: Path) -> None:
    texts = over(tmp_path, 'greeting = "Kính chào, {centre} xin nghe."\n[parts]\nprocedure = ""')
    assert texts.text("greeting", {"centre": "Bù Đốp"}) == "Kính chào, Bù Đốp xin nghe."
    assert texts.text("too_few", {}) == "Chưa đủ chữ số."


@pytest.mark.parametrize(
    ("own", "told"),
    [
        pytest.param('welcome = "x"', "there is no text 'welcome'", id="no such text"),
        pytest.param("greeting = 5", "there is no text 'greeting'", id="no text"),
        pytest.param('greeting = "{state}"', "greeting: names {state}", id="of another text"),
        pytest.param('own = "{ending}"', "own: names {ending}", id="of one of many dossiers"),
        pytest.param('[sms]\ngenuine = "{state}"', "genuine: names {state}", id="in writing"),
        pytest.param('[states]\nreturned = "{count}"', "returned: names {count}", id="of a state"),
        pytest.param('[parts]\ndue = "{hours}"', "due: names {hours}", id="of a part"),
        pytest.param('greeting = "{phone:d}"', "greeting: Unknown format code", id="as a number"),
        pytest.param('greeting = "{phone.x}"', "greeting: 'str' object", id="of its inside"),
        pytest.param('greeting = "{}"', "greeting: ", id="of no name"),
        pytest.param('greeting = "{phone"', "greeting: expected '}'", id="not closed"),
        pytest.param('greeting = " "', "greeting: says nothing", id="empty"),
    ],
)
def test_what_would_fail_in_a_call_stops_the_start(tmp_path: Path, own: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        over(tmp_path, own)
    assert told in str(refused.value)
