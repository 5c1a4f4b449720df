"""A centre with notifications in every state, and the staff who look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import ledger_rows as rows
from console_site import Browser, ConsoleSite

import gateway
from gateway.domain.dossier import DossierEvent
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.notification import AttemptResult, Lane, Watch, WatchKind
from gateway.domain.outcome import Reason
from gateway.domain.staff import Role
from gateway.domain.status import State
from gateway.intake.digest import canonical
from gateway.intake.events import read_event
from gateway.ledger import counting, moves
from gateway.services.apply_directory import apply, as_wanted
from gateway.services.booking import Posted
from gateway.services.live_templates import publish_shipped

TEMPLATES = Path(gateway.__file__).parent / "shipped" / "templates"
NOWHERE = "http://127.0.0.1:1"
ESMS = {"api_key": "k", "secret_key": "s", "callback_token": "t"}
HERE, THERE = "H10.12", "H10.13"
MOBILE, NAME = "0984 765 321", "Nguyễn Thị Minh Ánh"


def _unit(code: str, name: str) -> dict[str, Any]:
    route = [
        {"channel": "sms", "pool": "sms", "tries_s": [0, 0], "window_s": 3600},
        {"channel": "voice", "pool": "voice", "tries_s": [0]},
    ]
    point = {"verify_phone": "0271 1022", "pickup_point": "bu-dop"}
    return {"code": code, "name": name, "route": route, **point}


TABLES: dict[str, list[dict[str, Any]]] = {
    "pickup_point": [{"code": "bu-dop", "name": "Quầy Bù Đốp", "address": "1 Lê Hồng Phong"}],
    "account": [
        {"code": "esms", "provider": "esms", "base_url": NOWHERE, "secrets": ESMS, "sender": "TT"},
        {"code": "spare", "provider": "esms", "base_url": NOWHERE, "secrets": ESMS, "sender": "TT"},
        {
            "code": "calls",
            "provider": "twilio_voice",
            "base_url": NOWHERE,
            "sender": "+15005550006",
            "settings": {"account_sid": "AC00000000000000000000000000000001"},
            "secrets": {"auth_token": "t"},
        },
    ],
    "pool": [
        {"code": "sms", "channel": "sms", "accounts": ["esms", "spare"]},
        {"code": "voice", "channel": "voice", "accounts": ["calls"]},
    ],
    "unit": [_unit(HERE, "Trung tâm Bù Đốp"), _unit(THERE, "Trung tâm Lộc Ninh")],
    "source": [
        {
            "code": "igate",
            "name": "Một cửa",
            "namespace": "h10",
            "units": [HERE, THERE],
            "sources": ["/h10/igate"],
        }
    ],
}


def code_of(number: int) -> str:
    return f"000.00.12.H10-260303-{number:04d}"


def posted(
    number: int,
    phones: Sequence[str],
    name: str,
    unit: str,
    kind: str = "result-ready",
    **other: Any,
) -> Posted:
    """Another `event` about the dossier of this number, `again` or with other `details`."""
    kind = f"vn.dossier.{kind}"
    raw = {
        "specversion": "1.0",
        "id": other.pop("event", f"event-{number}"),
        "source": "/h10/igate",
        "type": kind,
        "time": other.pop("time", "2026-03-03T09:00:00+07:00"),
        "data": {
            **other,
            "dossier": {"code": code_of(number)},
            "applicant": {"name": name, "phones": list(phones)},
            "unit": unit,
            "pickup": {"point": "bu-dop"},
        },
    }
    event = read_event(raw)
    assert isinstance(event, DossierEvent), event
    return Posted(event=event, canonical=canonical(kind, raw["data"]))


@dataclass(kw_only=True)
class Centre:
    site: ConsoleSite
    ledger: asyncpg.Connection

    @classmethod
    async def open(cls, site: ConsoleSite) -> "Centre":
        core = site.api.core
        await publish_shipped(core.database, TEMPLATES)
        await core.templates.refresh()
        one = cls(site=site, ledger=await asyncpg.connect(site.database_url))
        await one.apply(TABLES)
        await one.count()
        return one

    async def apply(self, tables: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        """This directory and no other."""
        core = self.site.api.core
        wanted = [as_wanted(kind, table) for kind, each in tables.items() for table in each]
        await apply(core.database, core.sealer, wanted, "test")
        await core.directory.refresh()

    async def end_unit(self, code: str, successor: str) -> None:
        """It ended long ago, and another one does its work."""
        gone = {"valid_to": "2025-06-30", "successor": successor}
        units = [{**one, **gone} if one["code"] == code else one for one in TABLES["unit"]]
        await self.apply({**TABLES, "unit": units})

    async def count(self) -> None:
        """As the clock does every two seconds."""
        is_done = False
        while not is_done:
            async with self.ledger.transaction():
                is_done = await counting.count_old(self.ledger, 1000)
                is_done &= await counting.count_changed(self.ledger)

    async def owe(
        self,
        number: int,
        *,
        phones: Sequence[str] = (MOBILE,),
        name: str = NAME,
        unit: str = HERE,
        **other: Any,
    ) -> UUID:
        """A notification that a source asked for; it waits, or has failed without a phone."""
        source = self.site.api.core.directory.now.sources["igate"]
        one = posted(number, phones, name, unit, **other)
        [answer] = await self.site.api.parts.submit.submit(source, [one])
        [owed] = answer.owed
        return owed.id

    async def report(self, number: int, kind: str, **other: Any) -> None:
        """A source reports something that nobody is written about."""
        source = self.site.api.core.directory.now.sources["igate"]
        one = posted(number, (MOBILE,), NAME, HERE, kind, **other)
        [answer] = await self.site.api.parts.submit.submit(source, [one])
        assert not answer.owed

    async def send(
        self, notification_id: UUID, *, account: str = "esms", text: str = "", **result: Any
    ) -> None:
        """It is claimed and taken by its provider; a report is awaited."""
        await self.ledger.execute("UPDATE due SET due_at = 'infinity'")
        await self.ledger.execute(
            "UPDATE due SET due_at = now() WHERE notification_id = $1", notification_id
        )
        pool = "voice" if account == "calls" else "sms"
        [claimed] = await rows.take(self.ledger, lane=Lane(pool=pool), account=account)
        sealed = self.site.api.core.sealer.seal(
            f'{{"text": "{text}"}}'.encode(),
            notification_id.bytes + bytes((claimed.step, claimed.try_no)),
        )
        taken = AttemptResult(
            **{"outcome": "accepted", "provider_id": f"p-{notification_id}", **result},
            sealed=sealed[0],
            seal_key=sealed[1],
        )
        await moves.apply(
            self.ledger,
            [
                rows.about(
                    claimed,
                    State.SENT,
                    result=taken,
                    watch=Watch(kind=WatchKind.RECEIPT, in_s=3600),
                )
            ],
        )

    async def end(self, notification_id: UUID, state: State, reason: Reason | None = None) -> None:
        due = rows.due() if state is State.HELD else None
        change = rows.anywhere(notification_id, state, reason=reason, due=due)
        await moves.apply(self.ledger, [change])

    async def state(self, notification_id: UUID) -> tuple[str, str | None]:
        return await rows.state_of(self.ledger, notification_id)

    async def staff(self, name: str, *roles: Role, units: frozenset[str] | None = None) -> Browser:
        await self.site.add(name, *roles, units=units)
        browser = self.site.browser()
        assert (await browser.sign_in(name)).status == 303
        return browser

    async def close(self) -> None:
        await self.ledger.close()


def path_of(notification_id: UUID) -> str:
    return f"/console/messages/{show(NOTIFICATION, notification_id)}"
