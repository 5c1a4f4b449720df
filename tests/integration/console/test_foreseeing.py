"""Foreseeing what sending many again would do: in few statements, however many they are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from centre import Centre

from gateway.domain.staff import Role, Staff
from gateway.ledger.database import Connection, Database
from gateway.services.foresee_resend import ForeseeResend
from gateway.services.resend_check import Wish
from gateway.wiring.work import wire_resend_check

SOMEBODY = Staff(id=uuid4(), name="van.hanh", roles=frozenset({Role.OPERATOR}))


@dataclass
class Listening:
    """The ledger, and what is asked of it."""

    database: Database
    asked: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with self.database.connection() as connection:
            with connection.query_logger(lambda record: self.asked.append(record.query)):
                yield connection


async def statements(centre: Centre, ids: list[UUID]) -> int:
    core = centre.site.api.core
    ledger = Listening(core.database)
    foresee = ForeseeResend(
        database=ledger,  # type: ignore[arg-type]
        check=wire_resend_check(core),
        directory=lambda: core.directory.now,
    )
    assert await foresee.refusals(SOMEBODY, ids, Wish()) == [""] * len(ids)
    return len(ledger.asked)


async def test_a_hundred_cost_as_many_statements_as_one(centre: Centre) -> None:
    ids = [await centre.owe(number) for number in range(60)]
    await centre.ledger.execute("UPDATE notification SET state = 'failed', reason = 'busy'")
    alone = await statements(centre, ids[:1])
    assert 0 < alone < 10
    assert await statements(centre, ids) == alone
