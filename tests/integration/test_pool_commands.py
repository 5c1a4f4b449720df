"""The commands for alerts, accounts and suppressions, as an operator runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from installation import Installation

PHONE = "0984 765 321"
NAME = "Nguyễn Thị Minh Ánh"


@pytest.fixture
def one(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Installation]:
    made = Installation(tmp_path, database_url, redis_url, {})
    made.prepare()
    yield made
    made.stop()


def run(one: Installation, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *words],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **one.env},
    )


def done(one: Installation, *words: str, typed: str = "") -> str:
    command = run(one, *words, typed=typed)
    assert command.returncode == 0, command.stderr
    return command.stdout


def shown(one: Installation, *words: str, typed: str = "") -> Any:
    return json.loads(done(one, *words, "--json", typed=typed))


async def told(one: Installation, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(one.database_url)
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement)
        return found
    finally:
        await connection.close()


async def test_alerts_are_listed_oldest_first_and_cleared_by_name(one: Installation) -> None:
    assert shown(one, "alerts") == []
    await told(
        one,
        "INSERT INTO alert (kind, subject, detail, times, since) VALUES"
        " ('unknown_code', 'esms-main', '999', 3, now()),"
        " ('pool_shut', 'sms', '', 1, now() - interval '1 hour')",
    )
    first, second = shown(one, "alerts")
    assert (first["kind"], first["subject"]) == ("pool_shut", "sms")
    assert {key: second[key] for key in ("kind", "subject", "detail", "times")} == {
        "kind": "unknown_code",
        "subject": "esms-main",
        "detail": "999",
        "times": 3,
    }
    assert "esms-main" in done(one, "alerts")
    assert done(one, "alerts", "clear", "unknown_code", "esms-main") == "cleared\n"
    assert [alert["kind"] for alert in shown(one, "alerts")] == ["pool_shut"]
    again = run(one, "alerts", "clear", "unknown_code", "esms-main")
    assert (again.returncode, "is open" in again.stderr) == (1, True)


async def test_accounts_are_shown_with_their_shares_stops_and_observations(
    one: Installation,
) -> None:
    await told(
        one,
        "INSERT INTO account_share (pool, account, kept, why)"
        " VALUES ('sms', 'esms-main', 0.8, 'faults')",
    )
    await told(
        one,
        "INSERT INTO account_tally (account, slot, calls, faults)"
        " VALUES ('esms-main', now(), 12, 2)",
    )
    await told(
        one,
        "INSERT INTO pause (scope, code, actor, reason)"
        " VALUES ('account', 'esms-main', 'gateway', 'wallet_empty')",
    )
    await told(
        one,
        "INSERT INTO alert (kind, subject, detail) VALUES"
        " ('account_stopped', 'esms-main', 'wallet_empty 103'),"
        " ('account_stopped', 'zalo-oa', 'credentials -216')",
    )
    pools = {pool["pool"]: pool["accounts"] for pool in shown(one, "accounts")}
    [account] = pools["sms"]
    assert (account["account"], account["provider"], account["weight"]) == (
        "esms-main",
        "esms",
        100,
    )
    assert (account["keeps"], account["kept_because"], account["price_vnd"]) == (0.8, "faults", 800)
    assert (account["calls"], account["faults"], account["late"]) == (12, 2, 0)
    assert (account["stopped"]["by"], account["stopped"]["why"]) == ("gateway", "wallet_empty")
    [tried] = pools["zalo"]
    assert (tried["keeps"], tried["stopped"]["by"]) == (1.0, "trial")
    assert pools["voice"][0]["stopped"] is None
    assert "esms-main" in done(one, "accounts")

    done(one, "pause", "account", "esms-main", "--reason", "we pay first")
    pools = {pool["pool"]: pool["accounts"] for pool in shown(one, "accounts")}
    assert pools["sms"][0]["stopped"]["why"] == "we pay first"
    assert done(one, "resume", "account", "esms-main") == "resumed\n"


async def test_what_is_done_by_command_is_in_the_audit(one: Installation, tmp_path: Path) -> None:
    done(one, "pause", "pool", "sms", "--reason", "thử")
    done(one, "resume", "pool", "sms")
    done(one, "resume", "pool", "sms")
    done(one, "pause", "channel", "voice", "--reason", "tổng đài bận")
    done(one, "resume", "channel", "voice")
    done(one, "pause", "account", "esms-main", "--reason", "hết hạn", "--drain")
    key = done(one, "keys", "create", "igate-bu-dop").strip()
    done(one, "keys", "revoke", key.split("_")[1])
    await told(one, "INSERT INTO alert (kind, subject) VALUES ('pool_shut', 'sms')")
    done(one, "alerts", "clear", "pool_shut", "sms")
    done(one, "accounts")
    rows = await told(
        one,
        "SELECT action, subject, detail FROM audit WHERE action NOT LIKE 'user.%' ORDER BY id",
    )
    prefix = key.split("_")[1]
    assert [tuple(row) for row in rows] == [
        ("pause.begin", "pool:sms", "thử"),
        ("pause.end", "pool:sms", ""),
        ("pause.begin", "channel:voice", "tổng đài bận"),
        ("pause.end", "channel:voice", ""),
        ("pause.drain", "account:esms-main", "hết hạn"),
        ("keys.create", "source:igate-bu-dop", f"{prefix} live post,read"),
        ("keys.revoke", f"key:{prefix}", ""),
        ("alert.clear", "pool_shut:sms", ""),
    ]


async def test_breakers_and_balances_stand_with_the_accounts(one: Installation) -> None:
    [account] = {pool["pool"]: pool["accounts"] for pool in shown(one, "accounts")}["sms"]
    assert (account["breaker"], account["balance"], account["balance_read_at"]) == (None,) * 3
    await told(
        one,
        "INSERT INTO heartbeat (process, kind, breakers)"
        " VALUES (gen_random_uuid(), 'worker', '{}'), (gen_random_uuid(), 'clock', '{}'),"
        ' (gen_random_uuid(), \'worker\', \'{"esms-main": {"state": "open",'
        ' "since": "2026-03-03T02:00:00Z"}}\')',
    )
    await told(one, "INSERT INTO account_balance VALUES ('esms-main', 36693, 'VND')")
    pools = {pool["pool"]: pool["accounts"] for pool in shown(one, "accounts")}
    assert pools["sms"][0]["breaker"] == "1 open of 2 workers"
    assert pools["sms"][0]["balance"] == "36693 VND"
    assert pools["voice"][0]["breaker"] == "closed"


async def test_a_person_is_suppressed_listed_masked_and_written_to_again(
    one: Installation,
) -> None:
    add = ("suppressions", "add", "--phone", "--name", "--reason", "by_staff", "--days", "30")
    added = done(
        one, *add, "--channel", "sms", "--note", "asked at the desk", typed=f"{PHONE}\n{NAME}\n"
    )
    other = done(
        one, "suppressions", "add", "--phone", "--reason", "wrong_number", typed="0912 345 678\n"
    )
    listed = done(one, "suppressions", "list", "--json")
    newest, oldest = json.loads(listed)
    assert (newest["id"], newest["person"], newest["channel"]) == (other.strip(), False, None)
    assert (oldest["id"], oldest["person"], oldest["channel"]) == (added.strip(), True, "sms")
    assert (oldest["phone"], oldest["note"]) == ("+84•••321", "asked at the desk")
    assert oldest["until"] > oldest["since"]
    for secret in ("984765321", "984 765 321", "Ánh", "anh"):
        assert secret not in listed
    [found] = shown(one, "suppressions", "list", "--phone", typed=f"{PHONE}\n")
    assert found["id"] == added.strip()

    assert done(one, "suppressions", "end", added.strip()) == "ended\n"
    assert [row["id"] for row in shown(one, "suppressions", "list")] == [other.strip()]
    assert run(one, "suppressions", "end", added.strip()).returncode == 1
    assert run(one, "suppressions", "end", "ntf_1").returncode == 1
    nobody = run(one, "suppressions", "add", "--phone", "--reason", "by_staff", typed="none\n")
    assert (nobody.returncode, "give one phone number" in nobody.stderr) == (1, True)
    rows = await told(
        one,
        "SELECT action, why, found FROM audit WHERE action LIKE 'suppressions.%' ORDER BY at, id",
    )
    assert [row["action"] for row in rows if row["action"] != "suppressions.list"] == [
        "suppressions.add",
        "suppressions.add",
        "suppressions.end",
    ]
    assert rows[0]["why"] == "asked at the desk"


async def test_published_texts_are_held_against_what_is_registered(one: Installation) -> None:
    told = done(one, "templates", "registered")
    assert told == "no account in use has registered texts, or needs them\n"
    registered = {"kind": "result-ready", "id": "T-1", "text": "Ho so {code} da co ket qua."}
    await one.replace_account("esms-main", registered=[registered])
    command = run(one, "templates", "registered")
    assert command.returncode == 1
    ready, received, *_ = command.stdout.splitlines()
    assert ready.startswith("esms-main  H10.12  ")
    assert "nothing registered for" in command.stdout
    assert "text T-1: expected “Ho so " in command.stdout
    assert received.startswith("esms-main  H10.12  ")
