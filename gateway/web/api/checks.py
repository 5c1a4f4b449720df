"""`?check=1`: answers what would be sent, and stores nothing."""

from typing import Any

from aiohttp import web

from gateway.intake.problems import Refusal
from gateway.web.answers import problem

Checked = dict[str, Any] | Refusal


def only_checks(request: web.Request) -> bool:
    """Raises a 400 problem for a value that is neither yes nor no: a guess might send."""
    wish = request.query.get("check", "0")
    if wish not in ("0", "1"):
        raise problem(400, "wrong_parameter", "Send check=1 to only check, or leave it out.")
    return wish == "1"


def check_entry(checked: Checked) -> dict[str, Any]:
    """One of several answers."""
    if isinstance(checked, Refusal):
        return {"status": checked.status, "problem": checked.body()}
    return {"status": 200, **checked}
