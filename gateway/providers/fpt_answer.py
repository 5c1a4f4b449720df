"""What the answers of FPT's SMS API mean, whether about an access token or about a message.

FPT publishes no table of errors. These codes and their meanings stand in the public code of several
clients, which agree: four-digit codes are FPT's, the others those of the network operators.
Source: developer.sms.fpt.net/document; public client code.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.outcome import Blame, Deferred, Outcome, Reason, Rejected, Unknown
from gateway.providers.endings import (
    account,
    again,
    by_http_status,
    coded,
    later,
    message,
    recipient,
)
from gateway.providers.fields import word
from gateway.providers.outbound import BadReply, Reply

TOKEN_INVALID, TOKEN_EXPIRED = "1011", "1013"

# The same text to the same number within five minutes is refused, whether or not the first arrived.
SAME_TEXT_AGAIN_S = 300

ENDINGS: Sequence[tuple[Outcome, Sequence[str]]] = (
    # the recipient
    (recipient(Reason.PHONE_INVALID), ("53", "-10", "902")),
    (recipient(Reason.RECIPIENT_REFUSED), ("2505", "-11")),
    # the message
    (message(Reason.PARAMETER_INVALID), ("1014",)),
    (message(Reason.TEMPLATE_REFUSED), ("2518", "5", "-20", "55")),
    (message(Reason.CONTENT_REFUSED), ("2519", "6", "-18", "7")),
    (message(Reason.CONTENT_REFUSED), ("4", "-14", "901")),
    # the account; no waiting adds to a quota that was bought. Whether the brandname is registered
    # depends on the recipient's network, so waiting does not help this message.
    (account(Reason.CREDENTIALS), ("1008", TOKEN_INVALID, TOKEN_EXPIRED)),
    (account(Reason.WALLET_EMPTY), ("1016", "2502")),
    (account(Reason.ACCOUNT_MISCONFIGURED), ("1001", "1002", "1005", "1010", "1015", "2503", "8")),
    (account(Reason.SENDER_NOT_REGISTERED), ("2504", "54")),
    (Rejected(reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT), ("2513", "2", "-8")),
    # the moment
    (again(Reason.PROVIDER_UNAVAILABLE), ("1007",)),
    (replace(later(Reason.REPEATED_TEXT), retry_after_s=SAME_TEXT_AGAIN_S), ("2501", "1")),
    # something broke on the way, at FPT or at the operator: the message may be out
    (Unknown(reason=Reason.BAD_REPLY), ("1006", "2506", "2507", "3")),
)
CODES = {code: ending for ending, codes in ENDINGS for code in codes}

# Longer texts may repeat what was sent, and longer numbers may be a phone.
_CODE = re.compile(r"-?[0-9]{1,6}|[A-Za-z_]{1,40}")
UNREADABLE = "unreadable"


def refusal(reply: Reply) -> Outcome | None:
    """How an answer other than success ends; None where neither its status nor it names an error.

    Whether a refusal has a status of its own is not documented: its code tells more either way.
    """
    by_status, code = by_http_status(reply), error_code(reply)
    if not code or reply.status == 429:
        return by_status
    if known := coded(CODES, code):
        return known
    if by_status is None:
        return Unknown(reason=Reason.UNKNOWN_CODE, code=code)
    if isinstance(by_status, Unknown):
        return by_status
    return Deferred(reason=Reason.UNKNOWN_CODE, code=code)


def error_code(reply: Reply) -> str:
    """FPT's own code for what is wrong; empty where nothing is, or the answer cannot be read."""
    try:
        answer = reply.json()
    except BadReply:
        return ""
    # Both spellings are seen: the first about messages, the second about tokens.
    code = word(answer, "Error") or word(answer, "error")
    if code in ("", "0"):
        return ""
    return code if _CODE.fullmatch(code) else UNREADABLE
