"""What Infobip's status and error of one message say, in a pushed report as in a log entry.

`error.permanent` tells whether another try may help, except where the status already names the
cause.
Source: infobip.com/docs, response status and error codes; OpenAPI of the SMS API, 3.210.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.domain.outcome import (
    Blame,
    Deferred,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.providers.endings import account, again, later, message, recipient
from gateway.providers.fields import word

ACCEPTED, PENDING, UNDELIVERABLE, DELIVERED, EXPIRED, REJECTED = range(6)

TO_OPERATOR, TO_HANDSET = 2, 5
REJECTED_BY_OPERATOR, NOT_DELIVERED, PERIOD_OVER = 4, 9, 15
TAKEN_BEFORE, NO_REPORT_CAME = 23, 29

STATUSES: Mapping[int, Outcome] = {
    # the recipient
    REJECTED_BY_OPERATOR: recipient(Reason.CARRIER_REJECTED),
    8: recipient(Reason.PHONE_INVALID),
    NOT_DELIVERED: recipient(Reason.RECIPIENT_UNAVAILABLE),
    10: recipient(Reason.RECIPIENT_REFUSED),
    14: recipient(Reason.RECIPIENT_REFUSED),
    52: recipient(Reason.PHONE_INVALID),
    87: recipient(Reason.RECIPIENT_REFUSED),
    # the message
    24: message(Reason.PARAMETER_INVALID),
    25: message(Reason.PARAMETER_INVALID),
    51: message(Reason.PARAMETER_INVALID),
    # the account; 6 depends on the recipient's network, so waiting does not help this message
    6: Rejected(reason=Reason.ACCOUNT_MISCONFIGURED, blame=Blame.ACCOUNT),
    11: account(Reason.SENDER_NOT_REGISTERED),
    12: account(Reason.WALLET_EMPTY),
    13: account(Reason.SENDER_NOT_REGISTERED),
    17: account(Reason.WALLET_EMPTY),
    18: account(Reason.ACCOUNT_MISCONFIGURED),
    19: account(Reason.ACCOUNT_MISCONFIGURED),
    # the moment; 20 counts the messages to one number within an hour
    20: later(Reason.RATE_LIMITED),
    21: again(Reason.PROVIDER_UNAVAILABLE),
    31: again(Reason.NOT_SENT),
    100: again(Reason.PROVIDER_UNAVAILABLE),
    # may have been sent. Our reference was used before: the log tells what became of it then.
    PERIOD_OVER: Unknown(reason=Reason.UNKNOWN_CODE),
    TAKEN_BEFORE: Unknown(reason=Reason.UNKNOWN_CODE),
    NO_REPORT_CAME: Unknown(reason=Reason.UNKNOWN_CODE),
}

ERRORS: Mapping[int, Reason] = {
    **dict.fromkeys((6, 8, 27, 31, 256), Reason.HANDSET_UNREACHABLE),
    **dict.fromkeys((1, 5, 9, 11, 12, 13, 566, 568, 569, 629, 3041), Reason.RECIPIENT_UNAVAILABLE),
    **dict.fromkeys((608, 2049, 2050, 2052), Reason.RECIPIENT_REFUSED),
    **dict.fromkeys((345, 351, 352), Reason.PHONE_INVALID),
    603: Reason.OPTED_OUT,
    **dict.fromkeys((561, 604, 607, 2051), Reason.CONTENT_REFUSED),
    355: Reason.PARAMETER_INVALID,
    **dict.fromkeys((368, 2053), Reason.SENDER_NOT_REGISTERED),
    **dict.fromkeys((433, 577, 578, 579, 580, 592, 597), Reason.ACCOUNT_MISCONFIGURED),
    4099: Reason.WALLET_EMPTY,
    **dict.fromkeys((4103, 4104), Reason.RATE_LIMITED),
    **dict.fromkeys((811, 4098, 4101), Reason.CARRIER_EXPIRED),
}
NO_ERROR = 0

# What the carrier said stands in the error, not in these statuses.
_FROM_THE_CARRIER = frozenset({REJECTED_BY_OPERATOR, NOT_DELIVERED, PERIOD_OVER})


def receipt(
    report: Mapping[str, Any],
    reference: str,
    *,
    operator_is_delivery: bool,
    needs_query: bool = False,
) -> Receipt:
    verdict, reason = _verdict(report, operator_is_delivery)
    status, error = number(part(report, "status"), "id"), number(part(report, "error"), "id")
    return Receipt(
        verdict=verdict,
        reason=reason,
        reference=reference,
        provider_id=word(report, "messageId") or None,
        code=f"{status}:{error}" if error else str(status),
        at=_moment(word(report, "doneAt")),
        cost_vnd=_cost_vnd(report),
        needs_query=needs_query,
    )


def _verdict(
    report: Mapping[str, Any], operator_is_delivery: bool
) -> tuple[Verdict, Reason | None]:
    status = part(report, "status")
    group, code = number(status, "groupId"), number(status, "id")
    if group == DELIVERED:
        arrived = code == TO_HANDSET or (code == TO_OPERATOR and operator_is_delivery)
        return (Verdict.DELIVERED if arrived else Verdict.PROGRESS), None
    # Of these two nobody knows whether the message arrived.
    if group not in (UNDELIVERABLE, EXPIRED, REJECTED) or code in (TAKEN_BEFORE, NO_REPORT_CAME):
        return Verdict.PROGRESS, None
    match None if code in _FROM_THE_CARRIER else STATUSES.get(code or 0):
        case Rejected(reason=reason):
            return Verdict.FAILED, reason
        case Deferred(reason=reason):
            return Verdict.TRY_AGAIN, reason
    return _by_error(part(report, "error"), group)


def _by_error(error: Mapping[str, Any], group: int) -> tuple[Verdict, Reason]:
    code = number(error, "id") or NO_ERROR
    unnamed = Reason.CARRIER_EXPIRED if group == EXPIRED else Reason.CARRIER_REJECTED
    # "No error" is called passing, too, and says nothing.
    passing = code != NO_ERROR and error.get("permanent") is False
    return (Verdict.TRY_AGAIN if passing else Verdict.FAILED), ERRORS.get(code, unnamed)


def _cost_vnd(report: Mapping[str, Any]) -> int | None:
    """The price is for one part, in the currency of the account."""
    price, count = part(report, "price"), number(report, "messageCount")
    each = price.get("pricePerMessage")
    if price.get("currency") != "VND" or isinstance(each, bool) or count is None:
        return None
    return round(each * count) if isinstance(each, int | float) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def part(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def parts(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = fields.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
