"""Where states are written at all, told from the statements of the ledger."""

import re
from pathlib import Path

import pytest

import gateway

STATEMENTS = {
    path.relative_to(Path(gateway.__file__).parent).as_posix(): path.read_text(encoding="utf-8")
    for path in Path(gateway.__file__).parent.rglob("*.py")
    if "migrations" not in path.parts
}
# Accepting gives the first state, a claim and a restore make one move each, the moves all others.
WRITERS = {
    "ledger/event_rows.py",
    "ledger/claim.py",
    "ledger/moves.py",
    "ledger/restored.py",
}

_UPDATE = re.compile(r"UPDATE notification\b[^\"]*?\bSET\b(.*?)\bWHERE\b", re.DOTALL)


@pytest.mark.parametrize("statement", ["INSERT INTO history", "INSERT INTO notification "])
def test_nobody_else_writes_states_or_their_history(statement: str) -> None:
    assert {path for path, text in STATEMENTS.items() if statement in text} <= WRITERS


def test_nobody_else_sets_the_state_of_a_notification() -> None:
    setting = {
        path
        for path, text in STATEMENTS.items()
        if any(re.search(r"\bstate =", update) for update in _UPDATE.findall(text))
    }
    assert setting == WRITERS - {"ledger/event_rows.py"}
