"""When the certificate of our own public address ends, as somebody is shown it who calls there."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import structlog
from cryptography import x509
from yarl import URL

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.services.alarm import Alarm

log = structlog.get_logger()

_PATIENCE_S = 10.0


class OwnCertificate:
    """`url` is where the world reaches this installation. Nothing is looked at without https."""

    def __init__(self, *, url: str, alarm: Alarm, days_ahead: float) -> None:
        self._url = URL(url)
        self._alarm = alarm
        self._ahead = timedelta(days=days_ahead)

    async def look(self) -> None:
        host = self._url.host
        if self._url.scheme != "https" or not host:
            return
        try:
            ends_at = await _ends_at(host, self._url.port or 443)
        except (OSError, ValueError) as error:
            # From inside, the public address may be out of reach; that is no fault of the world's.
            log.warning("certificate_not_seen", host=host, error=type(error).__name__)
            return
        metrics.record_certificate(ends_at.timestamp())
        if ends_at - datetime.now(UTC) > self._ahead:
            await self._alarm.over(AlertKind.CERTIFICATE_ENDING, host)
            return
        detail = f"valid until {ends_at:%Y-%m-%d %H:%M} UTC"
        await self._alarm.sound(
            Alert(kind=AlertKind.CERTIFICATE_ENDING, subject=host, detail=detail)
        )


async def _ends_at(host: str, port: int) -> datetime:
    """Whatever is wrong with the certificate: it is looked at, not trusted."""
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    async with asyncio.timeout(_PATIENCE_S):
        _, writer = await asyncio.open_connection(host, port, ssl=unverified, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return x509.load_der_x509_certificate(shown).not_valid_after_utc
