"""What both Twilio providers share: the official client over the outbound door, the refusals of
the API itself, and finding a message or call whose answer was lost.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/api/errors.
"""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateway.domain.balance import Balance
from gateway.domain.message import SentMessage
from gateway.domain.outcome import Deferred, Missing, Outcome, Reason
from gateway.providers.contract import AccountAccess
from gateway.providers.endings import account, by_http_status, coded, later, message, recipient
from gateway.providers.fields import amount, word
from gateway.providers.outbound import BadReply, Call, Door, Reply

API = "https://api.twilio.com"

REFUSALS: Mapping[int, Outcome] = {
    # the recipient
    21211: recipient(Reason.PHONE_INVALID),
    21214: recipient(Reason.PHONE_INVALID),
    21610: recipient(Reason.OPTED_OUT),
    21614: recipient(Reason.PHONE_LANDLINE),
    21635: recipient(Reason.PHONE_LANDLINE),
    # the message
    63016: message(Reason.TEMPLATE_REFUSED),
    # the account
    20003: account(Reason.CREDENTIALS),
    21215: account(Reason.ACCOUNT_MISCONFIGURED),
    21408: account(Reason.ACCOUNT_MISCONFIGURED),
    21606: account(Reason.SENDER_NOT_REGISTERED),
    21608: account(Reason.ACCOUNT_MISCONFIGURED),
    21612: account(Reason.SENDER_NOT_REGISTERED),
    30002: account(Reason.ACCOUNT_MISCONFIGURED),
    # the moment
    20429: later(Reason.RATE_LIMITED),
    21730: later(Reason.PROVIDER_UNAVAILABLE),
    30001: later(Reason.RATE_LIMITED),
}

NEEDS_SETTINGS = ("account_sid",)
NEEDS_SECRETS = ("auth_token",)

# A lost message is looked for among those created from a little before our clock's submission
# (the clocks differ) until the last moment at which a slow request can have been taken.
CLOCK_SKEW_S = 5.0
TAKEN_LATE_S = 60.0
LISTED_AT_MOST = 20

T = TypeVar("T")


class Refused(Exception):
    """The API answered, and not with success."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"http_{reply.status}")
        self.reply = reply

    def ending(self) -> Outcome:
        """What the refusal means: by Twilio's own code, else by the HTTP status."""
        by_status, code = by_http_status(self.reply), _error_code(self.reply)
        assert by_status is not None
        if self.reply.status == 429 or not code:
            return by_status
        if known := coded(REFUSALS, code):
            return known
        if self.reply.status < 500:
            return Deferred(reason=Reason.UNKNOWN_CODE, code=str(code))
        return by_status


def _error_code(reply: Reply) -> int:
    try:
        code = reply.json().get("code")
    except BadReply:
        return 0
    return code if isinstance(code, int) else 0


class DoorClient(AsyncHttpClient):  # type: ignore[misc]  # the library has no types
    """Twilio's client talks through our door: no second pool, nothing of a request in any log."""

    def __init__(self, access: AccountAccess, door: Door) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._door = door
        self._base_url = access.base_url
        self._timeout_s = access.timeout_s

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,  # noqa: ARG002
    ) -> Response:
        reply = await self._door.request(
            Call(
                method=method,
                url=self._base_url + uri.removeprefix(API),
                params=params,
                form=data,
                headers=headers,
                basic=auth,
                timeout_s=timeout or self._timeout_s,
            )
        )
        if not 200 <= reply.status < 300:
            raise Refused(reply)
        return Response(reply.status, reply.body.decode(), reply.headers)


def client_of(access: AccountAccess, door: Door) -> Client:
    """`environment` is given so that variables of the machine do not change region or account."""
    sid = access.settings["account_sid"]
    return Client(
        username=access.secrets.get("api_key", sid),
        password=access.secrets.get("api_secret", access.secrets["auth_token"]),
        account_sid=sid,
        http_client=DoorClient(access, door),
        environment={"TWILIO_ACCOUNT_SID": sid},
    )


async def balance_of(client: Client) -> Balance | None:
    """What the account has left; sub-accounts have none of their own, and say so."""
    try:
        told = await understood(client.balance.fetch_async())
    except Refused:
        return None
    fields = {"balance": told.balance, "currency": told.currency}
    left = amount(fields, "balance")
    return None if left is None else Balance(amount=left, currency=word(fields, "currency"))


async def understood(answer: Awaitable[T]) -> T:
    """The library's answer. Raises BadReply where it stumbles over what it was given."""
    try:
        return await answer
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise BadReply("unreadable") from None


async def look_up(records: Any, sent: SentMessage, timeout_s: float) -> Any | Missing | None:
    """The one message or call that `sent` became; None where several may be it, or no answer came.

    `records` is `client.messages` or `client.calls`. The list is not filtered by the time of
    sending, which a record that is still queued does not have.
    """
    try:
        if sent.provider_id:
            return await understood(records(sent.provider_id).fetch_async())
        listed = await understood(records.list_async(to=sent.phone.e164, limit=LISTED_AT_MOST))
    except Refused as refused:
        return Missing() if sent.provider_id and refused.reply.status == 404 else None
    return _only_candidate(listed, sent, timeout_s)


def _only_candidate(
    listed: Sequence[Any], sent: SentMessage, timeout_s: float
) -> Any | Missing | None:
    """`sent.extra["known_ids"]` are ids, separated by blanks, that belong to other attempts."""
    known = set(sent.extra.get("known_ids", "").split())
    submitted = datetime.fromtimestamp(sent.sent_at_s, tz=UTC)
    first = submitted - timedelta(seconds=CLOCK_SKEW_S)
    last = submitted + timedelta(seconds=timeout_s + TAKEN_LATE_S)
    dated = [one for one in listed if isinstance(one.date_created, datetime)]
    possible = [one for one in dated if first <= one.date_created <= last and one.sid not in known]
    if possible:
        return possible[0] if len(possible) == 1 else None
    # A full page of newer records may have pushed ours out of it.
    reaches_back = len(listed) < LISTED_AT_MOST or any(one.date_created < first for one in dated)
    return Missing() if reaches_back else None
