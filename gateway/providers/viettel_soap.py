"""SOAP 1.1 as Viettel's bulk SMS speaks it: one operation in an envelope, and what it returned.

Source: the WSDL of bulkapi (namespace http://impl.bulkSms.ws/) as it stands in generated clients,
among them VietOpenCPS/opencps-v2.
"""

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from gateway.providers.outbound import BadReply, Call, Reply

_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml", "SOAPAction": '""'}
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:impl="http://impl.bulkSms.ws/"><soapenv:Header/><soapenv:Body>'
    "<impl:{operation}>{fields}</impl:{operation}></soapenv:Body></soapenv:Envelope>"
)
# Entities can be made to grow without bounds; an honest answer declares none.
_DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


def call(url: str, operation: str, fields: Mapping[str, str], timeout_s: float) -> Call:
    """The fields belong to no namespace and keep their order: the schema has them in a sequence."""
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    text = _ENVELOPE.format(operation=operation, fields=inner)
    return Call(method="POST", url=url, text=text, headers=_HEADERS, timeout_s=timeout_s)


def returned(reply: Reply) -> ElementTree.Element:
    """The element `return` of the answer. Raises BadReply for anything else, faults included."""
    unreadable = BadReply(f"http_{reply.status}")
    try:
        text = reply.body.decode("utf-8-sig")
        if any(one in text for one in _DECLARATIONS):
            raise unreadable
        root = ElementTree.fromstring(text)  # noqa: S314 - without declarations nothing expands
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise unreadable from None
    found = root.find(".//{*}return")
    if found is None:
        raise unreadable
    return found
