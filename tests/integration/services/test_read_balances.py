"""Balances: read every so often, kept with their time, alerted below what the directory says."""

from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gateway.domain.alert import AlertKind
from gateway.domain.balance import Balance
from gateway.domain.directory import Account, Directory
from gateway.domain.outcome import Reason
from gateway.ledger import account_health, alerts, balances
from gateway.ledger import directory as stored
from gateway.ledger.database import Database
from gateway.providers.outbound import MaybeSent
from gateway.services.accounts import Accounts
from gateway.services.alarm import Alarm
from gateway.services.read_balances import ReadBalances

Told = Balance | Exception | None


class Wallet:
    """Says what it is told to; counts how often it is asked."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.asked = 0

    async def balance(self) -> Balance | None:
        self.asked += 1
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


def vnd(amount: object) -> Balance:
    return Balance(amount=Decimal(str(amount)), currency="VND")


class Office:
    """Accounts with wallets, and the clock that asks them."""

    def __init__(self, database: Database, **wallets: Wallet | object) -> None:
        self.database = database
        self.wallets = wallets
        self.accounts = Accounts(lambda _provider, access: wallets[access.code])  # type: ignore[arg-type, return-value]
        self.clock = self.process()

    def process(self, every_s: float = 3600.0) -> ReadBalances:
        alarm = Alarm(self.database)
        return ReadBalances(
            database=self.database, accounts=self.accounts, alarm=alarm, every_s=every_s
        )

    def alert_below(self, **least: int) -> None:
        accounts: dict[str, Account] = {
            code: Account(
                code=code, provider="p", base_url="http://x", balance_alert_below=least.get(code)
            )
            for code in self.wallets
        }
        self.accounts.update(Directory(revision=1, accounts=accounts))

    async def known(self) -> dict[str, Balance]:
        async with self.database.connection() as connection:
            return {code: one.balance for code, one in (await balances.known(connection)).items()}

    async def low(self) -> dict[str, tuple[str, int]]:
        async with self.database.connection() as connection:
            found = await alerts.open_of(connection, AlertKind.WALLET_LOW)
        return {code: (one.alert.detail, one.times) for code, one in found.items()}

    async def rows(self, statement: str, *arguments: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(statement, *arguments)


@pytest.fixture
async def office(database: Database) -> Office:
    office = Office(database, esms=Wallet(vnd(250_000)), other=Wallet(None), silent=object())
    office.alert_below(esms=300_000)
    return office


def wallet(office: Office, code: str = "esms") -> Wallet:
    found = office.wallets[code]
    assert isinstance(found, Wallet)
    return found


async def test_who_has_too_little_is_told_of_once_until_it_has_enough(office: Office) -> None:
    for _ in range(3):
        await office.clock.look()
    assert await office.known() == {"esms": vnd(250_000)}
    assert await office.low() == {"esms": ("250000 VND left", 1)}
    wallet(office).told = vnd(299_999)
    await office.process(every_s=1e-6).look()
    assert await office.low() == {"esms": ("299999 VND left", 2)}
    wallet(office).told = vnd(300_000)
    await office.process(every_s=1e-6).look()
    assert await office.low() == {}


async def test_an_account_is_asked_once_in_a_while_whoever_leads(office: Office) -> None:
    await office.clock.look()
    await office.process().look()
    assert wallet(office).asked == 1
    await office.rows("UPDATE account_balance SET read_at = now() - interval '2 hours'")
    await office.process().look()
    assert wallet(office).asked == 2


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(None, id="does not say"),
        pytest.param(MaybeSent(Reason.TIMEOUT), id="no answer"),
        pytest.param(ZeroDivisionError(), id="stumbles"),
    ],
)
async def test_who_does_not_tell_keeps_what_it_told_and_is_left_alone_for_a_while(
    office: Office, trouble: Told
) -> None:
    await office.clock.look()
    wallet(office).told = trouble
    await office.rows("UPDATE account_balance SET read_at = now() - interval '2 hours'")
    for _ in range(3):
        await office.clock.look()
    assert wallet(office).asked == 2
    assert await office.known() == {"esms": vnd(250_000)}
    assert list(await office.low()) == ["esms"]
    assert wallet(office, "other").asked == 1


async def test_one_that_people_have_paused_is_not_asked(office: Office) -> None:
    async with office.database.connection() as connection:
        await stored.pause(connection, "account", "esms", "user:thu", "hết hợp đồng")
        await account_health.stop(connection, "other", "wallet_empty")
    await office.clock.look()
    assert (wallet(office).asked, wallet(office, "other").asked) == (0, 1)


async def test_the_alert_ends_with_its_limit_and_with_its_account(office: Office) -> None:
    await office.clock.look()
    office.alert_below()
    await office.clock.look()
    assert await office.low() == {}
    office.alert_below(esms=300_000)
    await office.clock.look()
    assert list(await office.low()) == ["esms"]
    office.accounts.update(Directory(revision=2))
    await office.clock.look()
    assert (await office.known(), await office.low()) == ({}, {})


async def test_what_is_left_is_measured(office: Office) -> None:
    await office.clock.look()

    def measured(name: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"account": "esms", "currency": "VND"})

    assert measured("baotin_account_balance") == 250_000
    assert measured("baotin_account_balance_alert_below") == 300_000
