"""What providers report about accounts instead of messages: alerted at once, and looked into.

Several accounts may report to one address: a Zalo app posts the events of all its official accounts
to the one that it is registered with.
"""

from collections.abc import Mapping

import structlog

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.directory import Account
from gateway.ledger import zalo_catalogue as stored
from gateway.ledger.database import Database
from gateway.providers.contract import AccountNotice, ReceiptRequest, TellsOfAccounts
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.alarm import Alarm

log = structlog.get_logger()

_WORDS: Mapping[AlertKind, str] = {
    AlertKind.QUOTA_CHANGED: "daily quota {before} to {now}",
    AlertKind.TEMPLATE_QUALITY: "quality {now}",
    AlertKind.TEMPLATE_CHANGED: "is {now}",
}


class AccountNews:
    def __init__(self, database: Database, accounts: Accounts, alarm: Alarm) -> None:
        self._database = database
        self._accounts = accounts
        self._alarm = alarm

    def account_meant(self, reported_to: OpenAccount, request: ReceiptRequest) -> OpenAccount:
        """The account that an authentic request is about: the one it was sent to, or exactly one
        other of the same provider whose settings are those that the request names."""
        if not isinstance(reported_to.provider, TellsOfAccounts):
            return reported_to
        marks = reported_to.provider.about(request)
        if not marks or _carries(reported_to, marks):
            return reported_to
        provider = reported_to.account.provider
        others = [one for one in self._accounts.all() if one.account.provider == provider]
        meant = [one for one in others if _carries(one, marks)]
        return meant[0] if len(meant) == 1 else reported_to

    async def hear(self, about: OpenAccount, request: ReceiptRequest) -> None:
        """Raise and end alerts, and have the account itself asked soon. Raises LedgerUnavailable,
        and may then be told the same again."""
        if isinstance(about.provider, TellsOfAccounts):
            for notice in about.provider.notices(request):
                await self._hear(about.account, notice)

    async def _hear(self, account: Account, notice: AccountNotice) -> None:
        log.info("account_notice", account=account.code, kind=notice.kind, now=notice.now)
        async with self._database.connection() as connection:
            await stored.mark_stale(connection, account.code, _quota_before(notice))
        if notice.template and notice.template not in account.templates.values():
            return
        subject = f"{account.code}/{notice.template}" if notice.template else account.code
        if notice.worse:
            detail = _WORDS.get(notice.kind, "{now}").format(before=notice.before, now=notice.now)
            await self._alarm.sound(Alert(kind=notice.kind, subject=subject, detail=detail))
        elif notice.worse is False:
            await self._alarm.over(notice.kind, subject)


def _carries(one: OpenAccount, marks: Mapping[str, str]) -> bool:
    return marks.items() <= dict(one.account.settings).items()


def _quota_before(notice: AccountNotice) -> int | None:
    fell = notice.kind is AlertKind.QUOTA_CHANGED and notice.worse and notice.before.isdecimal()
    return int(notice.before) if fell else None
