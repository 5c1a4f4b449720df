"""Alerts for those who do not look at the console: by a webhook, by mail, in a Zalo group."""

from gateway.services.tell_operators.by_mail import ByMail, MailServer
from gateway.services.tell_operators.by_webhook import ByWebhook
from gateway.services.tell_operators.by_zalo import ByZalo
from gateway.services.tell_operators.tell import TellOperators, Way
from gateway.services.tell_operators.words import NotTold, Place

__all__ = [
    "ByMail",
    "ByWebhook",
    "ByZalo",
    "MailServer",
    "NotTold",
    "Place",
    "TellOperators",
    "Way",
]
