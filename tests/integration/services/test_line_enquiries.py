"""What the line answers to calls and texts, over a real ledger: to whom, and how often."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from aiohttp import web
from office import (
    E164,
    SECRET_PATH,
    TABLES,
    TEMPLATES,
    VOICE_TERMS,
    Office,
    Phone,
    emptied,
    entries,
    posted,
    report,
)

from gateway.domain.check_code import check_code
from gateway.domain.speech import READER
from gateway.errors import LedgerUnavailable
from gateway.ledger.database import Database
from gateway.providers.contract import ReceiptRequest, VoiceAnswer
from gateway.sealing import Keyring
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.apply_directory import apply
from gateway.services.erase import erase_rows
from gateway.services.line.by_text import WrittenLine
from gateway.services.line.enquiry import Enquiry
from gateway.services.line.guard import Bounds, Guard
from gateway.services.line.incoming_call import IncomingCall
from gateway.services.line.speak import LineWords
from gateway.services.line.texts import LineTexts
from gateway.services.receive import Refused
from gateway.services.suppress import Why, Wish
from gateway.web.answers import Problem
from gateway.web.receipts import spoken

LINE, OTHER_LINE, UNIT = "esms", "oa", "H10.12"
STRANGER, SECRET = "+84912345678", "482913"
CODE = "000.00.12.H10-260303-0001"
READY = "ho so co so cuoi 0001 da co ket qua"
NOT_FOUND = "khong tim thay ho so"
TOO_MANY = "qua nhieu lan khong dung"
BOUNDS = Bounds(per_caller=3, per_dossier=6, per_line=20)


def told(**report: str) -> ReceiptRequest:
    return ReceiptRequest(
        method="POST",
        url="http://gateway/voice/esms/inbound",
        path_token=SECRET_PATH,
        headers={},
        query={},
        body=json.dumps(report).encode(),
    )


@dataclass
class Desk:
    office: Office
    guard: Guard
    words: LineWords
    written: WrittenLine
    spoken: IncomingCall
    calls: Accounts
    begun: int = 0

    async def texts(self, text: str, sender: str = STRANGER) -> str:
        return str(await self.written.reply(LINE, sender, text))

    async def hears(self, *keys: str, caller: str = STRANGER) -> str:
        """What was said last to somebody who calls and presses these."""
        self.begun += 1
        call_id = f"call-{self.begun}"
        answer = await self.spoken.begins(LINE, told(call_id=call_id, caller=caller))
        for pressed in keys:
            *_, call, turn = answer.content_type.split("/")
            report = told(call_id=call_id, keys=pressed)
            answer = await self.spoken.goes_on(LINE, UUID(call), int(turn), report)
        return answer.body.decode()

    async def tells(self, number: int, secret: str, code: str = CODE) -> str:
        """The check code of a notice that was sent about this dossier."""
        dossier = {"code": code, "lookup_secret": secret}
        [notice] = await self.office.owed(posted(number, dossier=dossier))
        await self.office.serve()
        [row] = await self.office.rows(
            "SELECT reference_seed FROM notification WHERE id = $1", notice
        )
        return check_code(row["reference_seed"])


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture
async def database(module_database_url: str) -> AsyncIterator[Database]:
    async with emptied(module_database_url, _LEFT) as opened:
        yield opened


_LEFT = (
    "notification, attempt, event_key, notice_once, dossier, due, watch, line_call, line_guess,"
    " receipt_raw, receipt_todo, suppression, suppression_key"
)


@pytest.fixture
async def desk(database: Database, keyring: Keyring) -> AsyncIterator[Desk]:
    office = await Office.open(database, keyring)
    await office.reapply("account", LINE, line_unit=UNIT)
    yield desk_of(office)
    await office.close()


def desk_of(office: Office) -> Desk:
    calls = Accounts(lambda _provider, _access: Phone(VOICE_TERMS))
    calls.update(office.directory.now)
    enquiry = Enquiry(
        database=office.database,
        hasher=office.hasher,
        compose=office.compose,
        directory=lambda: office.directory.now,
        surroundings=office.world.surroundings,
        now=office.clock,
    )
    guard = Guard(
        database=office.database,
        hasher=office.hasher,
        alarm=office.alarm,
        bounds=BOUNDS,
        is_known_to=enquiry.is_known_to,
    )
    words = LineWords(
        texts=LineTexts(TEMPLATES / "line.vi.toml"),
        reader=READER,
        surroundings=office.world.surroundings,
        now=office.clock,
    )
    return Desk(
        office=office,
        guard=guard,
        words=words,
        written=WrittenLine(
            directory=lambda: office.directory.now, enquiry=enquiry, guard=guard, words=words
        ),
        spoken=IncomingCall(
            database=office.database,
            accounts=calls,
            enquiry=enquiry,
            guard=guard,
            words=words,
            sealer=office.sealer,
            addresses=Addresses("http://gateway"),
        ),
        calls=calls,
    )


class TestWhatPeopleHold:
    async def test_ten_letters_are_a_wrong_secret_and_no_error(self, desk: Desk) -> None:
        await desk.tells(1, SECRET)
        assert NOT_FOUND in await desk.texts("TC 0001 ABCDEFGHIJ")

    async def test_whoever_needs_help_is_given_the_number_of_the_centre_they_wrote_to(
        self, desk: Desk
    ) -> None:
        first, second, *others = TABLES["unit"]
        oa, esms = TABLES["account"]
        tables = TABLES | {
            "unit": [first, second | {"verify_phone": "0271 1033"}, *others],
            "account": [oa, esms | {"line_unit": second["code"]}],
        }
        await apply(desk.office.database, desk.office.sealer, entries(tables), "test")
        await desk.office.directory.refresh()
        assert "goi 0271 1033." in await desk.texts("xin chao")

    async def test_two_dossiers_that_answer_to_the_same_digits_are_told_to_nobody(
        self, desk: Desk
    ) -> None:
        await desk.tells(1, SECRET)
        await desk.tells(2, SECRET, "000.00.12.H10-260304-0001")
        assert NOT_FOUND in await desk.texts(f"TC 0001 {SECRET}")
        assert READY in await desk.texts(f"TC 2603030001 {SECRET}"), "with more of its digits"
        assert READY in await desk.texts(f"TC {CODE} {SECRET}")

    async def test_what_was_only_tried_with_a_test_key_is_told_to_nobody(self, desk: Desk) -> None:
        await desk.tells(1, SECRET)
        office, dossier = desk.office, {"code": CODE, "lookup_secret": SECRET}
        tried = posted(2, dossier=dossier, return_by="post")
        await office.submit().submit(office.directory.now.sources["igate"], [tried], "test")
        assert "Moi Ong/Ba den nhan tai" in await desk.texts(f"TC 0001 {SECRET}")


class TestGuessing:
    async def test_a_dossier_is_the_same_by_however_much_of_its_code(self, desk: Desk) -> None:
        await desk.tells(1, SECRET)
        endings = ("0001", "30001", "030001", "3030001", "03030001", "603030001")
        for number, ending in enumerate(endings):
            caller = f"+8491234567{number}"
            assert "Không tìm thấy" in await desk.hears("1", ending, "111111", caller=caller)
        assert "quá nhiều lần" in await desk.hears("1", "2603030001", SECRET)

    async def test_right_answers_do_not_make_up_for_wrong_ones(self, desk: Desk) -> None:
        await desk.tells(1, SECRET)
        for _ in range(BOUNDS.per_caller):
            assert READY in await desk.texts(f"TC 0001 {SECRET}")
            assert NOT_FOUND in await desk.texts("TC 0002 111111")
        assert TOO_MANY in await desk.texts(f"TC 0001 {SECRET}")

    async def test_many_tries_at_once_are_no_more_than_one_after_the_other(
        self, desk: Desk
    ) -> None:
        answers = await asyncio.gather(*(desk.texts(f"TC 0001 {n:06}") for n in range(12)))
        assert sum(NOT_FOUND in answer for answer in answers) <= BOUNDS.per_caller

    async def test_who_is_refused_uses_up_nothing_of_others(self, desk: Desk) -> None:
        await desk.tells(1, SECRET)
        for _ in range(BOUNDS.per_line + 5):
            await desk.texts("TC 0001 111111")
        assert READY in await desk.texts(f"TC 0001 {SECRET}", E164)

    async def test_callers_without_a_number_share_a_part_of_each_line(self, desk: Desk) -> None:
        for _ in range(BOUNDS.withheld):
            assert await desk.guard.let_try(LINE, "", "") is not None
        assert await desk.guard.let_try(LINE, "", "") is None
        assert await desk.guard.let_try(OTHER_LINE, "", "") is not None

    async def test_what_strangers_try_keeps_nobody_from_their_own_dossier(self, desk: Desk) -> None:
        code = await desk.tells(1, SECRET)
        for number in range(BOUNDS.per_dossier):
            await desk.texts("TC 0001 111111", f"+8491234567{number}")
        assert TOO_MANY in await desk.texts(f"TC 0001 {SECRET}", STRANGER)
        assert READY in await desk.texts(f"TC 0001 {SECRET}", E164)
        assert READY in await desk.texts(f"TC {CODE} {code}", E164)
        for _ in range(BOUNDS.per_caller):
            assert NOT_FOUND in await desk.texts("TC 0001 111111", E164)
        assert TOO_MANY in await desk.texts(f"TC 0001 {SECRET}", E164), "who guesses at their own"

    async def test_a_number_that_is_somebody_elses_has_no_dossier_of_its_own(
        self, desk: Desk
    ) -> None:
        await desk.tells(1, SECRET)
        office = desk.office
        await office.suppress.add(Wish(phone=E164, reason=Why.WRONG_NUMBER, origin="a test"))
        for number in range(BOUNDS.per_dossier):
            await desk.texts("TC 0001 111111", f"+8491234567{number}")
        assert TOO_MANY in await desk.texts(f"TC 0001 {SECRET}", E164)

    async def test_callers_without_a_number_use_up_a_part_of_what_a_dossier_bears(
        self, desk: Desk
    ) -> None:
        await desk.tells(1, SECRET)
        tries = [await desk.guard.let_try(LINE, "", "0001") for _ in range(BOUNDS.per_caller)]
        assert [one is not None for one in tries] == [True, False, False]
        assert READY in await desk.texts(f"TC 0001 {SECRET}")


class TestGenuine:
    async def test_an_erased_notice_is_genuine_with_nothing_left_to_compare(
        self, desk: Desk
    ) -> None:
        code = await desk.tells(1, SECRET)
        [row] = await desk.office.rows("SELECT id FROM notification")
        await erase_rows(desk.office.database, [row["id"]], "a test")
        told = await desk.texts(f"KT {code}")
        assert "ma nay la that" in told
        assert "noi dung da xoa" in told
        heard = await desk.hears("2", code)
        assert "Mã này là thật" in heard
        assert "không đối chiếu được" in heard
        assert NOT_FOUND in await desk.texts(f"TC {CODE} {code}"), "nothing of its dossier"

    async def test_a_code_that_two_notices_share_is_answered_for_both(self, desk: Desk) -> None:
        code = await desk.tells(1, SECRET)
        other = "000.00.12.H10-260304-0777"
        await desk.tells(2, SECRET, other)
        await desk.office.rows(
            "UPDATE notification SET reference_seed = (SELECT reference_seed FROM notification"
            " ORDER BY id LIMIT 1)"
        )
        told = await desk.texts(f"KT {code}")
        assert told.startswith("2 tin cung mang ma nay")
        assert "so cuoi 0001" in told
        assert "so cuoi 0777" in told
        heard = await desk.hears("2", code)
        assert "tin cùng mang mã này" in heard
        assert heard.count("Mã này là thật") == 2
        assert READY in await desk.texts(f"TC {CODE} {code}"), "the dossier tells them apart"


class TestSorry:
    """Whatever fails while somebody listens, they are told so in words of ours."""

    async def test_a_call_that_is_known_no_more_ends_with_an_apology(self, desk: Desk) -> None:
        await desk.spoken.begins(LINE, told(call_id="call-1", caller=E164))
        [row] = await desk.office.rows("DELETE FROM line_call RETURNING id")
        request = told(call_id="call-1", keys="1")
        answer = await spoken(
            lambda: desk.spoken.goes_on(LINE, row["id"], 0, request),
            lambda: desk.spoken.sorry(LINE, request),
        )
        assert answer.status == 200
        assert "tổng đài đang gặp sự cố" in _text(answer)

    async def test_where_the_unit_is_gone_no_number_is_told(self, desk: Desk) -> None:
        assert "hoặc gọi số" in desk.words.sorry(UNIT)
        assert "Xin gọi lại sau. Kính chào" in desk.words.sorry("no such unit")

    async def test_without_the_ledger_the_number_to_ring_is_told_after_a_while(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.web.receipts._APART_S", 0.01)
        monkeypatch.setattr("gateway.web.receipts._PATIENCE_S", 0.1)
        request, tries = told(call_id="call-1", caller=E164), 0

        async def without_ledger() -> VoiceAnswer:
            nonlocal tries
            tries += 1
            raise LedgerUnavailable

        answer = await spoken(without_ledger, lambda: desk.spoken.sorry(LINE, request))
        assert "Xin gọi lại sau, hoặc gọi số" in _text(answer)
        assert tries > 2

    async def test_news_of_a_call_are_refused_rather_than_lost(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.web.receipts._PATIENCE_S", -1.0)

        async def without_ledger() -> VoiceAnswer:
            raise LedgerUnavailable

        request = told(call_id="call-1", keys="2")
        with pytest.raises(LedgerUnavailable):
            await spoken(without_ledger, lambda: desk.spoken.sorry(LINE, request), brings_news=True)

    async def test_what_breaks_off_ends_with_an_apology_too(self, desk: Desk) -> None:
        request = told(call_id="call-1", caller=E164)

        async def broken() -> VoiceAnswer:
            raise RuntimeError

        answer = await spoken(broken, lambda: desk.spoken.sorry(LINE, request))
        assert "Kính chào" in _text(answer)

    async def test_nobody_but_the_provider_is_told_anything(self, desk: Desk) -> None:
        request = replace(told(call_id="call-1", caller=E164), path_token="another")
        with pytest.raises(Problem) as refused:
            await spoken(
                lambda: desk.spoken.begins(LINE, request),
                lambda: desk.spoken.sorry(LINE, request),
            )
        assert refused.value.refusal.status == 403


def _text(answer: web.Response) -> str:
    assert isinstance(answer.body, bytes)
    return answer.body.decode()


class TestCalls:
    async def test_a_number_that_was_replaced_hears_no_more_of_the_dossier(
        self, desk: Desk
    ) -> None:
        dossier, office = {"code": CODE}, desk.office
        await office.owed(posted(1, dossier=dossier, phones=[STRANGER]))
        assert "đã có kết quả" in await desk.hears("1", caller=STRANGER)
        await office.owed(posted(2, dossier=dossier, phones=[E164], again=True))
        assert "đã có kết quả" not in await desk.hears("1", caller=STRANGER)
        assert "đã có kết quả" in await desk.hears("1", caller=E164)

    async def test_a_call_without_an_id_is_nobodys(self, desk: Desk) -> None:
        with pytest.raises(Refused):
            await desk.spoken.begins(LINE, told(call_id="", caller=E164))

    async def test_nothing_of_a_caller_is_kept_when_the_end_of_the_call_is_told(
        self, desk: Desk
    ) -> None:
        await desk.hears("3", caller=E164)
        office = desk.office
        office.accounts = desk.calls
        receive = office.receive()
        await receive.take(
            LINE, report({"verdict": "progress", "provider_id": "call-1", "talked_s": 12})
        )
        await receive.drained()
        [call] = await office.rows("SELECT sealed, talked_s FROM line_call")
        assert (call["sealed"], call["talked_s"]) == (None, 12)
        assert await office.rows("SELECT FROM receipt_raw") == []

    async def test_a_call_is_known_by_the_id_that_it_has_in_its_reports(self, desk: Desk) -> None:
        answer = await desk.spoken.begins(LINE, told(call_id="uuid-1", caller=E164))
        *_, call, turn = answer.content_type.split("/")
        await desk.spoken.goes_on(LINE, UUID(call), int(turn), told(call_id="call-vn-1", keys="3"))
        [row] = await desk.office.rows("SELECT id, call_id FROM line_call")
        assert (row["id"], row["call_id"]) == (UUID(call), "call-vn-1")
