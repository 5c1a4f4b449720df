"""What the line can find out: the dossiers of a number, one dossier by what its owner holds, and
the notice with a check code. Never by a name or an identity number.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.check_code import is_written_like_one
from gateway.domain.directory import Directory
from gateway.domain.dossier import EventKind
from gateway.domain.hours import local
from gateway.domain.recipient import read_phones
from gateway.errors import DirectoryError
from gateway.ledger import enquiries
from gateway.ledger.database import Connection, Database
from gateway.ledger.enquiries import Notice
from gateway.rendering.facts import Facts, Surroundings, facts_of
from gateway.sealing import Hasher
from gateway.services.compose import Compose
from gateway.services.payload import Payload
from gateway.services.search_tokens import (
    LEAST_ENDING,
    digits_of,
    dossier_group,
    ending_of,
    phone_group,
    secret_group,
)

_OWN_DAYS = 90
_RECEIPT_DAYS = 730
_MOST_OWN = 3
_LOOK_AT = 30
_MOST_OF_A_CODE = 3


@dataclass(frozen=True, kw_only=True, repr=False)
class Standing:
    """How one dossier stands. `ending` are the last four digits of its code."""

    kind: EventKind
    ending: str
    facts: Facts


@dataclass(frozen=True, kw_only=True, repr=False)
class Genuine:
    """A notice that was sent: who, when, and what its reader can compare; once its person was
    erased there is nothing left to compare, and both endings are empty."""

    centre: str
    day: datetime
    phone_ending: str = ""
    ending: str = ""
    erased: bool = False


class Enquiry:
    def __init__(
        self,
        *,
        database: Database,
        hasher: Hasher,
        compose: Compose,
        directory: Callable[[], Directory],
        surroundings: Callable[[], Surroundings],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._compose = compose
        self._directory = directory
        self._surroundings = surroundings
        self._now = now

    async def own(self, caller: str) -> list[Standing]:
        """The last dossiers about which this number was written to, newest first; but none whose
        people have another number since, for then this one may have been wrong."""
        numbers = {phone.e164 for phone in read_phones([caller]).phones}
        async with self._database.connection() as connection:
            found = await self._written_to(connection, numbers)
            told: list[Standing] = []
            for dossier in dict.fromkeys(self._dossier_of(one, self._opened(one)) for one in found):
                newest = await self._newest(connection, dossier)
                if newest and numbers & {phone.e164 for phone in newest[1].phones}:
                    standing = await self._standing(connection, *newest)
                    told += [standing] if standing else []
                if len(told) == _MOST_OWN:
                    break
        return told

    async def is_known_to(self, caller: str, digits: str) -> bool:
        """Whether this number was written to about a dossier whose code ends in these digits."""
        numbers = {phone.e164 for phone in read_phones([caller]).phones}
        async with self._database.connection() as connection:
            found = await self._written_to(connection, numbers)
        codes = (digits_of(self._opened(one).event.dossier_code) for one in found)
        return any(code.endswith(ending_of(digits)) for code in codes)

    async def dossier(self, digits: str, secret: str) -> Standing | None:
        """The dossier whose code ends in these digits and whose owner holds this secret: the one on
        the receipt, or the check code of a notice about it. None where that is true of several, for
        nobody is told of a stranger's."""
        if len(digits) < LEAST_ENDING:
            return None
        async with self._database.connection() as connection:
            found = await self._by_secret(connection, digits[-LEAST_ENDING:], secret)
            opened = [(one, self._opened(one)) for one in found]
            meant = {
                self._dossier_of(one, payload): (one, payload)
                for one, payload in opened
                if digits_of(payload.event.dossier_code).endswith(digits)
            }
            if len(meant) != 1:
                return None
            [(one, payload)] = meant.values()
            return await self._standing(connection, one, payload)

    async def genuine(self, code: str) -> list[Genuine]:
        """The notices that carry this check code, newest first: none, one, or by chance several."""
        if not is_written_like_one(code):
            return []
        async with self._database.connection() as connection:
            found = await enquiries.by_check_code(connection, int(code))
        return [self._genuine(one) for one in found[:_MOST_OF_A_CODE]]

    def _genuine(self, one: Notice) -> Genuine:
        sent_on = local(one.accepted_at)
        unit = self._directory().unit(one.unit, sent_on.date())
        sent = Genuine(centre=unit.name if unit else one.unit, day=sent_on)
        if one.sealed is None:
            return replace(sent, erased=True)
        payload = self._opened(one)
        return replace(
            sent,
            phone_ending=payload.phones[0].e164[-3:] if payload.phones else "",
            ending=ending_of(payload.event.dossier_code),
        )

    async def _written_to(
        self, connection: Connection, numbers: Collection[str]
    ) -> Sequence[Notice]:
        """The notices of these numbers; none if one was found to be somebody else's."""
        tokens = [one for number in numbers for one in phone_group(self._hasher, number)]
        hashes = [self._hasher.phone(one, v) for one in numbers for v in self._hasher.versions]
        if not tokens or await enquiries.is_wrong_number(connection, hashes):
            return []
        return await enquiries.by_tokens(connection, tokens, _OWN_DAYS, _LOOK_AT)

    async def _newest(
        self, connection: Connection, dossier: tuple[str, str]
    ) -> tuple[Notice, Payload] | None:
        """The last notice about a dossier, also one that was sent again to a corrected number."""
        tokens = dossier_group(self._hasher, dossier[1])
        for one in await enquiries.by_tokens(connection, tokens, _OWN_DAYS, _LOOK_AT):
            payload = self._opened(one)
            if self._dossier_of(one, payload) == dossier:
                return one, payload
        return None

    async def _by_secret(
        self, connection: Connection, ending: str, secret: str
    ) -> Sequence[Notice]:
        found: list[Notice] = []
        if is_written_like_one(secret):
            by_code = await enquiries.by_check_code(connection, int(secret))
            found += [one for one in by_code if one.sealed is not None]
        tokens = secret_group(self._hasher, ending, secret)
        found += await enquiries.by_tokens(connection, tokens, _RECEIPT_DAYS, _LOOK_AT)
        return found

    async def _standing(
        self, connection: Connection, one: Notice, payload: Payload
    ) -> Standing | None:
        """By what was last reported about the dossier, also where nobody was written to."""
        namespace, code = self._dossier_of(one, payload)
        keys = [self._hasher.dossier(namespace, code, version) for version in self._hasher.versions]
        last = await enquiries.standing(connection, keys)
        if last and last.last_notification not in (None, one.id):
            newest = await enquiries.notice(connection, last.last_notification)
            payload = self._opened(newest) if newest else payload
        event = payload.event
        if last:
            event = replace(event, kind=EventKind(last.last_kind), occurred_at=last.last_at)
        try:
            facts = facts_of(event, payload.recipient, self._surroundings(), self._now())
        except DirectoryError:
            return None
        return Standing(kind=event.kind, ending=ending_of(code), facts=facts)

    def _dossier_of(self, one: Notice, payload: Payload) -> tuple[str, str]:
        """Namespace and code: what makes two dossiers the same."""
        source = self._directory().sources.get(one.source)
        return source.namespace if source else "", payload.event.dossier_code

    def _opened(self, one: Notice) -> Payload:
        assert one.sealed is not None
        assert one.seal_key is not None
        return self._compose.payload(one.id, one.sealed, one.seal_key)
