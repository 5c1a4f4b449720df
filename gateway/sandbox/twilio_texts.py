"""Texts to a number of the simulated Twilio: the webhook, and the TwiML that answers it.

Source: twilio.com/docs/messaging/guides/webhook-request, twilio.com/docs/messaging/twiml.
"""

import hashlib
from xml.etree.ElementTree import Element, ParseError, fromstring

from gateway.sandbox.incoming import Text
from gateway.sandbox.phone import is_mobile

CONTENT_TYPES = ("text/xml", "application/xml")


def form_of(text: Text, account_sid: str, number: str) -> dict[str, str]:
    """The webhook's parameters. The same message has the same SID however often it is brought."""
    sid = "SM" + hashlib.md5(text.id.encode(), usedforsecurity=False).hexdigest()
    return {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "Body": text.text,
        "From": f"+{text.phone}" if is_mobile(text.phone) else text.phone,
        "FromCountry": "VN",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": number,
        "ToCountry": "VN",
    }


def reply_in(content_type: str, answer: bytes) -> str | None:
    """Raises ValueError for what is no TwiML of at most one message."""
    if content_type not in CONTENT_TYPES:
        raise ValueError("not XML")
    try:
        response = fromstring(answer)  # noqa: S314 - our own gateway's answer, in a simulator
    except ParseError:
        raise ValueError("not XML") from None
    if response.tag != "Response" or response.attrib or len(response) > 1:
        raise ValueError("no Response of one message")
    return _message(response[0]) if len(response) else None


def _message(verb: Element) -> str:
    """The text stands in the verb itself, or in one Body."""
    body = verb[0] if len(verb) else verb
    if verb.tag != "Message" or (body is not verb and body.tag != "Body") or verb.attrib:
        raise ValueError("no Message")
    if not body.text:
        raise ValueError("an empty Message")
    return body.text
