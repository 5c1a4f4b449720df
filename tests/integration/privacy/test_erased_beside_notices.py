"""What an erased person left beside notifications goes too: calls and texts to the line, wrong
tries, and whom staff looked for."""

from uuid import uuid4

from office import E164, MOBILE, Office, posted

from gateway.domain.staff import Role, Staff
from gateway.ledger import inbound_texts, line_calls
from gateway.ledger.line_calls import LineCall
from gateway.services.alarm import Alarm
from gateway.services.erase import Erase, Whom
from gateway.services.line.guard import Bounds, Guard
from gateway.services.minting import mint
from gateway.services.person_searches import PersonSearches, Sought
from gateway.services.text_line.asked import sender_key

DOSSIER = "000.00.12.H10-260303-0001"
STRANGER = "+84900000043"


async def erase(office: Office, whom: Whom) -> None:
    eraser = Erase(
        database=office.database, hasher=office.hasher, sealer=office.sealer, actor="an officer"
    )
    await eraser.erase(whom)


async def called(office: Office, caller: str) -> LineCall:
    """A call to the line whose end nobody reported."""
    call = mint()
    plain = f'{{"caller": "{caller}", "said": ["hồ sơ"]}}'.encode()
    sealed, seal_key = office.sealer.seal(plain, call.bytes)
    fresh = LineCall(id=call, turn=0, sealed=sealed, seal_key=seal_key)
    async with office.database.connection() as connection:
        return await line_calls.begin(connection, fresh, "twilio", f"CA{call.hex}")


async def test_what_was_said_in_a_call_of_theirs_is_forgotten_at_once(office: Office) -> None:
    anothers, _ = await called(office, STRANGER), await called(office, E164)
    await erase(office, Whom(phone=MOBILE))
    kept = await office.rows("SELECT id FROM line_call WHERE sealed IS NOT NULL")
    assert [row["id"] for row in kept] == [anothers.id]


async def test_the_calls_of_who_is_found_by_a_dossier_go_too(office: Office) -> None:
    await office.owed(posted())
    await called(office, E164)
    await erase(office, Whom(dossier=DOSSIER))
    assert await office.rows("SELECT FROM line_call WHERE sealed IS NOT NULL") == []


async def test_no_count_of_their_texts_and_tries_is_left(office: Office) -> None:
    async def nobody(*_: str) -> bool:
        return False

    guard = Guard(
        database=office.database,
        hasher=office.hasher,
        alarm=Alarm(office.database),
        bounds=Bounds(per_caller=5, per_dossier=5, per_line=50),
        is_known_to=nobody,
    )
    for number in (E164, STRANGER):
        await guard.let_try("twilio", number, "")
        text = inbound_texts.Brought(
            message=uuid4().bytes, account="twilio", sender=sender_key(office.hasher, number)
        )
        async with office.database.transaction() as connection:
            await inbound_texts.take(connection, text, 5, 60.0)
    await erase(office, Whom(phone=MOBILE))
    [left] = await office.rows("SELECT sender FROM inbound_sender")
    assert left["sender"] == sender_key(office.hasher, STRANGER)
    # The stranger's and the line's.
    tried = {row["who"] for row in await office.rows("SELECT who FROM line_guess")}
    assert office.hasher.token("guess:caller", STRANGER) in tried
    assert office.hasher.token("guess:caller", E164) not in tried


async def test_whom_staff_looked_for_is_forgotten_whoever_it_was(office: Office) -> None:
    officer = Staff(id=mint(), name="lan", roles=frozenset({Role.OPERATOR}), units=None)
    await office.rows(
        "INSERT INTO console_user (id, name, password, roles) VALUES ($1, 'lan', '', '{operator}')",
        officer.id,
    )
    searches = PersonSearches(office.database, office.sealer)
    search = await searches.keep(officer, Sought(name="Nguyễn Thị Minh Ánh"))
    assert await searches.open(officer, search)
    await erase(office, Whom(phone=MOBILE))
    assert await searches.open(officer, search) is None
    assert await office.rows("SELECT FROM console_search") == []
