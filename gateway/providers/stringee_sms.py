"""Stringee SMS: one text under a registered brandname.

An answer tells how many messages were taken, and a code `r` for each. There is no id, no report, no
status query and no idempotency key, so nothing is ever learnt about a lost answer.
The documentation does not list `r`; 0 is its example of success, 1 is what clients without a
brandname are told. A price has no currency there, so it is only believed where the account's
setting `price_currency` is VND.
Source: developer.stringee.com/docs/stringee-sms-rest-api; public client code for `r` 1.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from time import time
from typing import Any

from gateway.domain.channel import Channel, Receipts
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import Accepted, Deferred, Missing, Outcome, Reason, Receipt, Unknown
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest, Terms
from gateway.providers.endings import account, by_http_status, coded
from gateway.providers.outbound import BadReply, Call, Door
from gateway.providers.stringee_auth import AUTH_HEADER, auth_token

ACCEPTED = "0"

CODES: Mapping[str, Outcome] = {
    "1": account(Reason.SENDER_NOT_REGISTERED),
}

SEND_PATH = "/v1/sms"

_NUMBER = re.compile(r"-?[0-9]{1,6}")


class StringeeSms:
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NONE,
        needs_settings=("key_sid",),
        needs_secrets=("key_secret",),
    )

    def __init__(
        self, access: AccountAccess, door: Door, clock: Callable[[], float] = time
    ) -> None:
        self._access = access
        self._door = door
        self._clock = clock
        self._priced_in_vnd = access.settings.get("price_currency", "").upper() == "VND"

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        sms = {
            "from": self._access.sender,
            "to": submission.phone.e164.removeprefix("+"),
            "text": body.text,
        }
        call = Call(
            method="POST",
            url=self._access.base_url + SEND_PATH,
            headers={AUTH_HEADER: self._token()},
            json={"sms": [sms]},
            timeout_s=self._access.timeout_s,
        )
        reply = await self._door.request(call)
        return by_http_status(reply) or self._ending(reply.json(), body.segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:  # noqa: ARG002
        return None

    def verify_receipt(self, request: ReceiptRequest) -> bool:  # noqa: ARG002
        return False

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:  # noqa: ARG002
        raise NotAReceipt("Stringee reports nothing about an SMS")

    def _token(self) -> str:
        key_sid, key_secret = self._access.settings["key_sid"], self._access.secrets["key_secret"]
        return auth_token(key_sid, key_secret, self._clock())

    def _ending(self, answer: Mapping[str, Any], segments: int) -> Outcome:
        result = _result(answer)
        # A request that is refused as a whole has its code beside the missing result.
        code = _number(answer if result is None else result, "r")
        taken = _number(answer, "smsSent")
        if not code:
            raise BadReply("no_code")
        if code != ACCEPTED:
            return _refusal(code, taken)
        if result is None or taken == "0":
            raise BadReply("none_taken")
        return Accepted(code=code, segments=segments, cost_vnd=self._cost_vnd(result))

    def _cost_vnd(self, result: Mapping[str, Any]) -> int | None:
        price = _number(result, "price") if self._priced_in_vnd else ""
        return int(price) if price.isdecimal() else None


def _refusal(code: str, taken: str) -> Outcome:
    """A code that is not success, beside the number of messages that were taken all the same."""
    if taken not in ("", "0"):
        return Unknown(reason=Reason.UNKNOWN_CODE, code=code)
    return coded(CODES, code) or Deferred(reason=Reason.UNKNOWN_CODE, code=code)


def _result(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    results = answer.get("result")
    if isinstance(results, list) and results and isinstance(results[0], dict):
        return results[0]
    return None


def _number(fields: Mapping[str, Any], name: str) -> str:
    """A whole number, written as such or as text; empty for anything else."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value) if _NUMBER.fullmatch(str(value)) else ""
