"""The pages under docs/ say what the code does."""

import re
from pathlib import Path

import pytest

from gateway.domain.status import ALLOWED, State
from gateway.settings.manual import configuration_page

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"

_EDGE = re.compile(r"(\S+) --> (\w+)")
_GROUP = re.compile(r"state (\w+) \{(.*?)\}", re.DOTALL)


def _diagram() -> str:
    page = (DOCS / "states.md").read_text(encoding="utf-8")
    found = re.search(r"```mermaid\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def _groups(diagram: str) -> dict[str, set[str]]:
    states = set(State)
    return {name: states & set(re.findall(r"\w+", body)) for name, body in _GROUP.findall(diagram)}


def test_the_diagram_of_states_shows_exactly_the_allowed_moves() -> None:
    diagram = _diagram()
    groups = _groups(diagram)
    drawn = {
        (before, after)
        for origin, after in _EDGE.findall(diagram)
        if origin != "[*]"
        for before in groups.get(origin, {origin})
    }
    assert drawn == set(ALLOWED)


def test_every_state_has_its_paragraph_and_no_other_thing_has() -> None:
    page = (DOCS / "states.md").read_text(encoding="utf-8")
    assert re.findall(r"^## `(\w+)`$", page, re.MULTILINE) == [state.value for state in State]


def test_the_page_of_settings_is_the_default_file() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert page == configuration_page(), "run `make docs`"


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name
)
def test_no_link_leads_nowhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [
        target.partition("#")[0]
        for target in re.findall(r"\]\(([^)]+)\)", text)
        if not target.startswith(("http", "#"))
    ]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_page_on_the_arrangement_of_the_code_names_only_what_is_there() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:gateway|workers|tests|templates|config)/[^` ]*)`", page)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
