"""Zalo ZNS: messages from templates registered with Zalo, to a phone number.

Every answer is HTTP 200; only `error` 0 is success. There is no idempotency key and no failure
report, so a lost answer waits for its receipt. Numbers can be asked about by Zalo's id only.
Source: zaloplatform/zalo-php-sdk; zalo.cloud/zns/guidelines/handle-error-code.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, Submission, ZaloBody
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Verdict,
)
from gateway.providers import zalo_event
from gateway.providers.contract import (
    AccessTokens,
    AccountAccess,
    AccountNotice,
    ReceiptRequest,
    Terms,
)
from gateway.providers.endings import (
    account,
    again,
    by_http_status,
    coded,
    later,
    message,
    recipient,
)
from gateway.providers.outbound import Door, Reply
from gateway.providers.zalo_account import ZaloAccount
from gateway.providers.zalo_client import Refused, Withheld, ZaloClient, error_of
from gateway.providers.zalo_template import KnownTemplates, TemplateLimits, limits_of

ENDINGS: Sequence[tuple[Outcome, Sequence[int]]] = (
    # the recipient
    (recipient(Reason.PHONE_INVALID), (-108,)),
    (recipient(Reason.NO_ZALO_ACCOUNT), (-118,)),
    (recipient(Reason.RECIPIENT_UNAVAILABLE), (-110, -114, -119, -140)),
    (recipient(Reason.RECIPIENT_REFUSED), (-139, -141)),
    # the moment
    (again(Reason.PROVIDER_UNAVAILABLE), (-100,)),
    (later(Reason.RATE_LIMITED), (-32,)),
    (later(Reason.NIGHT), (-133, -234)),
    (later(Reason.QUOTA), (-144, -147, -1441, -1471, -1472)),
    # the template and its parameters
    (message(Reason.PARAMETER_INVALID), (-106, -107, -111, -112, -121, -122, -132)),
    (message(Reason.PARAMETER_INVALID), (-1121, -1122, -1123, -1124)),
    (message(Reason.TEMPLATE_REFUSED), (-109, -113, -1131, -131, -146)),
    (message(Reason.CONTENT_REFUSED), (-116, -130, -145, -153)),
    # the account; -115 is quota or wallet, and no waiting fills a wallet
    (account(Reason.WALLET_EMPTY), (-115, -126, -137)),
    (account(Reason.CREDENTIALS), (-124, -216, -220, -104, -1241)),
    (account(Reason.ACCOUNT_MISCONFIGURED), (-101, -102, -103, -105, -138, -1381)),
    (account(Reason.ACCOUNT_MISCONFIGURED), (-117, -120, -1201, -1202, -125, -127)),
    (account(Reason.ACCOUNT_MISCONFIGURED), (-135, -1351, -136, -161, -162)),
    # what we never ask for: encrypted numbers and data, journeys, uploads
    (account(Reason.ACCOUNT_MISCONFIGURED), (-123, -128, -129, -142, -143, -151, -152)),
    (account(Reason.ACCOUNT_MISCONFIGURED), (-148, -149, -1491, -150, -158, -159, -160)),
)
CODES = {code: ending for ending, codes in ENDINGS for code in codes}

VERDICTS: Mapping[str, Verdict] = {"0": Verdict.PROGRESS, "1": Verdict.DELIVERED}
NEVER_SEEN = "-1"


class ZaloZns:
    terms = Terms(
        channel=Channel.ZALO,
        receipts=Receipts.HANDSET,
        query_by=QueryBy.PROVIDER_ID,
        query_gives_up_after_s=300,
        needs_settings=("app_id", "oauth_base_url"),
        needs_secrets=("app_secret", "oa_secret_key"),
        address_settings=("oauth_base_url",),
        proof_headers=(zalo_event.SIGNATURE,),
    )

    def __init__(self, access: AccountAccess, door: Door, tokens: AccessTokens) -> None:
        self._access = access
        self._client = ZaloClient(access, door, tokens)
        self.account = ZaloAccount(self._client)
        self._checks = access.settings.get("check_template", "1") != "0"
        self._templates = KnownTemplates(self.template_info)

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, ZaloBody)
        template_id = self._access.templates.get(body.template)
        if template_id is None:
            return Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="no_template_id")
        if misfits := await self._misfits(template_id, body.params):
            return Rejected(
                reason=Reason.PARAMETER_INVALID, blame=Blame.MESSAGE, code=f"misfit_{misfits[0]}"
            )
        fields = {
            "phone": submission.phone.e164.removeprefix("+"),
            "template_id": template_id,
            "template_data": dict(body.params),
            "tracking_id": submission.reference,
        }
        try:
            reply = await self._client.ask("POST", "/message/template", json=fields)
        except Withheld as withheld:
            return withheld.ending
        return by_http_status(reply) or _ending(reply)

    async def _misfits(self, template_id: str, params: Mapping[str, str]) -> tuple[str, ...]:
        """Parameters that this account's template would refuse, by its own limits."""
        limits = await self._templates.limits(template_id) if self._checks else None
        return limits.refused(params) if limits else ()

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        if sent.provider_id is None:
            return None
        found = await self._read("/message/status", {"message_id": sent.provider_id})
        status = str(found.get("status"))
        if status == NEVER_SEEN:
            return Missing()
        if status not in VERDICTS:
            return None
        return Receipt(
            verdict=VERDICTS[status],
            reference=sent.reference,
            provider_id=sent.provider_id,
            code=status,
            at=zalo_event.moment(found.get("delivery_time")),
        )

    async def template_info(self, template_id: str) -> TemplateLimits | None:
        """What Zalo allows in this template now; None where the account does not know it."""
        found = await self._read("/template/info/v2", {"template_id": template_id})
        return limits_of(found) if found else None

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return zalo_event.is_signed(
            request, self._access.settings["app_id"], self._access.secrets["oa_secret_key"]
        )

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        return zalo_event.receipts(request)

    def about(self, request: ReceiptRequest) -> Mapping[str, str]:
        return zalo_event.about(request, self._access.settings["app_id"])

    def notices(self, request: ReceiptRequest) -> Sequence[AccountNotice]:
        return zalo_event.notices(request)

    async def _read(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """The data of a read call; empty where it was refused."""
        try:
            data = (await self._client.read(path, params)).get("data")
        except (Withheld, Refused):
            return {}
        return data if isinstance(data, dict) else {}


def _ending(reply: Reply) -> Outcome:
    error = error_of(reply)
    if error == 0:
        data = reply.json().get("data")
        sent_as = data.get("msg_id") if isinstance(data, dict) else None
        return Accepted(provider_id=sent_as if isinstance(sent_as, str) else None, code="0")
    return coded(CODES, error) or Deferred(reason=Reason.UNKNOWN_CODE, code=str(error))
