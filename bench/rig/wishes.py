"""What operators ask the console for, in the words and with the values of the ledger at hand.

Whom a search is about changes with every round; the searches at the end of the list are those that
a ledger hates: they find next to nothing, or nothing at all, by what no index knows.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import asyncpg

from bench.rig import province
from bench.rig.operator import Ask
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.text import index_words
from gateway.sealing import Keyring, Sealer
from gateway.services import payload


class Kind(StrEnum):
    OVERVIEW = "overview"
    PAGE = "page"
    SEARCH = "search"
    REPORT = "report"


# As of p95, in milliseconds.
WANTED_MS = {Kind.OVERVIEW: 200.0, Kind.PAGE: 200.0, Kind.SEARCH: 200.0, Kind.REPORT: 5_000.0}


@dataclass(frozen=True, kw_only=True)
class One:
    """A notification of the ledger, opened: whom somebody may look for. `name` as it is typed."""

    id: str
    dossier: str
    phone: str
    name: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    name: str
    kind: Kind
    asks: Callable[[One], Ask]


_SAMPLE = """
SELECT id, unit, sealed, seal_key FROM notification TABLESAMPLE SYSTEM ($1)
WHERE sealed IS NOT NULL AND state <> 'cancelled'
"""
_DRAWN = 2_000
_ABOUT = """
SELECT sum(c.reltuples) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'notification'::regclass AND c.reltuples > 0
"""


async def ones(url: str, keyring_file: Path, many: int, seed: int = 1) -> list[One]:
    """So many notifications, from all over the ledger."""
    sealer = Sealer(Keyring.load(keyring_file))
    connection = await asyncpg.connect(url, command_timeout=600)
    try:
        about = await connection.fetchval(_ABOUT)
        rows = await connection.fetch(_SAMPLE, min(100.0, 100 * _DRAWN / max(about, 1)))
    finally:
        await connection.close()
    drawn = random.Random(seed).sample(rows, min(many, len(rows)))
    return [_opened(row, sealer) for row in drawn]


def _opened(row: Mapping[str, object], sealer: Sealer) -> One:
    content = payload.read(sealer.open(row["sealed"], row["seal_key"], row["id"].bytes))
    digits = content.phones[0].e164.removeprefix("+84")
    return One(
        id=show(NOTIFICATION, row["id"]),
        dossier=content.event.dossier_code,
        phone=f"0{digits[:3]} {digits[3:6]} {digits[6:]}",
        name=" ".join(index_words(content.recipient.name)),
        unit=row["unit"],
    )


def wishes(now: datetime) -> list[Wish]:
    """`now` in the time of the centre. The month before the present one is whole."""
    last = now.replace(day=1) - timedelta(days=1)
    return [
        Wish(name="overview", kind=Kind.OVERVIEW, asks=_page("/console/overview")),
        Wish(name="what needs attention", kind=Kind.PAGE, asks=_page("/console/attention")),
        Wish(
            name="one message with its history",
            kind=Kind.PAGE,
            asks=lambda one: Ask(path=f"/console/messages/{one.id}"),
        ),
        Wish(
            name="counter, by dossier",
            kind=Kind.PAGE,
            asks=lambda one: Ask(path="/console/counter", form={"dossier": one.dossier}),
        ),
        *(
            Wish(name=name, kind=Kind.SEARCH, asks=_searched(form))
            for name, form in _searches(now, last).items()
        ),
        *(
            Wish(name=name, kind=Kind.REPORT, asks=_page(path))
            for name, path in _reports(now, last).items()
        ),
    ]


Form = Callable[[One], Mapping[str, str]]


def _searches(now: datetime, last: datetime) -> dict[str, Form]:
    """By the form of the list of messages."""
    month = {"from": f"{last:%Y-%m}-01", "to": f"{last:%Y-%m-%d}"}
    some_day = f"{now - timedelta(days=40):%Y-%m-%d}"
    big = {"unit": province.BIG_UNIT}
    failed = {"state": "failed"}
    return {
        "the newest": lambda _: {},
        "dossier": lambda one: {"dossier": one.dossier},
        "phone": lambda one: {"phone": one.phone},
        "name without accents": lambda one: {"name": one.name},
        "family name": lambda one: {"name": one.name.split()[0]},
        "middle and given name": lambda one: {"name": " ".join(one.name.split()[-2:])},
        "name in its unit": lambda one: {"name": one.name, "unit": one.unit},
        "name, failed": lambda one: {"name": one.name, **failed},
        "name and phone": lambda one: {"name": one.name, "phone": one.phone},
        "failed": lambda _: failed,
        "delivered": lambda _: {"state": "delivered"},
        "waiting": lambda _: {"state": "waiting"},
        "everything that is open": lambda _: {"state": "held,waiting,sending,sent"},
        "a reason alone": lambda _: {"reason": "unknown_outcome"},
        "failed for a reason": lambda _: {**failed, "reason": "no_usable_phone"},
        "unit": lambda one: {"unit": one.unit},
        "unit, failed": lambda one: {"unit": one.unit, **failed},
        "unit, failed for a reason": lambda one: {
            "unit": one.unit,
            **failed,
            "reason": "carrier_rejected",
        },
        "smallest unit, failed": lambda _: {"unit": province.unit_codes()[-1], **failed},
        "kind": lambda _: {"kind": "refused"},
        "channel": lambda _: {"channel": "voice"},
        "account": lambda _: {"account": "esms-main"},
        "account, failed": lambda _: {"account": "viettel", **failed},
        "a day": lambda _: {"from": some_day, "to": some_day},
        "a month, unit, failed": lambda one: {**month, "unit": one.unit, **failed},
        "big unit, kind, channel": lambda _: {**big, "kind": "fee-due", "channel": "voice"},
        # Hated.
        "an account without messages": lambda _: {"account": "twilio-sms"},
        "… in a unit": lambda one: {"account": "twilio-sms", "unit": one.unit},
        "two words that never go together": lambda _: {"name": "minh ngoc"},
        "a word that nobody has": lambda _: {"name": "zorro"},
        "failed for a reason that there is not": lambda _: {**failed, "reason": "phone_invalid"},
        "delivered, by an account without messages": lambda _: {
            "state": "delivered",
            "account": "twilio-sms",
        },
    }


def _reports(now: datetime, last: datetime) -> dict[str, str]:
    month = f"from={last:%Y-%m}-01&to={last:%Y-%m-%d}"
    half_a_year = f"from={now - timedelta(days=180):%Y-%m-%d}"
    return {
        **{
            f"report of a month by {by}": f"/console/reports?{month}&by={by}"
            for by in ("day", "unit", "account")
        },
        "report of half a year by unit": f"/console/reports?{half_a_year}&by=unit",
        "month to print": f"/console/reports/month?month={last:%Y-%m}",
        "month as spreadsheet": f"/console/reports/file?{month}&by=unit&as=xlsx",
    }


def _page(path: str) -> Callable[[One], Ask]:
    return lambda _: Ask(path=path)


def _searched(form: Form) -> Callable[[One], Ask]:
    return lambda one: Ask(path="/console/messages", form=form(one))
