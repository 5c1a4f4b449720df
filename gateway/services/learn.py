"""What sending teaches beside its outcome: which numbers have no Zalo, who wants no more messages,
and how often a text is used."""

from contextlib import suppress

from gateway.domain.notification import Change, Claimed
from gateway.domain.outcome import Accepted, Outcome, Reason, Unknown
from gateway.errors import LedgerUnavailable
from gateway.ledger import phone_memory
from gateway.ledger.database import Database
from gateway.services.desk.template_use import TemplateUse
from gateway.services.rehearsal import MODE_TEST
from gateway.services.suppress import Suppress


class Learn:
    """`no_zalo_days`: for how long it is remembered that nobody answers to a number on Zalo."""

    def __init__(
        self, *, database: Database, suppress: Suppress, use: TemplateUse, no_zalo_days: float
    ) -> None:
        self._database = database
        self._suppress = suppress
        self._use = use
        self._no_zalo_days = no_zalo_days

    def of_use(self, claimed: Claimed, language: str, outcome: Outcome) -> None:
        """Once for each message, whatever it takes to learn that it left; rehearsals are none."""
        if claimed.mode == MODE_TEST or claimed.times_asked > 1:
            return
        if isinstance(outcome, Accepted | Unknown):
            channel = claimed.current.channel
            self._use.count(claimed.kind, channel, language, claimed.unit, claimed.publication)

    async def of_person(self, claimed: Claimed, change: Change) -> None:
        """A convenience, so a ledger that is away costs one more question to the provider."""
        reason = change.result.reason if change.result else None
        with suppress(LedgerUnavailable):
            if reason is Reason.NO_ZALO_ACCOUNT:
                async with self._database.connection() as connection:
                    await phone_memory.remember_no_zalo(
                        connection, claimed.id, claimed.step, self._no_zalo_days
                    )
            elif reason is Reason.OPTED_OUT:
                await self._suppress.opted_out(
                    claimed.id, claimed.sealed, claimed.seal_key, claimed.current, claimed.account
                )
