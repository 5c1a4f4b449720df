"""What operators see and do about accounts, alerts, suppressions and registered texts."""

import getpass
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from gateway.administration.reached import ledger_of
from gateway.domain import identity
from gateway.domain.alert import AlertKind
from gateway.domain.directory import Directory
from gateway.embedded.attached import attached, with_made_keyring
from gateway.errors import BaotinError
from gateway.ledger import audit
from gateway.ledger import directory as stored
from gateway.ledger.alerts import OpenAlert
from gateway.ledger.breakers import Heard
from gateway.ledger.database import Connection, Database
from gateway.providers.registry import NEED_REGISTRATION
from gateway.rendering.samples import load_samples
from gateway.sealing import Hasher, Sealer
from gateway.services.account_standing import AccountStandings, Standing
from gateway.services.live_directory import assemble
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint
from gateway.services.open_alerts import OpenAlerts
from gateway.services.suppress import SUPPRESSION, Suppress, Wish
from gateway.services.try_registered import Trial, trials
from gateway.settings import Settings
from gateway.wiring import TEMPLATES, keyring_of, reader_of, wire_core, wire_telling


class Pools:
    def __init__(self, settings: Settings) -> None:
        self._settings = with_made_keyring(settings)
        self.actor = getpass.getuser()

    async def alerts(self) -> list[dict[str, Any]]:
        """Those that are open, oldest first."""
        async with ledger_of(self._settings) as database:
            return [_alert(one) for one in await OpenAlerts(database).all()]

    async def clear_alert(self, kind: AlertKind, subject: str) -> bool:
        """False where there is no such alert."""
        async with ledger_of(self._settings) as database:
            return await OpenAlerts(database).clear(kind, subject, self.actor)

    async def try_ways(self) -> dict[str, str]:
        """How each configured way of telling operators took a trial message."""
        with attached(self._settings) as settings:
            core = await wire_core(settings)
            telling = wire_telling(core)
            try:
                return await telling.try_out()
            finally:
                await telling.close()
                await core.close()

    async def accounts(self) -> list[dict[str, Any]]:
        """How the accounts of each pool stand."""
        async with ledger_of(self._settings) as database:
            async with database.connection() as connection:
                directory = await self._directory(connection)
            watched = self._settings.pools
            standings = await AccountStandings(
                database,
                lambda: directory,
                window_s=watched.window_s,
                late_after_s=watched.late_after_s,
            ).all()
        return [
            {
                "pool": pool,
                "channel": directory.pools[pool].channel.value,
                "accounts": [_standing(one) for one in found],
            }
            for pool, found in standings.items()
        ]

    async def registered(self) -> list[Trial]:
        """What is published, held against what the accounts in force have registered."""
        async with ledger_of(self._settings) as database:
            async with database.connection() as connection:
                directory = await self._directory(connection)
            templates = LiveTemplates(database, reader_of(self._settings))
            await templates.refresh()
            renderer = await templates.renderer(templates.current)
        samples = load_samples(TEMPLATES / "samples.toml")
        return trials(directory, renderer, samples, NEED_REGISTRATION)

    async def _directory(self, connection: Connection) -> Directory:
        """What is in force, without its secrets."""
        revision, entries = await stored.current(connection)
        plain = [replace(one, sealed=None, seal_key=None) for one in entries]
        return assemble(revision, plain, Sealer(keyring_of(self._settings)))

    async def suppress(self, wish: Wish) -> str:
        """The id of the new suppression. Raises NotSuppressible."""
        async with ledger_of(self._settings) as database:
            added = await self._suppress(database).add(wish)
            await self._note(database, "suppressions.add", wish.note)
        return identity.show(SUPPRESSION, added)

    async def suppressions(self, phone: str, limit: int) -> list[dict[str, Any]]:
        """Those in force, newest first; masked. Raises NotSuppressible."""
        async with ledger_of(self._settings) as database:
            found = await self._suppress(database).in_force(phone, limit)
            await self._note(database, "suppressions.list", found=len(found))
        return [_plain(asdict(one)) for one in found]

    async def end_suppression(self, shown_id: str) -> bool:
        """False where there is none in force."""
        try:
            suppression = identity.read(SUPPRESSION, shown_id)
        except ValueError as error:
            raise BaotinError(str(error)) from None
        async with ledger_of(self._settings) as database:
            ended = await self._suppress(database).end(suppression)
            if ended:
                await self._note(database, "suppressions.end")
        return ended

    def _suppress(self, database: Database) -> Suppress:
        keyring = keyring_of(self._settings)
        return Suppress(database=database, hasher=Hasher(keyring), sealer=Sealer(keyring))

    async def _note(self, database: Database, action: str, why: str = "", found: int = 1) -> None:
        entry = audit.Entry(id=mint(), actor=self.actor, action=action, why=why, found=found)
        async with database.connection() as connection:
            await audit.write(connection, entry)


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "account": one.account.code,
        "provider": one.account.provider,
        "weight": one.weight,
        "price_vnd": one.account.price_vnd,
        "keeps": one.kept,
        "kept_since": one.share.moved_at.isoformat() if one.share else None,
        "kept_because": one.share.why if one.share else None,
        "stopped": _stopped(one),
        "breaker": _breaker(one.breaker),
        "balance": str(one.balance.balance) if one.balance else None,
        "balance_read_at": one.balance.read_at.isoformat() if one.balance else None,
        **asdict(one.seen),
    }


def _breaker(told: Heard) -> str | None:
    """None where no worker says anything."""
    if not told.workers:
        return None
    states = [f"{told.open} open", f"{told.probing} probing"]
    found = [state for state in states if not state.startswith("0 ")]
    return f"{', '.join(found)} of {told.workers} workers" if found else "closed"


def _stopped(one: Standing) -> dict[str, str] | None:
    """By whom, why and since when; None for one that may send. One on trial was stopped, and
    nothing has gone well since."""
    stop, unwell = one.stop, one.unwell
    if stop is not None:
        return {"by": stop.actor, "why": stop.reason, "since": stop.since.isoformat()}
    if unwell is not None:
        return {"by": "trial", "why": unwell.alert.detail, "since": unwell.since.isoformat()}
    return None


def _alert(one: OpenAlert) -> dict[str, Any]:
    return _plain(
        {
            "kind": str(one.alert.kind),
            "subject": one.alert.subject,
            "detail": one.alert.detail,
            "since": one.since,
            "last": one.last_at,
            "times": one.times,
        }
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as people and programs read it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }
