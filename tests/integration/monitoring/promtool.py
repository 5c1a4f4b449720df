"""Asking promtool, the judge of Prometheus' own making."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOUND = shutil.which("promtool", path=str(Path(sys.executable).parent)) or shutil.which("promtool")

# It makes a database for each test of rules and waits for the disk each time.
_MEMORY = Path("/dev/shm")
_ENVIRONMENT = {**os.environ, "TMPDIR": str(_MEMORY)} if _MEMORY.is_dir() else None

_ALERTING = ("baotin-processes", "baotin-delivery", "baotin-accounts")

needs_promtool = pytest.mark.skipif(
    FOUND is None,
    reason="promtool is not there: on Debian, tests/integration/monitoring/set_up.sh fetches it",
)


def promtool(*arguments: str | Path, text: str | None = None) -> str:
    """What it says; fails with it where it is not content."""
    assert FOUND
    done = subprocess.run(
        [FOUND, *arguments], input=text, capture_output=True, text=True, env=_ENVIRONMENT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_expressions(expressions: dict[str, str], folder: Path) -> None:
    """Each must be PromQL. By the names of recorded series that they might have."""
    rules = [{"record": name, "expr": expr} for name, expr in expressions.items()]
    file = folder / "expressions.yml"
    # JSON is YAML, too.
    file.write_text(json.dumps({"groups": [{"name": "expressions", "rules": rules}]}))
    promtool("check", "rules", file)


def try_rules(
    tests: list[dict[str, Any]], rules: list[Path], folder: Path, every_min: int = 1
) -> None:
    """Evaluate the rules on each test's series; its expectations must come true."""
    file = folder / "tests.yml"
    wanted = {
        "rule_files": [str(rule) for rule in rules],
        "evaluation_interval": f"{every_min}m",
        # Whatever is recorded is there when alerts look at it.
        "group_eval_order": ["baotin-recording", *_ALERTING],
        "tests": tests,
    }
    file.write_text(json.dumps(wanted))
    promtool("test", "rules", file)
