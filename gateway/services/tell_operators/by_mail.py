"""Alerts by mail, over the site's own mail server."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal

from gateway.ledger.alert_news import News
from gateway.services.tell_operators.words import NotTold, Place, heading, letter

_PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """`ca_file` is what its certificate is checked against beside what the system trusts."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None


class ByMail:
    name = "mail"
    at_once = 20

    def __init__(
        self, *, server: MailServer, sender: str, recipients: Sequence[str], place: Place
    ) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients
        self._place = place

    async def tell(self, news: Sequence[News]) -> None:
        message = self._message(news)
        try:
            await asyncio.to_thread(self._send, message)
        except smtplib.SMTPAuthenticationError:
            raise NotTold("login_refused") from None
        except smtplib.SMTPException as error:
            raise NotTold(type(error).__name__) from None
        except ssl.SSLError:
            raise NotTold("tls") from None
        except OSError as error:
            raise NotTold(f"unreachable:{type(error).__name__}") from None

    async def close(self) -> None:
        """Nothing is kept open."""

    def _message(self, news: Sequence[News]) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = heading(news)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2] or "baotin")
        # Answering machines need not answer.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter(news, self._place))
        return message

    def _send(self, message: EmailMessage) -> None:
        server = self._server
        context = ssl.create_default_context()
        if server.ca_file:
            context.load_verify_locations(server.ca_file)
        with self._connection(context) as connection:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message)

    def _connection(self, context: ssl.SSLContext) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE_S, context=context)
        return smtplib.SMTP(server.host, server.port, timeout=_PATIENCE_S)
