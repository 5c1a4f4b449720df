"""The mirror of what official accounts say of themselves and of their registered templates.

The clock's leader reads each account about hourly, and at once where an event says that something
changed: events are hints, the account's own answer is the truth. What stands in our way is alerted;
alerts about templates end when the account says that all is well again.
"""

import time
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.channel import Channel
from gateway.errors import BaotinError, RenderError
from gateway.ledger import alerts as open_alerts
from gateway.ledger import zalo_catalogue as stored
from gateway.ledger.database import Database
from gateway.ledger.zalo_catalogue import KnownStanding, KnownTemplate
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.providers.zalo_account import Quality, Quota, RegisteredTemplate, ZaloAccount
from gateway.providers.zalo_client import Refused, Withheld
from gateway.providers.zalo_zns import ZaloZns
from gateway.rendering.publication import TemplateVersion
from gateway.rendering.renderer import Renderer
from gateway.rendering.zalo import ZaloFile, ZaloTemplate
from gateway.services import zalo_misfits
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.alarm import Alarm
from gateway.services.live_templates import LiveTemplates
from gateway.services.rehearsal import is_rehearsal
from gateway.services.zalo_misfits import OurParams

log = structlog.get_logger()

Told = TypeVar("Told")

# After a failure an account is left alone for so long, whatever the events say.
AGAIN_AFTER_S = 60.0
_OF_TEMPLATES = (AlertKind.TEMPLATE_CHANGED, AlertKind.TEMPLATE_QUALITY)


class NotTold(BaotinError):
    """The official account does not answer."""


class ZaloCatalogue:
    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        templates: LiveTemplates,
        alarm: Alarm,
        every_s: float,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._templates = templates
        self._alarm = alarm
        self._every_s = every_s
        self._left_alone_until: dict[str, float] = {}

    async def refresh_due(self) -> None:
        """Read the accounts whose time has come. One that does not answer is logged and left for
        a while."""
        now = time.monotonic()
        codes = [code for code in self._all() if self._left_alone_until.get(code, now) <= now]
        async with self._database.connection() as connection:
            due = await stored.due(connection, codes, self._every_s)
        for code in due:
            try:
                await self.refresh(code)
            except NotTold as error:
                self._left_alone_until[code] = time.monotonic() + AGAIN_AFTER_S
                log.warning("zalo_account_not_read", account=code, problem=str(error))

    async def refresh(self, code: str) -> None:
        """Read one account, keep what it says, raise and end alerts. Raises NotTold."""
        found, zalo = self._account(code)
        async with self._database.connection() as connection:
            began = await stored.now(connection)
            before = await stored.standing(connection, code)
        try:
            now = replace(await _standing(zalo, before), read_at=began)
            templates = [_known(one) for one in await zalo.templates()]
        except (Refused, NotSent, MaybeSent) as error:
            raise NotTold(f"{code}: {error}") from None
        except Withheld as withheld:
            raise NotTold(f"{code}: {withheld.ending.reason}, {withheld.ending.code}") from None
        await self._settle(code, before, now, await self._misfits(found, templates, now))
        async with self._database.transaction() as connection:
            await stored.keep_templates(connection, code, templates)
            await stored.keep_standing(connection, code, now)

    def _all(self) -> list[str]:
        return [
            one.account.code
            for one in self._accounts.all()
            if isinstance(one.provider, ZaloZns) and not is_rehearsal(one.account.code)
        ]

    def _account(self, code: str) -> tuple[OpenAccount, ZaloAccount]:
        """An account that can be used now, and what it can be asked. Raises NotTold."""
        found = self._accounts.get(code)
        if found is None or not isinstance(found.provider, ZaloZns):
            raise NotTold(f"{code} is no Zalo account that can be used")
        return found, found.provider.account

    async def _misfits(
        self, found: OpenAccount, templates: Sequence[KnownTemplate], standing: KnownStanding
    ) -> list[Alert]:
        """What stands in the way of the templates that this account is set to use."""
        by_id = {one.template_id: one for one in templates}
        ours = await self._our_params()
        code, used = found.account.code, found.account.templates
        return [
            alert
            for template_id in sorted(set(used.values()))
            for alert in zalo_misfits.of_template(
                f"{code}/{template_id}",
                by_id.get(template_id),
                [params for name, params in ours if used.get(name) == template_id],
                standing,
            )
        ]

    async def _our_params(self) -> list[tuple[str, OurParams]]:
        """Our name of the template, and the parameters, of each Zalo text in force."""
        try:
            renderer = await self._templates.renderer(self._templates.current)
        except RenderError:
            return []
        versions = renderer.publication.templates.values()
        texts = [_text(renderer, one) for one in versions if one.key.channel is Channel.ZALO]
        return [
            (text.template, {name: one.max for name, one in text.params.items()})
            for text in texts
            if text is not None
        ]

    async def _settle(
        self, code: str, before: KnownStanding, now: KnownStanding, misfits: Sequence[Alert]
    ) -> None:
        """Sound what is wrong, and end what no longer is."""
        wrong = [*misfits, *zalo_misfits.of_account(code, before, now)]
        for alert in wrong:
            self._alarm.note(alert)
        await self._alarm.tell()
        standing = {(alert.kind, alert.subject) for alert in wrong}
        async with self._database.connection() as connection:
            alerted = await open_alerts.open_alerts(connection)
        for one in alerted:
            key = (one.alert.kind, one.alert.subject)
            if key not in standing and _ends(key, code, now):
                await self._alarm.over(*key)


def _ends(key: tuple[AlertKind, str], code: str, now: KnownStanding) -> bool:
    """Whether an alert that nothing supports any more is about this account and ends with it."""
    kind, subject = key
    if kind in _OF_TEMPLATES:
        return subject.startswith(f"{code}/")
    if subject != code:
        return False
    made_good = now.daily_quota is not None and now.quota_before is None
    return kind is AlertKind.ACCOUNT_QUALITY or (kind is AlertKind.QUOTA_CHANGED and made_good)


async def _standing(zalo: ZaloAccount, before: KnownStanding) -> KnownStanding:
    """What it does not want to tell, for want of a permission, stays as it was."""
    quota = await _told(zalo.quota(), Quota(daily=None, remaining=None))
    quality = await _told(zalo.quality(), Quality(now=before.quality, week=before.quality_week))
    tags = await _told(zalo.tags(), before.tags)
    return KnownStanding(
        daily_quota=before.daily_quota if quota.daily is None else quota.daily,
        remaining_quota=quota.remaining,
        quota_before=_quota_before(before, quota.daily),
        quality=quality.now,
        quality_week=quality.week,
        tags=tags,
        tags_had=tuple(sorted({*before.tags_had, *tags})),
    )


async def _told(question: Awaitable[Told], otherwise: Told) -> Told:
    try:
        return await question
    except Refused:
        return otherwise


def _quota_before(before: KnownStanding, daily: int | None) -> int | None:
    """What the daily quota fell from, until it is that high again."""
    highest = max(before.quota_before or 0, before.daily_quota or 0)
    if daily is None:
        return before.quota_before
    return highest if daily < highest else None


def _text(renderer: Renderer, version: TemplateVersion) -> ZaloFile | None:
    try:
        prepared = renderer.prepared(version)
    except RenderError:
        return None
    assert isinstance(prepared, ZaloTemplate)
    return prepared.file


def _known(one: RegisteredTemplate) -> KnownTemplate:
    limits = one.limits
    return KnownTemplate(
        template_id=one.id,
        name=one.name,
        status=one.status,
        quality=one.quality,
        tag=one.tag,
        timeout_s=limits.timeout_s if limits else None,
        price_vnd=one.price_vnd,
        preview_url=one.preview_url,
        params=tuple(
            {
                "name": param.name,
                "type": param.type,
                "required": param.required,
                "min": param.min_length,
                "max": param.max_length,
            }
            for param in limits.parameters
        )
        if limits
        else None,
    )
