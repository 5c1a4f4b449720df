"""Operators hear of alerts by a webhook, by mail and in a Zalo group: once each, and never not."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from callback_receiver import Receiver
from installation import free_port
from own_certificate import certificate
from zalo_site import ZaloSite

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger import alert_news
from gateway.ledger.alert_news import News
from gateway.ledger.database import Database
from gateway.providers.zalo_group import ZaloGroup
from gateway.services.alarm import Alarm
from gateway.services.callback_door import CallbackDoor
from gateway.services.tell_operators import (
    ByMail,
    ByWebhook,
    ByZalo,
    MailServer,
    NotTold,
    Place,
    TellOperators,
)
from gateway.services.tell_operators.words import MEANINGS, letter

PLACE = Place(centre="Trung tâm thử", url="https://notify.example.gov.vn")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EMPTY = Alert(kind=AlertKind.ACCOUNT_STOPPED, subject="esms-main", detail="wallet_empty 103")
FULL = Alert(kind=AlertKind.DISK_LOW, subject="stores", detail="1.0 of 40 GiB free")


class Heard:
    """A way out that keeps in mind what it was told, unless it is deaf."""

    at_once = 20

    def __init__(self, name: str = "ear") -> None:
        self.name = name
        self.deaf = False
        self.broken = False
        self.takes_s = 0.0
        self.said: list[list[tuple[str, str]]] = []

    async def tell(self, news: Sequence[News]) -> None:
        await asyncio.sleep(self.takes_s)
        if self.deaf:
            raise NotTold("deaf")
        if self.broken:
            raise ValueError("a mistake of ours")
        self.said.append([(one.alert.kind, "over" if one.over_at else "open") for one in news])

    async def close(self) -> None:
        pass


class Office:
    """Alerts in a ledger and one who is told of them. `later` moves everything into the past."""

    def __init__(self, database: Database, *ways: Heard, quiet_s: float = 3600) -> None:
        self.alarm = Alarm(database)
        self._database = database
        self.telling = TellOperators(database=database, ways=ways, quiet_s=quiet_s)

    async def later(self, seconds: float) -> None:
        ago = timedelta(seconds=seconds)
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE alert_told SET next_at = next_at - $1::interval,"
                " opened_at = opened_at - $1::interval",
                ago,
            )

    async def rows(self) -> int:
        async with self._database.connection() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM alert_told"))


@pytest.fixture
def ear() -> Heard:
    return Heard()


@pytest.fixture
def watched(database: Database, ear: Heard) -> Office:
    return Office(database, ear)


class TestOnce:
    async def test_an_alert_is_told_once_however_often_it_happens(
        self, watched: Office, ear: Heard
    ) -> None:
        for _ in range(3):
            await watched.alarm.sound(EMPTY)
            await watched.telling.tell()
        assert ear.said == [[("account_stopped", "open")]]

    async def test_that_it_is_over_is_told_once_too(self, watched: Office, ear: Heard) -> None:
        await watched.alarm.sound(EMPTY)
        await watched.telling.tell()
        await watched.alarm.over(EMPTY.kind, EMPTY.subject)
        for _ in range(2):
            await watched.telling.tell()
        assert ear.said == [[("account_stopped", "open")], [("account_stopped", "over")]]

    async def test_several_at_once_are_one_message(self, watched: Office, ear: Heard) -> None:
        await watched.alarm.sound(EMPTY)
        await watched.alarm.sound(FULL)
        await watched.telling.tell()
        assert ear.said == [[("account_stopped", "open"), ("disk_low", "open")]]

    async def test_one_that_comes_back_soon_is_told_only_if_it_stays(
        self, watched: Office, ear: Heard
    ) -> None:
        for _ in range(3):
            await watched.alarm.sound(EMPTY)
            await watched.telling.tell()
            await watched.alarm.over(EMPTY.kind, EMPTY.subject)
            await watched.telling.tell()
        assert len(ear.said) == 2
        await watched.alarm.sound(EMPTY)
        await watched.telling.tell()
        assert len(ear.said) == 2
        await watched.later(3601)
        await watched.telling.tell()
        assert ear.said[2:] == [[("account_stopped", "open")]]

    async def test_another_subject_is_another_alert(self, watched: Office, ear: Heard) -> None:
        await watched.alarm.sound(EMPTY)
        await watched.telling.tell()
        await watched.alarm.sound(replace(EMPTY, subject="twilio"))
        await watched.telling.tell()
        assert len(ear.said) == 2


class TestNeverLost:
    async def test_what_was_not_taken_is_told_again_ever_more_rarely(
        self, watched: Office, ear: Heard
    ) -> None:
        ear.deaf = True
        await watched.alarm.sound(EMPTY)
        await watched.telling.tell()
        ear.deaf = False
        await watched.telling.tell()
        assert ear.said == []
        await watched.later(11)
        await watched.telling.tell()
        assert ear.said == [[("account_stopped", "open")]]

    async def test_one_that_ended_before_anybody_heard_is_told_as_past(
        self, watched: Office, ear: Heard
    ) -> None:
        ear.deaf = True
        await watched.alarm.sound(EMPTY)
        await watched.telling.tell()
        await watched.alarm.over(EMPTY.kind, EMPTY.subject)
        ear.deaf = False
        await watched.later(11)
        for _ in range(2):
            await watched.telling.tell()
        assert ear.said == [[("account_stopped", "over")]]

    async def test_a_crash_after_telling_tells_again(
        self, database: Database, watched: Office, ear: Heard
    ) -> None:
        """Told and not yet noted: as if the process had died between the two."""
        await watched.alarm.sound(EMPTY)
        await watched.telling.tell()
        async with database.connection() as connection:
            await connection.execute("UPDATE alert_told SET opened_at = NULL")
        await Office(database, ear).telling.tell()
        assert ear.said == [[("account_stopped", "open")]] * 2

    async def test_a_way_that_takes_nothing_holds_up_no_other(self, database: Database) -> None:
        deaf, ear = Heard("deaf"), Heard("ear")
        deaf.deaf = True
        both = Office(database, deaf, ear)
        await both.alarm.sound(EMPTY)
        await both.telling.tell()
        assert ear.said == [[("account_stopped", "open")]]

    async def test_a_way_that_breaks_holds_up_no_other(self, database: Database) -> None:
        broken, ear = Heard("broken"), Heard("ear")
        broken.broken, ear.takes_s = True, 0.2
        both = Office(database, broken, ear)
        await both.alarm.sound(EMPTY)
        await both.telling.tell()
        await both.telling.tell()
        assert ear.said == [[("account_stopped", "open")]]
        broken.broken = False
        await both.later(11)
        await both.telling.tell()
        assert broken.said == ear.said

    async def test_two_who_tell_at_once_tell_it_once(self, database: Database) -> None:
        """A clock that has lost the lead and does not know it yet."""
        ear = Heard()
        ear.takes_s = 0.2
        first, second = Office(database, ear), Office(database, ear)
        await first.alarm.sound(EMPTY)
        await asyncio.gather(first.telling.tell(), second.telling.tell())
        assert ear.said == [[("account_stopped", "open")]]

    async def test_who_dies_while_telling_is_followed_by_another(
        self, database: Database, watched: Office, ear: Heard
    ) -> None:
        ear.takes_s = 60.0
        await watched.alarm.sound(EMPTY)
        dying = asyncio.create_task(watched.telling.tell())
        await asyncio.sleep(0.2)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        ear.takes_s = 0.0
        await watched.later(121)
        await watched.telling.tell()
        assert ear.said == [[("account_stopped", "open")]]

    async def test_what_is_long_past_is_forgotten_and_what_is_open_is_not(
        self, database: Database, watched: Office
    ) -> None:
        await watched.alarm.sound(EMPTY)
        await watched.alarm.sound(FULL)
        await watched.telling.tell()
        await watched.alarm.over(EMPTY.kind, EMPTY.subject)
        async with database.connection() as connection:
            for table in ("alert", "alert_told"):
                await connection.execute(f"UPDATE {table} SET since = since - interval '31 days'")
            await alert_news.forget_old(connection)
        assert await watched.rows() == 1


def _news(alert: Alert = EMPTY, **changes: Any) -> News:
    at = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
    return News(**{"alert": alert, "since": at, "last_at": at, "times": 3, **changes})


class TestByWebhook:
    async def test_it_is_signed_and_says_everything(self) -> None:
        async with Receiver(secret=SECRET) as receiver:
            way = _webhook(receiver.url)
            for _ in range(2):
                await way.tell([_news()])
            await way.tell([_news(over_at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC))])
            await way.close()
        first, again, over = receiver.taken
        assert receiver.refused == 0
        assert first.id == again.id != over.id
        assert first.body["type"] == "baotin.alerts"
        assert first.data["centre"] == PLACE.centre
        [told] = first.data["alerts"]
        assert told == {
            "state": "open",
            "kind": "account_stopped",
            "subject": "esms-main",
            "detail": "wallet_empty 103",
            "meaning": MEANINGS[AlertKind.ACCOUNT_STOPPED],
            "runbook": "docs/runbook.md#account_stopped",
            "since": "2026-03-02T01:05:00+00:00",
            "last_at": "2026-03-02T01:05:00+00:00",
            "times": 3,
            "over_at": None,
        }
        assert over.data["alerts"][0]["state"] == "over"

    async def test_it_names_the_address_of_the_runbook(self) -> None:
        place = replace(PLACE, runbook="https://git.example.gov.vn/runbook.md")
        async with Receiver(secret=SECRET) as receiver:
            way = _webhook(receiver.url, place)
            await way.tell([_news()])
            await way.close()
        [told] = receiver.taken[0].data["alerts"]
        assert told["runbook"] == "https://git.example.gov.vn/runbook.md#account_stopped"
        assert letter([_news()], place).splitlines()[2] == told["runbook"]

    async def test_only_a_success_counts(self) -> None:
        async with Receiver(secret=SECRET, statuses=[500]) as receiver:
            way = _webhook(receiver.url)
            with pytest.raises(NotTold, match="failed"):
                await way.tell([_news()])
            await way.close()


def _webhook(url: str, place: Place = PLACE) -> ByWebhook:
    door = CallbackDoor(timeout_s=5, allow_private=True, allowed_hosts=())
    return ByWebhook(url=url, secret=SECRET, place=place, door=door, now=lambda: datetime.now(UTC))


class Postbox:
    """A mail server that takes mail from who has logged in over TLS."""

    def __init__(self, pem: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        port = free_port()
        self.mails: list[EmailMessage] = []
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._login,
        )
        self.server = MailServer(
            host="127.0.0.1",
            port=port,
            security="starttls",
            user="gateway",
            password="secret",
            ca_file=str(pem),
        )

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def _login(self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> Any:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (b"gateway", b"secret")
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


@pytest.fixture
def postbox(tmp_path: Path) -> Iterator[Postbox]:
    pem = tmp_path / "mail.pem"
    pem.write_bytes(certificate())
    box = Postbox(pem)
    box.start()
    yield box
    box.stop()


def _mail(server: MailServer) -> ByMail:
    recipients = ("van-hanh@example.gov.vn", "truc@example.gov.vn")
    return ByMail(server=server, sender="baotin@example.gov.vn", recipients=recipients, place=PLACE)


class TestByMail:
    async def test_a_mail_says_in_vietnamese_what_is_wrong_and_where_to_look(
        self, postbox: Postbox
    ) -> None:
        await _mail(postbox.server).tell([_news(), _news(FULL, times=1)])
        [mail] = postbox.mails
        assert mail["To"] == "van-hanh@example.gov.vn, truc@example.gov.vn"
        assert mail["Subject"] == (
            "[baotin] Cảnh báo: Tài khoản gửi tin bị dừng (hết tiền hoặc sai đăng nhập):"
            " esms-main (wallet_empty 103) và 1 việc khác"
        )
        text = mail.get_content()
        assert "Từ 08:05 ngày 02/03/2026, 3 lần\n" in text
        assert "Ổ đĩa sắp đầy: stores (1.0 of 40 GiB free)\nTừ 08:05" in text
        assert "Xem mục account_stopped trong docs/runbook.md" in text
        assert text.endswith("Trung tâm thử\nhttps://notify.example.gov.vn/console/\n")

    async def test_a_detail_of_several_lines_or_of_any_length_breaks_no_mail(
        self, postbox: Postbox
    ) -> None:
        odd = replace(EMPTY, detail="code\r\nBcc: x@example.gov.vn " + "x" * 500)
        await _mail(postbox.server).tell([_news(odd)])
        [mail] = postbox.mails
        assert mail["Bcc"] is None
        assert "esms-main (code Bcc: x@example.gov.vn xxx" in mail["Subject"]
        assert max(map(len, mail.get_content().splitlines())) < 300

    async def test_a_mail_that_it_is_over_says_from_when_to_when(self, postbox: Postbox) -> None:
        await _mail(postbox.server).tell([_news(over_at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC))])
        [mail] = postbox.mails
        assert mail["Subject"].startswith("[baotin] Đã hết cảnh báo: ")
        assert "Từ 08:05 ngày 02/03/2026 đến 09:00 ngày 02/03/2026" in mail.get_content()

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            pytest.param({"password": "wrong"}, "login_refused", id="a wrong password"),
            pytest.param({"ca_file": None}, "tls", id="a certificate nobody vouches for"),
            pytest.param(
                {"security": "none", "user": ""}, "SMTP", id="a server that wants encryption"
            ),
            pytest.param({"port": 1}, "unreachable", id="no server"),
        ],
    )
    async def test_what_hinders_it_is_one_word(
        self, postbox: Postbox, changes: dict[str, Any], why: str
    ) -> None:
        with pytest.raises(NotTold, match=why):
            await _mail(replace(postbox.server, **changes)).tell([_news()])
        assert postbox.mails == []

    def test_the_password_is_not_shown(self, postbox: Postbox) -> None:
        assert "secret" not in repr(postbox.server)


class TestByZalo:
    async def test_a_group_reads_it_also_under_a_token_that_has_to_be_renewed(
        self, untold: ZaloSite
    ) -> None:
        untold.oa("oa-a").take_wishes({"expire_tokens": True})
        await ByZalo(group=lambda: _group(untold, "group-1"), place=PLACE).tell([_news()])
        [text] = await _texts(untold, "group-1")
        assert text.startswith("CẢNH BÁO: Tài khoản gửi tin bị dừng")

    async def test_of_many_alerts_none_is_cut_off(
        self, untold: ZaloSite, database: Database
    ) -> None:
        way = ByZalo(group=lambda: _group(untold, "group-1"), place=PLACE)
        subjects = [f"account-{number}-{'x' * 40}" for number in range(9)]
        for subject in subjects:
            await Alarm(database).sound(replace(EMPTY, subject=subject, detail="y" * 300))
        telling = TellOperators(database=database, ways=[way], quiet_s=3600)
        for _ in range(4):
            await telling.tell()
        texts = await _texts(untold, "group-1")
        assert [[subject in text for text in texts].count(True) for subject in subjects] == [1] * 9
        assert all(text.endswith("/console/\n") for text in texts)

    async def test_a_group_of_others_is_refused_with_zalos_code(self, untold: ZaloSite) -> None:
        with pytest.raises(NotTold, match="-232"):
            await ByZalo(group=lambda: _group(untold, "group-2"), place=PLACE).tell([_news()])

    async def test_an_account_that_is_not_there_tells_nobody(self) -> None:
        with pytest.raises(NotTold, match="no_account"):
            await ByZalo(group=lambda: None, place=PLACE).tell([_news()])


async def _texts(site: ZaloSite, group: str) -> list[str]:
    url = f"{site.settings.sandbox.base_url}/zalo/groups/{group}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return list((await answer.json())["texts"])


def _group(site: ZaloSite, group: str) -> ZaloGroup:
    core = site.clockwork.core
    found = core.accounts.get("oa-a")
    assert found is not None
    return ZaloGroup(found.access, core.door, core.tokens["oa-a"], group)


def test_every_alert_has_words() -> None:
    assert set(MEANINGS) == set(AlertKind)


async def test_each_way_can_be_tried(database: Database) -> None:
    deaf, ear = Heard("deaf"), Heard("ear")
    deaf.deaf = True
    tried = await Office(database, deaf, ear).telling.try_out()
    assert tried == {"deaf": "deaf", "ear": "told"}
    assert ear.said == [[("trial", "open")]]
