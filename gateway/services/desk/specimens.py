"""A message to oneself through the real account: in invented words, marked as a specimen, counted
nowhere.

It is no notification. A row of its own is committed before the account is called and closed after;
nothing ever sends it again, so that whatever is lost costs one specimen message and no citizen's.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory
from gateway.domain.message import Body, Registered, Submission
from gateway.domain.outcome import Accepted, Outcome
from gateway.domain.recipient import Phone, read_phones, usable_on
from gateway.errors import LedgerUnavailable
from gateway.ledger import directory as stored_directory
from gateway.ledger import guesses, suppressions
from gateway.ledger import specimens as stored
from gateway.ledger.database import Connection, Database
from gateway.ledger.specimens import NewSpecimen, Specimen
from gateway.ledger.template_drafts import DraftKey
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of
from gateway.sealing import Hasher
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.addresses import Addresses
from gateway.services.desk import refusals
from gateway.services.desk.carriers import units_of
from gateway.services.desk.drafting import audited
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.refusals import NotReady
from gateway.services.desk.specimen_words import marked, script_to_keep
from gateway.services.minting import mint
from gateway.services.rehearsal import is_rehearsal

log = structlog.get_logger()

# Of one person; and to one number from everybody together, so that nobody is pestered with them.
MOST_AN_HOUR = 10
MOST_TO_NUMBER_A_DAY = 20
_HOUR_S = 3600.0


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
        hasher: Hasher,
        directory: Callable[[], Directory],
        accounts: Accounts,
        addresses: Addresses,
        proofs: Proofs,
    ) -> None:
        self._database = database
        self._hasher = hasher
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
        body, registered, is_marked = marked(found, wish.key.kind, body)
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
            marked=is_marked,
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
        if not paused.isdisjoint({("everything", ""), ("channel", channel.value)}):
            raise refusals.paused()
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
        raise refusals.no_account()

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
            voice_url=self._addresses.call(found.account.code, specimen.hex),
            registered=registered,
        )

    async def _open(
        self, wish: SpecimenWish, found: OpenAccount, message: Submission, specimen: UUID
    ) -> None:
        async with self._database.transaction() as connection:
            await self._require_not_suppressed(connection, message.phone, wish.key.channel)
            await self._require_few(connection, wish.by)
            await self._require_few_to(connection, message.phone)
            row = NewSpecimen(
                id=specimen,
                actor=wish.by,
                key=wish.key,
                account=found.account.code,
                reference=message.reference,
                phone=message.phone.e164[-3:],
                script=script_to_keep(message.body),
            )
            await stored.open_one(connection, row)
            await audited(connection, wish.by, "template.specimen", wish.key)

    async def _require_not_suppressed(
        self, connection: Connection, phone: Phone, channel: str
    ) -> None:
        hashes = [self._hasher.phone(phone.e164, version) for version in self._hasher.versions]
        if await suppressions.holds(connection, hashes, channel):
            raise refusals.suppressed()

    @staticmethod
    async def _require_few(connection: Connection, by: str) -> None:
        await stored.take_turns(connection, by)
        if len(await stored.lately(connection, by, _HOUR_S)) >= MOST_AN_HOUR:
            raise refusals.too_many_specimens(MOST_AN_HOUR)

    async def _require_few_to(self, connection: Connection, phone: Phone) -> None:
        """What is refused is rolled back, and so not counted."""
        number = self._hasher.token("specimen-number", phone.e164)
        tries = await guesses.tried(connection, [number])
        if tries[number] > MOST_TO_NUMBER_A_DAY:
            raise refusals.too_many_to_number(MOST_TO_NUMBER_A_DAY)

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
        raise refusals.no_phone()
    return phones[0]
