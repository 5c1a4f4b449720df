"""Texts that people send: each answered once, machines not at all, nobody without end."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from office import E164, SECRET_PATH, SMS_TERMS, Office, Told, emptied, posted

from gateway.domain.enquiry import help_text
from gateway.domain.message import SmsBody
from gateway.domain.outcome import Deferred, Outcome, Reason
from gateway.errors import LedgerUnavailable
from gateway.ledger import inbound_texts
from gateway.ledger.database import Database
from gateway.providers.contract import (
    IncomingText,
    NotAReceipt,
    ReceiptRequest,
    TextAnswer,
)
from gateway.providers.outbound import MaybeSent
from gateway.sealing import Keyring, Sealer
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.erase import Erase, Whom
from gateway.services.receive import Refused
from gateway.services.reseal import Reseal
from gateway.services.text_line import AnswerText, SendReply, StillAnswering, Waits, centre_phone

REPLY = "Ho so dang xu ly, hen tra 24/05."


@dataclass
class Bringing(Told):
    """A provider that also brings texts; the request's JSON says which. `in_place`: the answer to
    the request is the reply."""

    in_place: bool = False

    def read_messages(self, request: ReceiptRequest) -> Sequence[IncomingText]:
        told = json.loads(request.body)
        if not told or "text" not in told[0]:
            raise NotAReceipt
        return [IncomingText(**one) for one in told]

    def reply_in_place(self, text: str | None) -> TextAnswer | None:
        body = (text or "").encode()
        return TextAnswer(content_type="text/plain", body=body) if self.in_place else None


@dataclass
class Answering:
    """The one who is asked. A told error is raised; `gate` holds every answer back."""

    answers: list[str | Exception | None] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.called = asyncio.Event()

    async def reply(self, account: str, sender: str, text: str) -> str | None:
        self.asked.append((account, sender, text))
        self.called.set()
        await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else REPLY
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Desk:
    office: Office
    provider: Bringing
    line: Answering
    waits_s: float = 5.0

    def __post_init__(self) -> None:
        self.receive = self.office.receive()
        self.answer_text = self.process()

    async def take(
        self, *texts: dict[str, Any], token: str = SECRET_PATH, account: str = "esms"
    ) -> TextAnswer | None:
        request = ReceiptRequest(
            method="POST",
            url=f"http://gateway/inbound/{account}/{token}",
            path_token=token,
            headers={},
            query={},
            body=json.dumps(texts).encode(),
        )
        try:
            return await self.answer_text.take(account, request)
        finally:
            if self.line.gate.is_set():
                await self.answer_text.drained()

    @property
    def sent(self) -> list[tuple[str, str]]:
        bodies = [(one.phone.e164, one.body) for one in self.provider.sent]
        return [(to, body.text) for to, body in bodies if isinstance(body, SmsBody)]

    def process(self) -> AnswerText:
        """Another process of the same installation."""
        office = self.office
        return AnswerText(
            database=office.database,
            accounts=office.accounts,
            receive=self.receive,
            line=self.line,
            send_reply=SendReply(office.database, office.health, Addresses("http://gateway")),
            hasher=office.hasher,
            sealer=office.sealer,
            replies_per_hour=3,
            waits=Waits(in_place_s=self.waits_s, elsewhere_s=self.waits_s),
        )


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture
async def database(module_database_url: str) -> AsyncIterator[Database]:
    async with emptied(module_database_url, _LEFT) as opened:
        yield opened


_LEFT = "inbound_text, inbound_sender, receipt_raw, receipt_todo, pause, alert"


@pytest.fixture
async def office(database: Database, keyring: Keyring) -> AsyncIterator[Office]:
    opened = await Office.open(database, keyring)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(office: Office) -> Desk:
    provider = Bringing(SMS_TERMS)
    office.accounts = Accounts(lambda _provider, _access: provider)
    office.accounts.update(office.directory.now)
    return Desk(office=office, provider=provider, line=Answering())


def text(number: int = 1, **changes: str) -> dict[str, str]:
    return {"id": f"m-{number}", "sender": "84984765321", "text": f"TC {number} 1234", **changes}


class TestByMessage:
    async def test_a_reply_is_sent_to_who_asked_and_makes_no_notification(self, desk: Desk) -> None:
        assert await desk.take(text()) is None
        assert desk.line.asked == [("esms", E164, "TC 1 1234")]
        assert desk.sent == [(E164, REPLY)]
        [submission] = desk.provider.sent
        assert submission.body == SmsBody(text=REPLY, accented=False, segments=1)
        assert submission.callback_url == f"http://gateway/receipts/esms/{SECRET_PATH}"
        assert await desk.office.rows("SELECT FROM notification") == []

    async def test_a_message_that_is_brought_again_is_not_answered_again(self, desk: Desk) -> None:
        await desk.take(text())
        desk.answer_text = desk.process()
        await desk.take(text())
        assert len(desk.sent) == len(desk.line.asked) == 1

    async def test_the_reference_is_of_the_message_alone(self, desk: Desk) -> None:
        await desk.take(text(1))
        await desk.take(text(2))
        await desk.office.rows("DELETE FROM inbound_text RETURNING 1")
        await desk.take(text(1))
        first, other, again = (one.reference for one in desk.provider.sent)
        assert first == again != other
        assert len(first) == 32

    async def test_no_reply_is_no_message_and_is_not_asked_for_again(self, desk: Desk) -> None:
        desk.line.answers = [None]
        await desk.take(text())
        await desk.take(text())
        assert desk.sent == []
        assert len(desk.line.asked) == 1

    @pytest.mark.parametrize(
        "ending",
        [
            pytest.param(MaybeSent(Reason.TIMEOUT), id="may have been sent"),
            pytest.param(Deferred(reason=Reason.PROVIDER_UNAVAILABLE), id="not sent"),
        ],
    )
    async def test_whatever_became_of_a_reply_it_is_not_sent_twice(
        self, desk: Desk, ending: Outcome | Exception
    ) -> None:
        desk.provider.answers = [ending]
        await desk.take(text())
        await desk.take(text())
        assert len(desk.sent) == 1

    async def test_a_stopped_account_sends_no_reply(self, desk: Desk) -> None:
        desk.office.accounts.keep_stops({"esms": "wallet_empty"}, ())
        await desk.take(text())
        assert desk.sent == []

    async def test_a_refused_login_stops_the_account(self, desk: Desk) -> None:
        desk.provider.answers = [Deferred(reason=Reason.CREDENTIALS)]
        await desk.take(text())
        await desk.take(text(2))
        assert len(desk.sent) == 1

    async def test_a_slow_reply_keeps_the_provider_not_waiting(self, desk: Desk) -> None:
        desk.line.gate.clear()
        desk.waits_s = 0.05
        desk.answer_text = desk.process()
        assert await desk.take(text()) is None
        assert desk.sent == []
        desk.line.gate.set()
        await desk.answer_text.drained()
        assert desk.sent == [(E164, REPLY)]


class TestInPlace:
    @pytest.fixture(autouse=True)
    def answers_in_place(self, desk: Desk) -> None:
        desk.provider.in_place = True

    async def test_the_answer_is_the_reply(self, desk: Desk) -> None:
        answer = await desk.take(text())
        assert answer is not None
        assert answer.body == REPLY.encode()
        assert desk.sent == []

    async def test_a_stopped_account_replies_to_nobody(self, desk: Desk) -> None:
        desk.office.accounts.keep_stops({"esms": "by hand"}, ())
        answer = await desk.take(text())
        assert answer is not None
        assert (answer.body, desk.line.asked) == (b"", [])
        desk.office.accounts.keep_stops({}, ())
        assert (await desk.take(text())) != answer

    async def test_a_message_that_is_brought_again_gets_the_same_answer(self, desk: Desk) -> None:
        desk.line.answers = ["the first", "another"]
        first = await desk.take(text())
        desk.answer_text = desk.process()
        assert await desk.take(text()) == first
        assert len(desk.line.asked) == 1

    async def test_a_reply_outlives_the_keys_it_was_made_under(self, desk: Desk) -> None:
        office = desk.office
        first = await desk.take(text())
        newer = office.keyring.with_new_seal_key().with_new_hash_key()
        await Reseal(office.database, Sealer(newer), rest=0).run()
        only = replace(newer, seal=newer.seal.without(1), hash=newer.hash.without(1))
        office.sealer.use(only)
        office.hasher.use(only)
        assert await desk.take(text()) == first
        assert len(desk.line.asked) == 1
        # The tests that follow know the first key alone.
        back = replace(newer, seal=replace(newer.seal, primary=1))
        await Reseal(office.database, Sealer(back), rest=0).run()

    async def test_no_reply_is_said_in_the_provider_s_words(self, desk: Desk) -> None:
        desk.line.answers = [None]
        answer = await desk.take(text())
        assert answer is not None
        assert answer.body == b""

    async def test_a_slow_reply_may_be_asked_for_again(self, desk: Desk) -> None:
        desk.line.gate.clear()
        desk.waits_s = 0.05
        desk.answer_text = desk.process()
        with pytest.raises(StillAnswering):
            await desk.take(text())


class TestInDoubt:
    async def test_two_processes_do_not_answer_the_same_message(self, desk: Desk) -> None:
        desk.line.gate.clear()
        first = asyncio.create_task(desk.take(text()))
        await desk.line.called.wait()
        desk.answer_text, busy = desk.process(), desk.answer_text
        with pytest.raises(StillAnswering):
            await desk.take(text())
        desk.line.gate.set()
        await first
        await busy.drained()
        assert len(desk.sent) == 1

    async def test_what_died_in_somebody_s_hands_is_taken_over_and_counts_once(
        self, desk: Desk
    ) -> None:
        for _ in range(4):
            desk.line.answers = [LedgerUnavailable()]
            with pytest.raises(LedgerUnavailable):
                await desk.take(text())
            with pytest.raises(StillAnswering):
                await desk.take(text())
            await desk.office.rows("UPDATE inbound_text SET in_hand_until = now() RETURNING 1")
        await desk.take(text())
        assert desk.sent == [(E164, REPLY)]
        [counted] = await desk.office.rows("SELECT replies FROM inbound_sender")
        assert counted["replies"] == 1

    async def test_without_a_ledger_the_provider_is_told_to_come_back(self, desk: Desk) -> None:
        await desk.office.database.close()
        with pytest.raises(LedgerUnavailable):
            await desk.take(text())
        assert desk.line.asked == []


class TestRefusing:
    @pytest.mark.parametrize(
        ("account", "token"), [("esms", "guessed"), ("esms", ""), ("nobody", SECRET_PATH)]
    )
    async def test_who_cannot_prove_it_is_refused(
        self, desk: Desk, account: str, token: str
    ) -> None:
        with pytest.raises(Refused):
            await desk.take(text(), account=account, token=token)
        assert desk.line.asked == []

    async def test_an_account_that_takes_no_texts_refuses_them(self, office: Office) -> None:
        desk = Desk(office, Bringing(SMS_TERMS), Answering())
        with pytest.raises(Refused):
            await desk.take(text())

    @pytest.mark.parametrize(
        "sender",
        [
            pytest.param("VIETTEL", id="a name"),
            pytest.param("QC 5656", id="a name with digits"),
            pytest.param("5656", id="a short code"),
            pytest.param("+841900", id="a short code with the country's"),
            pytest.param("19001096", id="a premium number"),
            pytest.param("02713568000", id="a landline"),
            pytest.param("+15005550006", id="a number abroad"),
            pytest.param("", id="nobody"),
            pytest.param("0984765321; 0984765322", id="two numbers"),
            pytest.param("+84912000111", id="our own"),
        ],
    )
    async def test_what_no_person_sent_is_not_answered(self, desk: Desk, sender: str) -> None:
        await desk.office.reapply("account", "esms", sender="0912 000 111")
        desk.office.accounts.update(desk.office.directory.now)
        assert await desk.take(text(sender=sender)) is None
        assert desk.line.asked == desk.sent == []

    @pytest.mark.parametrize(
        "spelled",
        [
            pytest.param(REPLY, id="as it left"),
            pytest.param(REPLY.upper() + " ", id="respelled"),
            pytest.param(help_text("0271 1022"), id="the instructions"),
        ],
    )
    async def test_our_own_words_are_not_answered(self, desk: Desk, spelled: str) -> None:
        await desk.take(text(1))
        await desk.take(text(2, sender="0912345678", text=spelled))
        assert len(desk.line.asked) == len(desk.sent) == 1

    async def test_nobody_is_answered_without_end(self, desk: Desk) -> None:
        for number in range(1, 6):
            desk.line.answers = [f"reply {number}"]
            await desk.take(text(number))
        await desk.take(text(9, sender="0912345678"))
        assert [to for to, _ in desk.sent] == [E164] * 3 + ["+84912345678"]
        await desk.office.rows("UPDATE inbound_sender SET hour = hour - interval '1 h' RETURNING 1")
        await desk.take(text(10))
        assert len(desk.sent) == 5


class TestWithoutIds:
    async def test_the_same_words_soon_are_the_same_message(self, desk: Desk) -> None:
        await desk.take(text(id=""))
        await desk.take(text(id=""))
        await desk.take(text(id="", text="TC 2 1234"))
        assert len(desk.sent) == 2

    async def test_the_same_words_later_are_another_message(self, desk: Desk) -> None:
        await desk.take(text(id=""))
        await desk.office.rows(
            "UPDATE inbound_text SET taken_at = taken_at - interval '301 s' RETURNING 1"
        )
        await desk.take(text(id=""))
        assert len(desk.sent) == 2


class TestReports:
    @pytest.mark.parametrize("by", ["reference", "provider_id"])
    async def test_a_report_about_a_reply_waits_for_nothing_and_is_not_kept(
        self, desk: Desk, by: str
    ) -> None:
        await desk.take(text())
        known = {"reference": desk.provider.sent[0].reference, "provider_id": "p-1"}[by]
        await desk.take({"verdict": "delivered", by: known})
        await desk.receive.drained()
        assert await desk.office.rows("SELECT FROM receipt_todo") == []
        assert await desk.office.rows("SELECT FROM receipt_raw") == []

    async def test_a_report_about_a_notice_that_comes_here_is_received(self, desk: Desk) -> None:
        [notice] = await desk.office.owed(posted())
        await desk.office.serve()
        reference = desk.provider.sent[0].reference
        await desk.take({"verdict": "delivered", "reference": reference})
        await desk.receive.drained()
        assert await desk.office.state(notice) == ("delivered", None)

    async def test_a_report_about_anything_else_is_looked_at_again(self, desk: Desk) -> None:
        await desk.take(text())
        await desk.take({"verdict": "delivered", "provider_id": "p-of-somebody-else"})
        await desk.receive.drained()
        assert len(await desk.office.rows("SELECT FROM receipt_todo WHERE tries = 1")) == 1


async def test_neither_words_nor_numbers_are_kept(desk: Desk) -> None:
    desk.provider.in_place = True
    await desk.take(text())
    kept = str(
        [dict(row) for table in ("inbound_text", "inbound_sender")
         for row in await desk.office.rows(f"SELECT * FROM {table}")]
    )  # fmt: skip
    for private in ("984765321", "TC 1", "1234", "Ho so"):
        assert private not in kept


async def test_an_erasure_leaves_no_reply_and_the_text_is_not_answered_again(desk: Desk) -> None:
    """A relative may have asked from a number of their own: so all replies go."""
    desk.provider.in_place = True
    office = desk.office
    await desk.take(text())
    await desk.take(text(2, sender="84900000043"))
    assert len(await office.rows("SELECT FROM inbound_text WHERE sealed IS NOT NULL")) == 2
    eraser = Erase(
        database=office.database, hasher=office.hasher, sealer=office.sealer, actor="an officer"
    )
    await eraser.erase(Whom(phone=E164))
    assert await office.rows("SELECT FROM inbound_text WHERE sealed IS NOT NULL") == []
    again = await desk.take(text())
    assert again == TextAnswer(content_type="text/plain", body=b"")
    assert len(desk.line.asked) == 2


async def test_replies_are_forgotten_after_an_hour(desk: Desk) -> None:
    desk.provider.in_place = True
    await desk.take(text(1))
    await desk.take(text(2))
    await desk.office.rows(
        "UPDATE inbound_text SET answered_at = now() - interval '61 min'"
        " WHERE message = (SELECT message FROM inbound_text LIMIT 1) RETURNING 1"
    )
    async with desk.office.database.connection() as connection:
        await inbound_texts.forget_old(connection, 3.0)
    kept = await desk.office.rows("SELECT sealed IS NOT NULL AS kept FROM inbound_text")
    assert sorted(row["kept"] for row in kept) == [False, True]


async def test_texts_are_forgotten_after_days(desk: Desk) -> None:
    await desk.take(text(1), text(2))
    await desk.office.rows("UPDATE inbound_sender SET hour = now() - interval '25 h' RETURNING 1")
    await desk.office.rows(
        "UPDATE inbound_text SET taken_at = now() - interval '73 h'"
        " WHERE message = (SELECT message FROM inbound_text LIMIT 1) RETURNING 1"
    )
    async with desk.office.database.connection() as connection:
        await inbound_texts.forget_old(connection, 3.0)
    assert len(await desk.office.rows("SELECT FROM inbound_text")) == 1
    assert await desk.office.rows("SELECT FROM inbound_sender") == []


async def test_the_help_names_the_number_of_who_writes_through_the_account(office: Office) -> None:
    assert centre_phone(office.directory.now, "esms") == "0271 1022"
    assert centre_phone(office.directory.now, "of-nobody") == ""
