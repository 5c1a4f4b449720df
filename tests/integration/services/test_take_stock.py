"""What the clock looks at besides messages: what waits, room, tokens, reports, our certificate."""

import asyncio
import math
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Container
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from own_certificate import certificate
from prometheus_client import REGISTRY

from gateway.domain.alert import AlertKind
from gateway.ledger import alerts
from gateway.ledger.database import Database
from gateway.services.alarm import Alarm
from gateway.services.own_certificate import OwnCertificate
from gateway.services.take_stock import StockLimits, TakeStock


def _stock(
    database: Database,
    disk: Path,
    *,
    backlog_s: float = 900,
    free: float = 1e-9,
    accounts: Container[str] = ("oa-a", "oa-b"),
    monotonic: Callable[[], float] = time.monotonic,
) -> TakeStock:
    return TakeStock(
        database=database,
        accounts=lambda: accounts,
        alarm=Alarm(database),
        disk=disk,
        limits=StockLimits(backlog_s=backlog_s, disk_free_share=free),
        monotonic=monotonic,
    )


async def _open(database: Database, kind: AlertKind) -> dict[str, str]:
    async with database.connection() as connection:
        found = await alerts.open_of(connection, kind)
    return {subject: one.alert.detail for subject, one in found.items()}


class TestBacklog:
    async def test_a_lane_that_waits_too_long_is_told_of_until_it_waits_half_as_long(
        self, database: Database, tmp_path: Path
    ) -> None:
        passed = iter([0.0, 299.0, 300.0, 330.0, 360.0])
        stock = _stock(database, tmp_path / "none", monotonic=lambda: next(passed))
        for _ in range(2):
            await stock.take({"sms/live": 899.0, "zalo/live": 1200.0})
            assert await _open(database, AlertKind.BACKLOG) == {}
        await stock.take({"sms/live": 899.0, "zalo/live": 1200.0})
        assert await _open(database, AlertKind.BACKLOG) == {"zalo/live": "oldest due for 20 min"}
        await stock.take({"zalo/live": 451.0})
        assert await _open(database, AlertKind.BACKLOG)
        await stock.take({})
        assert await _open(database, AlertKind.BACKLOG) == {}

    async def test_what_waited_for_the_end_of_a_pause_is_none(
        self, database: Database, tmp_path: Path
    ) -> None:
        passed = iter([0.0, 200.0, 400.0])
        stock = _stock(database, tmp_path / "none", monotonic=lambda: next(passed))
        for oldest in ({"sms/live": 90_000.0}, {}, {"sms/live": 90_000.0}):
            await stock.take(oldest)
            assert await _open(database, AlertKind.BACKLOG) == {}

    async def test_bulk_may_wait(self, database: Database, tmp_path: Path) -> None:
        passed = iter([0.0, 400.0])
        stock = _stock(database, tmp_path / "none", monotonic=lambda: next(passed))
        for _ in range(2):
            await stock.take({"sms/bulk": 90_000.0})
        assert await _open(database, AlertKind.BACKLOG) == {}


class TestRoom:
    async def test_a_disk_that_fills_up_is_told_of_until_there_is_room(
        self, database: Database, tmp_path: Path
    ) -> None:
        await _stock(database, tmp_path, free=1.0).take({})
        [detail] = (await _open(database, AlertKind.DISK_LOW)).values()
        assert detail.endswith("GiB free")
        await _stock(database, tmp_path).take({})
        assert await _open(database, AlertKind.DISK_LOW) == {}
        size = REGISTRY.get_sample_value("baotin_disk_size_bytes")
        free = REGISTRY.get_sample_value("baotin_disk_free_bytes")
        assert size is not None
        assert free is not None
        assert 0 < free < size

    async def test_nothing_is_said_of_a_disk_that_is_somewhere_else(
        self, database: Database, tmp_path: Path
    ) -> None:
        await _stock(database, tmp_path / "none", free=1.0).take({})
        assert await _open(database, AlertKind.DISK_LOW) == {}


async def test_the_ledger_tells_its_size_its_tokens_and_reports_that_match_nothing(
    database: Database, tmp_path: Path
) -> None:
    ends_at = datetime.now(UTC) + timedelta(hours=25)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO account_token (account, sealed, seal_key, expires_at, lost)"
            " VALUES ('oa-a', '', 1, $1, false), ('oa-b', '', 1, $1, true)",
            ends_at,
        )
        await connection.execute(
            "INSERT INTO receipt_todo (receipt_id, account, next_at, tries)"
            " SELECT gen_random_uuid(), 'esms', n, t FROM (VALUES (now(), 0), (now(), 1),"
            " (now(), 2), (NULL, 5)) AS v (n, t)"
        )
    await _stock(database, tmp_path / "none").take({})

    def value(name: str, **labels: str) -> float | None:
        return REGISTRY.get_sample_value(name, labels)

    token = "baotin_account_token_expiry_timestamp_seconds"
    assert value(token, account="oa-a") == pytest.approx(ends_at.timestamp())
    assert value(token, account="oa-b") == 0
    await _stock(database, tmp_path / "none", accounts=("oa-a",)).take({})
    assert value(token, account="oa-a") == pytest.approx(ends_at.timestamp())
    # Neither lost nor ending: the account is not there any more.
    assert math.isnan(value(token, account="oa-b") or 0)
    unmatched = "baotin_unmatched_receipts_rows"
    assert value(unmatched, account="esms", state="tried_again") == 2
    assert value(unmatched, account="esms", state="left") == 1
    assert (value("baotin_ledger_size_bytes") or 0) > 1_000_000


Served = Callable[[timedelta], Awaitable[str]]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """The address of a server that shows a certificate which ends after so long."""
    servers: list[asyncio.Server] = []

    async def serve(lasts: timedelta) -> str:
        (tmp_path / "own.pem").write_bytes(certificate(lasts))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "own.pem")
        server = await asyncio.start_server(
            lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context
        )
        servers.append(server)
        return f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield serve
    for server in servers:
        server.close()
        await server.wait_closed()


class TestCertificate:
    @pytest.mark.parametrize(
        ("lasts", "told"),
        [
            pytest.param(timedelta(days=60), False, id="two months left"),
            pytest.param(timedelta(days=13), True, id="two weeks left"),
            pytest.param(timedelta(days=-1), True, id="ended yesterday"),
        ],
    )
    async def test_its_end_is_told_in_time(
        self, database: Database, served: Served, lasts: timedelta, told: bool
    ) -> None:
        url = await served(lasts)
        await OwnCertificate(url=url, alarm=Alarm(database), days_ahead=14).look()
        assert bool(await _open(database, AlertKind.CERTIFICATE_ENDING)) is told
        ends_at = REGISTRY.get_sample_value("baotin_certificate_expiry_timestamp_seconds")
        assert ends_at == pytest.approx((datetime.now(UTC) + lasts).timestamp(), abs=60)

    async def test_a_new_one_ends_the_alert(self, database: Database, served: Served) -> None:
        for lasts in (timedelta(days=3), timedelta(days=90)):
            url = await served(lasts)
            await OwnCertificate(url=url, alarm=Alarm(database), days_ahead=14).look()
        assert await _open(database, AlertKind.CERTIFICATE_ENDING) == {}

    @pytest.mark.parametrize(
        "url",
        ["", "http://127.0.0.1:1", "https://127.0.0.1:1"],
        ids=["no address", "without TLS", "out of reach"],
    )
    async def test_where_none_can_be_seen_nothing_is_said(
        self, database: Database, url: str
    ) -> None:
        await OwnCertificate(url=url, alarm=Alarm(database), days_ahead=14).look()
        assert await _open(database, AlertKind.CERTIFICATE_ENDING) == {}
