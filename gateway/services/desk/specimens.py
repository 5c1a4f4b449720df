"""A message to oneself through the real account: in invented words, marked as a specimen, counted
nowhere.

It is no notification. A row of its own is committed before the account is called and closed after;
nothing ever sends it again, so that whatever is lost costs one specimen message and no citizen's.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter

from gateway.domain import registration
from gateway.domain.channel import Channel
from gateway.domain.directory import Directory
from gateway.domain.message import Body, CallScript, Registered, Say, SmsBody, Submission, VoiceBody
from gateway.domain.outcome import Accepted, Outcome
from gateway.domain.recipient import Phone, read_phones, usable_on
from gateway.domain.text import segments
from gateway.errors import LedgerUnavailable
from gateway.ledger import directory as stored_directory
from gateway.ledger import specimens as stored
from gateway.ledger.database import Connection, Database
from gateway.ledger.specimens import NewSpecimen, Specimen
from gateway.ledger.template_drafts import DraftKey
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.addresses import Addresses
from gateway.services.desk.carriers import units_of
from gateway.services.desk.drafting import audited
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.refusals import DeskRefusal, NotReady
from gateway.services.minting import mint
from gateway.services.rehearsal import is_rehearsal

log = structlog.get_logger()

MOST_AN_HOUR = 10
_HOUR_S = 3600.0
_SCRIPT = TypeAdapter(CallScript)
_MARK, _SPOKEN_MARK = "[TIN THU] ", "Đây là cuộc gọi thử."


@dataclass(frozen=True, kw_only=True)
class SpecimenWish:
    """`sample` is the name of the dossier to be told of; the first one where there is no such."""

    key: DraftKey
    body: str
    phone: str
    by: str
    sample: str = ""


@dataclass(frozen=True, kw_only=True)
class SpecimenSent:
    """`marked` False: the words are registered with operators and went out unmarked."""

    id: UUID
    account: str
    phone: str
    outcome: str
    reason: str | None
    marked: bool


class Specimens:
    def __init__(
        self,
        *,
        database: Database,
        directory: Callable[[], Directory],
        accounts: Accounts,
        addresses: Addresses,
        proofs: Proofs,
    ) -> None:
        self._database = database
        self._directory = directory
        self._accounts = accounts
        self._addresses = addresses
        self._proofs = proofs

    async def send(self, wish: SpecimenWish) -> SpecimenSent:
        """Raises DeskRefusal where nothing is sent."""
        channel = Channel(wish.key.channel)
        phone = _phone(wish.phone, channel)
        body = await self._body(wish)
        found = await self._account(channel, wish.key.unit)
        body, registered, marked = _marked(found, wish.key.kind, body)
        specimen = mint()
        message = self._message(found, specimen, phone, body, registered)
        await self._open(wish, found, message, specimen)
        outcome = await self._called(found, message)
        reason = None if isinstance(outcome, Accepted) else outcome.reason.value
        name = type(outcome).__name__.lower()
        with suppress(LedgerUnavailable):
            async with self._database.connection() as connection:
                await stored.close(
                    connection,
                    specimen,
                    name,
                    reason,
                    outcome.code,
                    outcome.provider_id if isinstance(outcome, Accepted) else None,
                )
        return SpecimenSent(
            id=specimen,
            account=found.account.code,
            phone=str(phone),
            outcome=name,
            reason=reason,
            marked=marked,
        )

    async def lately(self, by: str) -> Sequence[Specimen]:
        async with self._database.connection() as connection:
            return await stored.lately(connection, by, 24 * _HOUR_S)

    async def _body(self, wish: SpecimenWish) -> Body:
        """In the words of a sample: a real person's dossier goes to nobody else."""
        proofed = await self._proofs.proof(wish.key, wish.body)
        if proofed.grave:
            raise NotReady(proofed.grave)
        made = [one for one in proofed.proof.made if one.body is not None]
        chosen = next((one for one in made if one.example.name == wish.sample), made[0])
        assert chosen.body is not None
        return chosen.body

    async def _account(self, channel: Channel, unit: str) -> OpenAccount:
        """One with room, on a route that the text is for, and not paused."""
        async with self._database.connection() as connection:
            paused = await stored_directory.pauses(connection)
        if ("everything", "") in paused:
            raise _refused_by_pause()
        for one in units_of(self._directory(), channel, unit):
            for step in one.route:
                open_pool = ("pool", step.pool) not in paused and ("unit", one.code) not in paused
                if step.channel is not channel or not open_pool:
                    continue
                for code in self._accounts.slots(step.pool, 1):
                    found = self._accounts.get(code)
                    usable = found is not None and ("account", code) not in paused
                    if usable and found is not None and not is_rehearsal(code):
                        return found
        raise _no_account()

    def _message(
        self,
        found: OpenAccount,
        specimen: UUID,
        phone: Phone,
        body: Body,
        registered: Registered | None,
    ) -> Submission:
        return Submission(
            reference=specimen.hex,
            phone=phone,
            body=body,
            callback_url=self._addresses.receipts(found.access),
            voice_url=self._addresses.voice(found.account.code, specimen.hex),
            registered=registered,
        )

    async def _open(
        self, wish: SpecimenWish, found: OpenAccount, message: Submission, specimen: UUID
    ) -> None:
        async with self._database.transaction() as connection:
            await self._require_few(connection, wish.by)
            row = NewSpecimen(
                id=specimen,
                actor=wish.by,
                key=wish.key,
                account=found.account.code,
                reference=message.reference,
                phone=message.phone.e164[-3:],
                script=_script(message.body),
            )
            await stored.open_one(connection, row)
            await audited(connection, wish.by, "template.specimen", wish.key)

    @staticmethod
    async def _require_few(connection: Connection, by: str) -> None:
        await stored.take_turns(connection, by)
        if len(await stored.lately(connection, by, _HOUR_S)) >= MOST_AN_HOUR:
            raise DeskRefusal(
                "too_many_specimens",
                f"Mỗi người gửi thử được {MOST_AN_HOUR} tin trong một giờ; hãy đợi rồi gửi tiếp.",
                f"Everybody may send {MOST_AN_HOUR} specimens an hour; wait, then go on.",
            )

    @staticmethod
    async def _called(found: OpenAccount, message: Submission) -> Outcome:
        """Beside the account's health: a specimen says nothing of how it serves citizens."""
        found.begin()
        try:
            return await found.provider.send(message)
        except (NotSent, MaybeSent) as error:
            return outcome_of(error)
        finally:
            found.end(None)


def _phone(text: str, channel: Channel) -> Phone:
    phones = [one for one in read_phones([text]).phones if usable_on(one, channel)]
    if len(phones) != 1:
        raise DeskRefusal(
            "no_phone",
            "Hãy nhập một số điện thoại của chính anh/chị, dùng được cho kênh này (SMS và Zalo"
            " cần số di động).",
            "Enter one telephone number of your own that this channel can reach (SMS and Zalo"
            " need a mobile number).",
        )
    return phones[0]


def _marked(found: OpenAccount, kind: str, body: Body) -> tuple[Body, Registered | None, bool]:
    """With a word that it is a specimen, unless the words are on file and must stay as they are."""
    match body:
        case SmsBody():
            return _marked_sms(found, kind, body)
        case VoiceBody(script=script):
            core = (Say(text=_SPOKEN_MARK), *script.core)
            return replace(body, script=replace(script, core=core)), None, True
    return body, None, False


def _marked_sms(
    found: OpenAccount, kind: str, body: SmsBody
) -> tuple[Body, Registered | None, bool]:
    terms = found.provider.terms
    known = registration.find(
        found.account.registered, kind, body.text, needed=terms.needs_registration
    )
    if isinstance(known, Registered):
        return body, known, False
    text = _MARK + body.text
    return replace(body, text=text, segments=segments(text).segments), None, True


def _script(body: Body) -> dict[str, Any] | None:
    if not isinstance(body, VoiceBody):
        return None
    dumped: dict[str, Any] = _SCRIPT.dump_python(body.script, mode="json")
    return dumped


async def script_of(connection: Connection, account: str, reference: str) -> CallScript | None:
    """What a specimen call says; None for a call that is none."""
    found = await stored.script(connection, account, reference)
    return None if found is None else _SCRIPT.validate_python(found)


def _no_account() -> DeskRefusal:
    return DeskRefusal(
        "no_account",
        "Không có tài khoản nào của kênh này đang gửi được; hãy hỏi người vận hành.",
        "No account of this channel can send now; ask an operator.",
    )


def _refused_by_pause() -> DeskRefusal:
    return DeskRefusal(
        "paused",
        "Việc gửi tin đang tạm dừng; hãy gửi thử khi đã mở lại.",
        "Sending is paused; try again once it goes on.",
    )
