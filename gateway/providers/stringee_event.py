"""What Stringee posts to us or asks of us: its signature, the events of a call, the key pressed.

A POST is signed over its body alone, so that what was said of one call could be posted again to
the address of another. The reference that we give to each question stands in the body.
Source: developer.stringee.com (validating requests, call events, SCCO).
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.domain.outcome import Reason, Receipt, Verdict
from gateway.providers.contract import NotAReceipt, ReceiptRequest

BUSY = (Verdict.TRY_AGAIN, Reason.BUSY)
NO_ANSWER = (Verdict.TRY_AGAIN, Reason.NO_ANSWER)
# That somebody took the call is all that its end proves; that the core was heard is known from the
# call itself, and outranks this.
HUNG_UP = (Verdict.TRY_AGAIN, Reason.HUNG_UP)
NO_SUCH_NUMBER = (Verdict.FAILED, Reason.RECIPIENT_UNAVAILABLE)

# By the first word of endCallCause: a SIP status (RFC 3261) or Stringee's own. To turn a call away
# is to have no time for it now. We cancel none, so a cancelled one has rung for too long.
CAUSES: Mapping[str, tuple[Verdict, Reason]] = {
    **dict.fromkeys(("486", "600", "603", "BUSY", "DECLINED", "CALL_REJECT"), BUSY),
    **dict.fromkeys(("408", "480", "487", "NO_ANSWER", "TIMEOUT", "CALL_CANCEL"), NO_ANSWER),
    **dict.fromkeys(("404", "410", "484", "604"), NO_SUCH_NUMBER),
    **dict.fromkeys(("USER_END_CALL", "MAX_CONNECT_TIME"), HUNG_UP),
    "REST_API_STOP": (Verdict.FAILED, Reason.WITHDRAWN),
}
# Everything else is between the networks: another call may get through.
OTHER_CAUSE = (Verdict.TRY_AGAIN, Reason.CARRIER_REJECTED)

SIGNATURE = "X-STRINGEE-SIGNATURE"

_REFERENCE = re.compile(r"[0-9a-f]{32}")


def signed_by(secret: str, request: ReceiptRequest) -> bool:
    """Whether it carries base64 of HMAC-SHA1 over the body, or over path and query of a GET."""
    signed = _request_uri(request.url) if request.method == "GET" else request.body
    right = b64encode(hmac.digest(secret.encode(), signed, "sha1"))
    return hmac.compare_digest(request.header(SIGNATURE).encode(), right)


def told_to_the_right_address(request: ReceiptRequest) -> bool:
    """Whether what is posted to the address of a call is a report about that call."""
    if request.method != "POST" or "/voice/" not in urlsplit(request.url).path:
        return True
    report = input_report(request)
    place = place_in_call(request.url)
    return report is not None and report.get("customField") in (None, "", place)


def place_in_call(address: str) -> str:
    """What a call's address says beyond the account: our reference, and where in the call."""
    return urlsplit(address).path.partition("/voice/")[2].partition("/")[2]


def input_report(request: ReceiptRequest) -> Mapping[str, Any] | None:
    """The report of a question in a running call; None for any other request."""
    try:
        report = request.json()
    except NotAReceipt:
        return None
    return report if request.method == "POST" and {"dtmf", "timeout"} & report.keys() else None


def receipt(request: ReceiptRequest) -> Receipt:
    """What an event says of its call. Raises NotAReceipt."""
    event = request.json()
    call_id, status = event.get("call_id"), event.get("call_status")
    if not (isinstance(call_id, str) and call_id and isinstance(status, str)):
        raise NotAReceipt("no call_id with a call_status")
    cause = _cause(event)
    ended = status == "ended"
    verdict, reason = _end(event, cause) if ended else (Verdict.PROGRESS, None)
    return Receipt(
        verdict=verdict,
        reference=_reference(event),
        provider_id=call_id,
        reason=reason,
        code=f"{status}:{cause}" if cause else status,
        talked_s=round(_talked_s(event)) if ended else None,
    )


def _end(event: Mapping[str, Any], cause: str) -> tuple[Verdict, Reason]:
    return HUNG_UP if _talked_s(event) > 0 else CAUSES.get(cause, OTHER_CAUSE)


def _talked_s(event: Mapping[str, Any]) -> float:
    talked_s = event.get("answerDuration")
    return talked_s if isinstance(talked_s, int | float) else 0


def _cause(event: Mapping[str, Any]) -> str:
    words = str(event.get("endCallCause") or "").split()
    return words[0][:40] if words else ""


def _reference(event: Mapping[str, Any]) -> str | None:
    """Ours, if it came back; other calls of the project have a number or a name there."""
    called = event.get("to")
    alias = called.get("alias") if isinstance(called, dict) else None
    return alias if isinstance(alias, str) and _REFERENCE.fullmatch(alias) else None


def _request_uri(url: str) -> bytes:
    parts = urlsplit(url)
    uri = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return uri.replace(" ", "%20").encode()
