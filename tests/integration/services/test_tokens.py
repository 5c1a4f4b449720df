"""Tokens that run out: refreshed once over all processes, stored before they are used."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.domain.outcome import Reason
from gateway.ledger import tokens as stored
from gateway.ledger.database import Database
from gateway.providers.contract import NoToken, TokenPair
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.providers.zalo_oauth import ConsentLost
from gateway.sealing import Keyring, Sealer
from gateway.services.tokens import AccountTokens, store_pair

OLD = TokenPair(access="access-1", refresh="refresh-1", expires_in_s=90_000)


class Consent:
    """The provider's side: a refresh token is good for one use."""

    def __init__(self) -> None:
        self.asked_with: list[str] = []
        self.fails_with: Exception | None = None
        self.lives_s = 90_000

    async def refresh(self, refresh_token: str) -> TokenPair:
        self.asked_with.append(refresh_token)
        await asyncio.sleep(0.02)
        if self.fails_with is not None:
            raise self.fails_with
        if refresh_token in self.asked_with[:-1]:
            raise ConsentLost("used")
        number = len(self.asked_with) + 1
        return TokenPair(
            access=f"access-{number}", refresh=f"refresh-{number}", expires_in_s=self.lives_s
        )


@pytest.fixture
def consent() -> Consent:
    return Consent()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(Keyring.generate())


@pytest.fixture
async def processes(
    database_url: str, sealer: Sealer, consent: Consent
) -> AsyncIterator[list[AccountTokens]]:
    """The same account in four processes, each with a pool of its own."""
    pools = [await Database.connect(database_url, size=2, statement_timeout_s=10) for _ in range(4)]
    await store_pair(pools[0], sealer, "oa", OLD)
    yield [AccountTokens("oa", pool, sealer, consent.refresh) for pool in pools]
    for pool in pools:
        await pool.close()


async def test_four_processes_that_are_refused_refresh_once(
    processes: list[AccountTokens], consent: Consent
) -> None:
    renewed = await asyncio.gather(*(one.renewed("access-1") for one in processes))
    assert renewed == ["access-2"] * 4
    assert consent.asked_with == ["refresh-1"]


async def test_many_calls_of_one_process_refresh_once(
    processes: list[AccountTokens], consent: Consent
) -> None:
    renewed = await asyncio.gather(*(processes[0].renewed("access-1") for _ in range(10)))
    assert renewed == ["access-2"] * 10
    assert len(consent.asked_with) == 1


async def test_one_that_still_holds_the_old_token_gets_the_new_one_without_asking(
    processes: list[AccountTokens], consent: Consent
) -> None:
    first, second, *_ = processes
    assert await second.current() == "access-1"
    await first.renewed("access-1")
    assert await second.renewed("access-1") == "access-2"
    assert len(consent.asked_with) == 1


async def test_each_refresh_uses_the_pair_of_the_one_before(
    processes: list[AccountTokens], consent: Consent
) -> None:
    for number, one in enumerate(processes, 1):
        assert await one.renewed(f"access-{number}") == f"access-{number + 1}"
    assert consent.asked_with == ["refresh-1", "refresh-2", "refresh-3", "refresh-4"]


async def test_tokens_are_sealed_in_the_ledger(
    processes: list[AccountTokens], database: Database
) -> None:
    await processes[0].renewed("access-1")
    async with database.connection() as connection:
        [row] = await connection.fetch("SELECT account_token::text AS t, sealed FROM account_token")
    assert b"access" not in row["sealed"]
    assert b"access-2".hex() not in row["t"]


@pytest.mark.parametrize(
    "loss",
    [
        pytest.param(MaybeSent(Reason.TIMEOUT), id="the-answer-is-lost"),
        pytest.param(ConsentLost("-14014"), id="the-refresh-token-is-refused"),
    ],
)
async def test_a_pair_that_may_be_dead_is_marked_and_nobody_tries_it_again(
    processes: list[AccountTokens], consent: Consent, loss: Exception
) -> None:
    consent.fails_with = loss
    answers = await asyncio.gather(
        *(one.renewed("access-1") for one in processes), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [NoToken] * 4
    assert consent.asked_with == ["refresh-1"]
    with pytest.raises(NoToken):
        await processes[3].renewed("access-1")
    assert consent.asked_with == ["refresh-1"]


async def test_a_process_that_starts_with_a_lost_pair_says_so(
    processes: list[AccountTokens], consent: Consent, database: Database, sealer: Sealer
) -> None:
    consent.fails_with = ConsentLost("-14014")
    with pytest.raises(NoToken):
        await processes[0].renewed("access-1")
    with pytest.raises(NoToken):
        await AccountTokens("oa", database, sealer, consent.refresh).current()


async def test_a_new_consent_brings_a_lost_account_back(
    processes: list[AccountTokens], consent: Consent, database: Database, sealer: Sealer
) -> None:
    consent.fails_with = MaybeSent(Reason.TIMEOUT)
    with pytest.raises(NoToken):
        await processes[0].renewed("access-1")
    pasted = TokenPair(access="access-7", refresh="refresh-7", expires_in_s=90_000)
    await store_pair(database, sealer, "oa", pasted)
    assert await processes[1].current() == "access-7"


async def test_a_refresh_that_was_never_sent_may_be_tried_by_another_at_once(
    processes: list[AccountTokens], consent: Consent
) -> None:
    consent.fails_with = NotSent("connection_refused")
    with pytest.raises(NotSent):
        await processes[0].renewed("access-1")
    consent.fails_with = None
    consent.asked_with.clear()
    async with asyncio.timeout(5):
        assert await processes[1].renewed("access-1") == "access-2"


async def test_an_account_that_never_had_a_token_says_so(
    database: Database, sealer: Sealer, consent: Consent
) -> None:
    with pytest.raises(NoToken):
        await AccountTokens("new", database, sealer, consent.refresh).current()


@pytest.mark.parametrize(
    ("lives_s", "refreshes"),
    [
        pytest.param(90_000, 0, id="fresh"),
        pytest.param(700, 0, id="still-good"),
        pytest.param(300, 1, id="about-to-end"),
        pytest.param(0, 1, id="never-used"),
    ],
)
async def test_the_clock_renews_what_is_about_to_end(
    processes: list[AccountTokens],
    consent: Consent,
    database: Database,
    sealer: Sealer,
    lives_s: int,
    refreshes: int,
) -> None:
    pair = TokenPair(access="access-1", refresh="refresh-1", expires_in_s=lives_s)
    await store_pair(database, sealer, "oa", pair)
    await processes[0].renew_before_end()
    assert len(consent.asked_with) == refreshes


async def test_one_turn_is_given_for_one_version(
    database: Database, processes: list[AccountTokens]
) -> None:
    async with database.connection() as connection:
        assert await stored.take_turn(connection, "oa", 1, 30)
        assert not await stored.take_turn(connection, "oa", 1, 30)
        await stored.give_back(connection, "oa", 1)
        assert not await stored.take_turn(connection, "oa", 2, 30)
        assert await stored.take_turn(connection, "oa", 1, -1)
        assert await stored.take_turn(connection, "oa", 1, 30)


@pytest.mark.parametrize("asked", ["current", "renewed"])
async def test_a_token_that_the_ledger_cannot_give_now_sends_nothing(
    database: Database, sealer: Sealer, consent: Consent, asked: str
) -> None:
    tokens = AccountTokens("oa", database, sealer, consent.refresh)
    await store_pair(database, sealer, "oa", OLD)
    await database.close()
    with pytest.raises(NotSent):
        await (tokens.current() if asked == "current" else tokens.renewed("access-1"))
