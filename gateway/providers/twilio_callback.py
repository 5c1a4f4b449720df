"""What Twilio sends us: the addresses it is given, the forms it posts, and their signatures."""

from urllib.parse import parse_qsl, quote

from multidict import MultiDict
from twilio.request_validator import RequestValidator

from gateway.domain.message import Submission
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest

SIGNATURE = "X-Twilio-Signature"


def with_query(url: str, **values: str) -> str:
    """`url`, otherwise unchanged to the letter because it is signed, with more query parameters."""
    more = "&".join(f"{name}={quote(value)}" for name, value in values.items())
    return f"{url}{'&' if '?' in url else '?'}{more}"


def receipt_url(submission: Submission, access: AccountAccess) -> str:
    """Where Twilio reports about this submission. Without the overrides in the fragment it would
    report once and not repeat a report that we answered with an error."""
    url = with_query(submission.callback_url, ref=submission.reference)
    overrides = access.settings.get("callback_overrides", "rc=5&rp=all")
    return f"{url}#{overrides}" if overrides else url


def form_of(request: ReceiptRequest) -> MultiDict[str]:
    """The posted form. Raises NotAReceipt."""
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise NotAReceipt("not a form") from None
    return MultiDict(pairs)


def signed_by(token: str, request: ReceiptRequest) -> bool:
    try:
        form = form_of(request)
    except NotAReceipt:
        return False
    signature = request.header(SIGNATURE)
    return bool(RequestValidator(token).validate(request.url, form, signature))
