"""FPT SMS: one text under a registered brandname.

The endpoint named "otp" takes all customer care messages. A message is sent with an access token
and the session of that token. There is no idempotency key. Delivery can be asked for at FPT, but
where and in which words is not public: until an operator can tell, nothing is promised and nothing
is asked.
Source: developer.sms.fpt.net/document; public client code.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from time import monotonic

from gateway.domain.channel import Channel, Receipts
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import Accepted, Deferred, Missing, Outcome, Reason, Receipt
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest, Terms
from gateway.providers.fields import word
from gateway.providers.fpt_answer import TOKEN_EXPIRED, TOKEN_INVALID, error_code, refusal
from gateway.providers.fpt_token import FptToken, FptTokens
from gateway.providers.outbound import BadReply, Call, Door, Reply

SEND_PATH = "/api/push-brandname-otp"
TOKEN_REFUSED = f"{TOKEN_INVALID},{TOKEN_EXPIRED}"

# An attempt's lease is its time limit and some twenty seconds. This and another token fit into it.
REPEATED_WITHIN_S = 10.0


class Fpt:
    """Settings: `scope` of the token, `phone_form` (84 or 0), and `token_refused`, the codes after
    which another token is fetched."""

    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NONE,
        needs_settings=("client_id",),
        needs_secrets=("client_secret",),
    )

    def __init__(
        self, access: AccountAccess, door: Door, clock: Callable[[], float] = monotonic
    ) -> None:
        self._access = access
        self._door = door
        self._clock = clock
        self._tokens = FptTokens(access, door, clock)
        refused = access.settings.get("token_refused", TOKEN_REFUSED)
        self._token_refused = frozenset(code.strip() for code in refused.split(",")) - {""}
        self._prefix = "0" if access.settings.get("phone_form") == "0" else "84"

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        began_s = self._clock()
        reply = await self._push(submission, body.text)
        in_time = self._clock() - began_s < REPEATED_WITHIN_S
        if in_time and isinstance(reply, Reply) and error_code(reply) in self._token_refused:
            # Nothing was sent, and nobody but us can know that the token had ended early.
            reply = await self._push(submission, body.text)
        return reply if isinstance(reply, Deferred) else self._ending(reply, body.segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:  # noqa: ARG002
        return None

    def verify_receipt(self, request: ReceiptRequest) -> bool:  # noqa: ARG002
        return False

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:  # noqa: ARG002
        raise NotAReceipt("FPT sends no reports")

    async def _push(self, submission: Submission, text: str) -> Reply | Deferred:
        """The answer, or the ending of a message for which no token could be had."""
        token = await self._tokens.current()
        if isinstance(token, Deferred):
            return token
        reply = await self._door.request(self._call(submission, text, token))
        if reply.status == 401 or error_code(reply) in self._token_refused:
            self._tokens.drop(token)
        return reply

    def _call(self, submission: Submission, text: str, token: FptToken) -> Call:
        return Call(
            method="POST",
            url=self._access.base_url + SEND_PATH,
            json={
                "access_token": token.value,
                "session_id": token.session_id,
                "BrandName": self._access.sender,
                "Phone": self._prefix + submission.phone.e164.removeprefix("+84"),
                "Message": b64encode(text.encode()).decode(),
                "RequestId": submission.reference,
            },
            timeout_s=self._access.timeout_s,
        )

    def _ending(self, reply: Reply, segments: int) -> Outcome:
        code = error_code(reply)
        if code in self._token_refused or reply.status == 401:
            # About this token, which the next call does not use any more, not about the login.
            return Deferred(reason=Reason.PROVIDER_UNAVAILABLE, code=code or "http_401")
        if ending := refusal(reply):
            return ending
        message_id = word(reply.json(), "MessageId")
        if message_id in ("", "0"):
            raise BadReply("no_message_id")
        return Accepted(provider_id=message_id, segments=segments)
