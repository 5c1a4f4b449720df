"""Texts that are registered with the operators, and what each attempt is expected to cost."""

import copy
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from office import ASKED_TERMS, SMS_TERMS, TABLES, Office, entries, posted, report
from structlog.testing import capture_logs

from gateway.domain.alert import AlertKind
from gateway.domain.message import Registered, SmsBody
from gateway.domain.outcome import Accepted, Blame, Reason, Rejected, Unknown
from gateway.ledger import alerts
from gateway.ledger.alerts import OpenAlert
from gateway.services.apply_directory import apply

CODE = "000.00.12.H10-260303-0001"
OWNER = "Nguyen Thi Minh Anh"


@pytest.fixture
async def said(office: Office) -> str:
    """The SMS of the first event as it goes out, to make registrations of."""
    await office.owed(posted(1))
    await office.serve()
    body = office.sms.sent.pop().body
    assert isinstance(body, SmsBody)
    assert CODE in body.text
    assert OWNER in body.text
    return body.text


async def contract(office: Office, *registered: dict[str, Any], **more: Any) -> None:
    """The SMS account has these texts on file; units write by SMS first, then over Zalo."""
    tables = copy.deepcopy(TABLES)
    [esms] = [row for row in tables["account"] if row["code"] == "esms"]
    esms |= {"registered": list(registered), **more}
    [unit] = [row for row in tables["unit"] if row["code"] == "H10.13"]
    unit["route"].reverse()
    await apply(office.database, office.sealer, entries(tables), "test")
    await office.directory.refresh()


def text(said: str, **longest: int) -> dict[str, Any]:
    """The registration that `said` is one of, with what differs by notice left open."""
    left_open = said.replace(CODE, "{code}").replace(OWNER, "{owner}")
    left_open = re.sub(r", ma \d{10}\.", ", ma {check_code}.", left_open)
    params = ["owner", "code", "check_code"]
    return {
        "kind": "result-ready", "id": "T-17", "text": left_open, "params": params,
        "longest": longest,
    }  # fmt: skip


async def served(office: Office, number: int = 2, **data: Any) -> UUID:
    [one] = await office.owed(posted(number, **data))
    await office.serve("sms")
    await office.serve("zalo")
    return one


async def attempts(office: Office, one: UUID) -> list[asyncpg.Record]:
    return await office.rows(
        "SELECT * FROM attempt WHERE notification_id = $1 ORDER BY step, try", one
    )


async def open_alerts(office: Office) -> dict[str, OpenAlert]:
    await office.alarm.tell()
    async with office.database.connection() as connection:
        return await alerts.open_of(connection, AlertKind.TEXT_NOT_REGISTERED)


class TestARegisteredText:
    async def test_is_sent_with_its_id_and_its_values_in_the_operators_order(
        self, office: Office, said: str
    ) -> None:
        await contract(office, text(said))
        one = await served(office)
        [sent] = office.sms.sent
        code = CODE.replace("0001", "0002")
        assert isinstance(sent.body, SmsBody)
        check_code = sent.body.text[-11:-1]
        assert sent.registered == Registered(id="T-17", params=(OWNER, code, check_code))
        assert await office.state(one) == ("sent", None)
        assert await open_alerts(office) == {}

    async def test_of_another_kind_is_none_of_this_message(self, office: Office, said: str) -> None:
        await contract(office, text(said) | {"kind": "fee-due"})
        await served(office)
        [sent] = office.sms.sent
        assert sent.registered is None


class TestAnotherText:
    async def test_is_not_sent_and_the_next_step_goes_out(self, office: Office, said: str) -> None:
        await contract(office, text(said.replace("Kinh moi", "Xin moi")))
        one = await served(office, unit="H10.13")
        assert office.sms.sent == []
        assert len(office.zalo.sent) == 1
        assert await office.state(one) == ("sent", None)
        refused, sent = await attempts(office, one)
        assert (refused["outcome"], refused["reason"], refused["code"]) == (
            "rejected",
            "template_refused",
            "not_registered",
        )
        assert (refused["estimate_vnd"], sent["outcome"]) == (None, "accepted")

    async def test_on_the_last_step_fails_with_the_reason(self, office: Office, said: str) -> None:
        await contract(office, text(said.replace("Kinh moi", "Xin moi")))
        assert await office.state(await served(office)) == ("failed", "template_refused")

    async def test_raises_one_alert_about_the_account_and_the_kind(
        self, office: Office, said: str
    ) -> None:
        await contract(office, text(said.replace("Kinh moi", "Xin moi")))
        for number in (2, 3):
            await served(office, number)
        found = await open_alerts(office)
        assert list(found) == ["esms/result-ready"]
        assert found["esms/result-ready"].times == 2

    async def test_shows_where_it_differs_to_who_may_open_it_and_in_no_log(
        self, office: Office, said: str
    ) -> None:
        await contract(office, text(said, owner=5))
        with capture_logs() as logs:
            one = await served(office)
            await office.alarm.tell()
        [refused] = await attempts(office, one)
        about = (one, refused["step"], refused["try"])
        opened = office.compose.opened_text(about, refused["sealed"], refused["seal_key"])
        assert opened["difference"] == (
            f"text T-17: expected “{{owner}} of at most 5 characters”, found “{OWNER}”"
        )
        written = said.replace(CODE, CODE.replace("0001", "0002"))
        assert opened["text"][:-11] == written[:-11], "but for the check code"
        assert "text_not_taken" in [entry["event"] for entry in logs]
        for word in (OWNER, "Minh Anh", "of at most"):
            assert word not in repr(logs)

    async def test_of_a_kind_without_one_is_refused_where_the_account_needs_one(
        self, office: Office, said: str
    ) -> None:
        office.sms.terms = replace(SMS_TERMS, needs_registration=True)
        await contract(office, text(said) | {"kind": "fee-due"})
        one = await served(office, unit="H10.13")
        assert office.sms.sent == []
        assert len(office.zalo.sent) == 1
        [refused, _] = await attempts(office, one)
        about = (one, refused["step"], refused["try"])
        opened = office.compose.opened_text(about, refused["sealed"], refused["seal_key"])
        assert opened["difference"] == "nothing registered for result-ready"
        assert list(await open_alerts(office)) == ["esms/result-ready"]

    async def test_does_not_unsay_that_it_may_have_been_sent_before(
        self, office: Office, said: str
    ) -> None:
        office.sms.terms = ASKED_TERMS
        office.sms.answers = [Unknown(reason=Reason.TIMEOUT)]
        [one] = await office.owed(posted(2, unit="H10.13"))
        await office.serve("zalo")
        await office.run_out("receipt")
        await office.sweep().run_out()
        await office.serve("sms")
        assert len(office.sms.sent) == 1
        await contract(office, text(said.replace("Kinh moi", "Xin moi")))
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await office.serve("sms")
        assert len(office.sms.sent) == 1
        *_, asked = await attempts(office, one)
        assert (asked["outcome"], asked["asked"]) == ("unknown", 2)
        assert (await office.state(one))[0] in ("waiting", "sent")


class TestWhatAnAttemptCosts:
    async def test_is_estimated_by_the_price_of_each_part(self, office: Office, said: str) -> None:
        await contract(office, price_vnd=800)
        one = await served(office)
        [attempt] = await attempts(office, one)
        body = office.sms.sent[-1].body
        assert isinstance(body, SmsBody)
        assert (attempt["segments"], attempt["estimate_vnd"]) == (
            body.segments,
            800 * body.segments,
        )
        assert attempt["cost_vnd"] is None

    async def test_is_estimated_by_the_contracts_own_steps(self, office: Office, said: str) -> None:
        await contract(office, price_vnd=800, billing_steps=[40, 80, 120])
        one = await served(office)
        [attempt] = await attempts(office, one)
        parts = -(-len(said) // 40)
        assert (attempt["segments"], attempt["estimate_vnd"]) == (parts, 800 * parts)

    async def test_is_not_estimated_without_a_price(self, office: Office, said: str) -> None:
        await contract(office)
        [attempt] = await attempts(office, await served(office))
        assert (attempt["estimate_vnd"], attempt["cost_vnd"]) == (None, None)

    async def test_is_what_the_provider_says_where_it_says(self, office: Office, said: str) -> None:
        await contract(office, price_vnd=800)
        office.sms.answers = [Accepted(provider_id="p-2", segments=7, cost_vnd=4321)]
        [attempt] = await attempts(office, await served(office))
        assert (attempt["segments"], attempt["cost_vnd"]) == (7, 4321)
        assert attempt["estimate_vnd"] is not None

    async def test_is_what_a_later_report_says(self, office: Office, said: str) -> None:
        await contract(office, price_vnd=800)
        one = await served(office)
        receive = office.receive()
        body = {"verdict": "delivered", "reference": office.sms.sent[-1].reference}
        await receive.take("esms", report(body | {"cost_vnd": 640}))
        await receive.drained()
        [attempt] = await attempts(office, one)
        assert (attempt["cost_vnd"], attempt["verdict"]) == (640, "delivered")
        assert attempt["estimate_vnd"] is not None

    async def test_is_nothing_where_the_provider_refused(self, office: Office, said: str) -> None:
        await contract(office, price_vnd=800)
        office.sms.answers = [Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT)]
        [attempt] = await attempts(office, await served(office))
        assert attempt["estimate_vnd"] is None

    async def test_is_estimated_where_it_may_have_been_sent(
        self, office: Office, said: str
    ) -> None:
        await contract(office, price_vnd=800)
        office.sms.answers = [Unknown(reason=Reason.TIMEOUT)]
        [attempt] = await attempts(office, await served(office))
        assert attempt["estimate_vnd"] is not None


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        pytest.param({"refused_characters": "#:"}, "“:” at", id="a character"),
        pytest.param({"longest_text": 40}, "40 are taken", id="too long"),
    ],
)
async def test_what_the_account_takes_from_nobody_is_not_handed_to_it(
    terms: dict[str, Any], why: str, office: Office
) -> None:
    await contract(office)
    office.sms.terms = replace(SMS_TERMS, **terms)
    one = await served(office, 2, unit="H10.13")
    assert office.sms.sent == []
    first, second = await attempts(office, one)
    assert (first["outcome"], first["reason"], first["code"]) == (
        "rejected",
        "content_refused",
        "unfit",
    )
    assert (
        why
        in office.compose.opened_text(
            (one, first["step"], first["try"]), first["sealed"], first["seal_key"]
        )["difference"]
    )
    assert (second["channel"], second["outcome"]) == ("zalo", "accepted")
