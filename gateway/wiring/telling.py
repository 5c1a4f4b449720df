"""The ways by which operators are told of alerts, as far as they are configured."""

from dataclasses import replace

from gateway.providers.zalo_group import ZaloGroup
from gateway.services.callback_door import CallbackDoor
from gateway.services.tell_operators import (
    ByMail,
    ByWebhook,
    ByZalo,
    MailServer,
    Place,
    TellOperators,
    Way,
)
from gateway.settings import Settings
from gateway.wiring.core import Core


def wire_telling(core: Core) -> TellOperators:
    settings = core.settings
    place = Place(
        centre=settings.console.centre,
        url=settings.web.public_url,
        runbook=settings.alerts.runbook_url,
    )
    return TellOperators(
        database=core.database, ways=_ways(core, place), quiet_s=settings.alerts.quiet_s
    )


def _ways(core: Core, place: Place) -> list[Way]:
    told = core.settings.alerts
    ways: list[Way] = []
    if told.webhook_url:
        ways.append(
            ByWebhook(
                url=told.webhook_url,
                secret=told.webhook_secret,
                place=place,
                door=CallbackDoor(
                    timeout_s=core.settings.callbacks.timeout_s,
                    allow_private=True,
                    allowed_hosts=(),
                ),
                now=core.clock,
            )
        )
    if told.smtp_host:
        ways.append(_mail(core.settings, place))
    if told.zalo_group:
        ways.append(ByZalo(group=lambda: _group(core), place=place))
    return ways


def _mail(settings: Settings, place: Place) -> ByMail:
    told = settings.alerts
    server = MailServer(
        host=told.smtp_host,
        port=told.smtp_port,
        security=told.smtp_security,
        user=told.smtp_user,
        password=told.smtp_password,
        ca_file=str(told.smtp_ca_file) if told.smtp_ca_file else None,
    )
    return ByMail(server=server, sender=told.mail_from, recipients=told.mail_to, place=place)


def _group(core: Core) -> ZaloGroup | None:
    told = core.settings.alerts
    found = core.accounts.get(told.zalo_account)
    tokens = core.tokens.get(told.zalo_account)
    if found is None or tokens is None:
        return None
    access = replace(found.access, base_url=told.zalo_base_url)
    return ZaloGroup(access, core.door, tokens, told.zalo_group)
