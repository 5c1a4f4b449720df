"""How accounts stand: what they keep of their weight, who stopped them, what was seen of them
lately, and what a provider said last of quota and tokens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.domain.alert import AlertKind
from gateway.domain.directory import Account, Directory, Pool
from gateway.domain.pool import Seen
from gateway.ledger import account_health, alerts, balances, breakers, tokens, zalo_catalogue
from gateway.ledger import directory as stored
from gateway.ledger.account_health import KeptShare, Stop
from gateway.ledger.alerts import OpenAlert
from gateway.ledger.balances import KnownBalance
from gateway.ledger.breakers import Heard
from gateway.ledger.database import Connection, Database
from gateway.ledger.zalo_catalogue import KnownStanding
from gateway.providers.registry import lacks


@dataclass(frozen=True, kw_only=True)
class Token:
    """`lost`: somebody has to consent anew. `ends_at`: it is renewed before that."""

    lost: bool
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One account in one pool. `stop` None and `unwell` set: it is on trial. `quota` and `token`
    are there for accounts that can be asked, or have tokens. `lacks` are settings and secrets
    without which it cannot be used. `breaker` is what the workers say of it. `is_shut`: nothing
    goes out through the pool, whoever is in it."""

    account: Account
    pool: Pool
    share: KeptShare | None
    stop: Stop | None
    unwell: OpenAlert | None
    seen: Seen
    token: Token | None = None
    quota: KnownStanding | None = None
    lacks: Sequence[str] = ()
    balance: KnownBalance | None = None
    breaker: Heard = field(default_factory=lambda: Heard(workers=0))
    is_shut: bool = False

    @property
    def weight(self) -> int:
        return self.pool.weight(self.account.code)

    @property
    def kept(self) -> float:
        return self.share.kept if self.share else 1.0

    @property
    def is_low(self) -> bool:
        """It has less left than operators want to be told of."""
        least = self.account.balance_alert_below
        return (
            least is not None and self.balance is not None and self.balance.balance.is_below(least)
        )

    @property
    def state(self) -> str:
        """One word for all of it: stopped, drained, paused, unusable, shut, trial, less
        or well."""
        if self.stop is not None:
            if self.stop.by_itself:
                return "stopped"
            return "drained" if self.stop.drains else "paused"
        if self.lacks:
            return "unusable"
        if self.is_shut:
            return "shut"
        if self.unwell is not None:
            return "trial"
        return "less" if self.kept < 1 else "well"


class AccountStandings:
    """`window_s` and `late_after_s` as the clock judges by."""

    def __init__(
        self,
        database: Database,
        directory: Callable[[], Directory],
        *,
        window_s: float,
        late_after_s: float,
    ) -> None:
        self._database = database
        self._directory = directory
        self._window_s = window_s
        self._late_after_s = late_after_s

    async def all(self) -> Mapping[str, Sequence[Standing]]:
        """The accounts of each pool, in the order of the directory."""
        now = self._directory()
        async with self._database.connection() as connection:
            kept = await account_health.kept_shares(connection)
            stops = await account_health.stops(connection)
            paused = await stored.pauses(connection)
            left = await balances.known(connection)
            workers, breakers_of = await breakers.heard(connection)
            unwell = await alerts.open_of(connection, AlertKind.ACCOUNT_STOPPED)
            found = {}
            for pool in now.pools.values():
                seen = await account_health.seen(
                    connection, pool.code, pool.accounts, self._window_s, self._late_after_s
                )
                found[pool.code] = [
                    Standing(
                        account=now.accounts[code],
                        pool=pool,
                        share=kept.get((pool.code, code)),
                        stop=stops.get(code),
                        unwell=unwell.get(code),
                        seen=seen[code],
                        token=await _token(connection, code),
                        quota=await _quota(connection, code),
                        lacks=_lacks(now, code),
                        balance=left.get(code),
                        breaker=breakers_of.get(code) or Heard(workers=workers),
                        is_shut=not paused.isdisjoint(pauses_of(pool)),
                    )
                    for code in pool.accounts
                ]
        return found


def pauses_of(pool: Pool) -> set[tuple[str, str]]:
    """Each of these stops all accounts of a pool."""
    return {("everything", ""), ("channel", pool.channel.value), ("pool", pool.code)}


def in_no_pool(directory: Directory) -> Sequence[Account]:
    """Nothing is sent through these, whatever else is right with them."""
    used = {code for pool in directory.pools.values() for code in pool.accounts}
    return [account for code, account in directory.accounts.items() if code not in used]


def _lacks(directory: Directory, code: str) -> Sequence[str]:
    account = directory.accounts[code]
    secrets = directory.secrets_of("account", code)
    settings, secret = lacks(account.provider, account.settings, secrets)
    return (*settings, *secret)


async def _token(connection: Connection, account: str) -> Token | None:
    row = await tokens.read(connection, account)
    if row is None:
        return None
    return Token(lost=row.lost, ends_at=datetime.now(UTC) + timedelta(seconds=row.left_s))


async def _quota(connection: Connection, account: str) -> KnownStanding | None:
    found = await zalo_catalogue.standing(connection, account)
    return found if found.read_at else None
