"""`baotin users`: the way in before there is an administrator."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import asyncpg
import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(database_url: str) -> Run:
    def command(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", "users", *words],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "BAOTIN_DATABASE_URL": database_url},
        )

    return command


async def test_the_first_administrator_is_made_listed_changed_and_shut_out(
    run: Run, database_url: str
) -> None:
    made = run("add", "Thu", "--role", "admin", "--own", typed="sông Bé chảy về đâu\n")
    assert (made.returncode, made.stdout) == (0, "Thu may sign in\n"), made.stderr
    [shown] = json.loads(run("list", "--json").stdout)
    assert shown == {
        "name": "thu",
        "roles": ["admin"],
        "units": "all",
        "disabled": False,
        "must_change_password": False,
        "signed_in_at": None,
    }
    for words, typed, reason in (
        (("add", "binh", "--role", "viewer"), "ngắn\n", "at least 12 characters"),
        (("add", "thu", "--role", "viewer"), "sông Bé chảy về đâu\n", "is a user thu already"),
        (
            ("add", "binh", "--role", "viewer", "--unit", "X1"),
            "sông Bé chảy về đâu\n",
            "there is no unit X1",
        ),
        (("disable", "thu"), "", "nobody would be left"),
        (("roles", "thu", "--role", "viewer"), "", "nobody would be left"),
        (("reset-password", "nobody"), "sông Bé chảy về đâu\n", "there is no user nobody"),
    ):
        refused = run(*words, typed=typed)
        assert (refused.returncode, reason in refused.stderr) == (1, True), refused.stderr
    assert run("roles", "thu", "--role", "admin", "--role", "editor").returncode == 0
    assert run("reset-password", "thu", typed="cầu Sài Gòn về đêm\n").returncode == 0
    [shown] = json.loads(run("list", "--json").stdout)
    assert (shown["roles"], shown["must_change_password"]) == (["admin", "editor"], True)
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT action, subject FROM audit ORDER BY id")
    await connection.close()
    assert [tuple(row) for row in rows] == [
        ("user.add", "user:thu"),
        ("user.rights", "user:thu"),
        ("user.reset_password", "user:thu"),
    ]
