"""An account that the gateway stopped, taken back or taken over by staff."""

from uuid import UUID

import pytest
from office import Office, posted

from gateway.domain.alert import AlertKind
from gateway.domain.outcome import Deferred, Reason
from gateway.ledger import account_health, alerts, directory

LOGIN_REFUSED = Deferred(reason=Reason.CREDENTIALS, code="101", spends_try=False)


@pytest.fixture
async def waiting(office: Office) -> UUID:
    """A message that found out that the login is wrong."""
    [one] = await office.owed(posted())
    office.sms.answers = [LOGIN_REFUSED]
    await office.serve()
    assert await _alerts(office) == ["esms"]
    assert [one.account for one in (await _stops(office)).values()] == ["esms"]
    await office.rows("UPDATE due SET due_at = now() RETURNING 1")
    return one


async def _alerts(office: Office) -> list[str]:
    async with office.database.connection() as connection:
        return list(await alerts.open_of(connection, AlertKind.ACCOUNT_STOPPED))


async def _stops(office: Office) -> dict[str, account_health.Stop]:
    async with office.database.connection() as connection:
        return await account_health.stops(connection)


async def _resume(office: Office) -> None:
    async with office.database.connection() as connection:
        assert await directory.resume(connection, "account", "esms")
    await office.health.exchange()


async def test_the_first_message_it_takes_ends_the_alert(office: Office, waiting: UUID) -> None:
    await _resume(office)
    assert await _alerts(office) == ["esms"]
    await office.serve()
    assert await office.state(waiting) == ("sent", None)
    assert await _alerts(office) == []
    await office.health.exchange()
    found = office.accounts.get("esms")
    assert found is not None
    assert (found.on_trial, found.stopped, found.breaker.is_closed) == (False, None, True)


async def test_one_that_is_refused_again_is_stopped_again(office: Office, waiting: UUID) -> None:
    await _resume(office)
    office.sms.answers = [LOGIN_REFUSED]
    await office.serve()
    assert list(await _stops(office)) == ["esms"]
    assert await _alerts(office) == ["esms"]
    assert (await office.state(waiting))[0] == "waiting"


async def test_one_that_staff_pause_meanwhile_has_no_trial(office: Office, waiting: UUID) -> None:
    async with office.database.connection() as connection:
        await directory.pause(connection, "account", "esms", "an officer", "not paid")
        assert await account_health.put_on_trial(connection, -1) == []
    [stop] = (await _stops(office)).values()
    assert (stop.actor, stop.reason, stop.by_itself) == ("an officer", "not paid", False)
    async with office.database.connection() as connection:
        await directory.pause(connection, "account", "esms", "another", "again")
    [stop] = (await _stops(office)).values()
    assert stop.actor == "an officer"
