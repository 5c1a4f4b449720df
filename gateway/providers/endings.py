"""The endings that the providers' code tables are written in, and what an HTTP status alone tells.

A fault of the account is deferred, not rejected, so that a message outlives the time a human needs
to mend the account.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from gateway.domain.outcome import STOPPING, Blame, Deferred, Outcome, Reason, Rejected, Unknown
from gateway.providers.outbound import Reply

K = TypeVar("K", int, str)

# Statuses that say by definition who is at fault. Every other refusal without a code means that
# we are talking to the wrong address or in the wrong way.
# 403 may be about a login, an address that is not allowed, or a text that a firewall dislikes.
_ACCOUNT_BY_STATUS = {401: Reason.CREDENTIALS}


def recipient(reason: Reason) -> Rejected:
    """This person cannot be reached this way."""
    return Rejected(reason=reason, blame=Blame.RECIPIENT)


def message(reason: Reason) -> Rejected:
    """The template or its parameters are wrong; the same message will be refused again."""
    return Rejected(reason=reason, blame=Blame.MESSAGE)


def account(reason: Reason) -> Deferred:
    """A human has to mend the account."""
    return Deferred(reason=reason, spends_try=reason not in STOPPING)


def again(reason: Reason) -> Deferred:
    """Did not work now; another try may."""
    return Deferred(reason=reason)


def later(reason: Reason) -> Deferred:
    """Not now through no fault of the message: throttling, night, quota."""
    return Deferred(reason=reason, spends_try=False)


def coded(table: Mapping[K, Outcome], code: K) -> Outcome | None:
    """The ending that the table gives to a provider's code, carrying that code."""
    ending = table.get(code)
    return None if ending is None else replace(ending, code=str(code))


def by_http_status(reply: Reply) -> Outcome | None:
    """The ending that an unsuccessful status means by itself; None for 2xx.

    A 5xx may come from a proxy after the provider took the message, so it is unknown unless the
    other side politely says when to come back.
    """
    status, code = reply.status, f"http_{reply.status}"
    if 200 <= status < 300:
        return None
    if status == 429:
        return replace(later(Reason.RATE_LIMITED), code=code, retry_after_s=reply.retry_after_s)
    if status == 503 and reply.retry_after_s is not None:
        ending = again(Reason.PROVIDER_UNAVAILABLE)
        return replace(ending, code=code, retry_after_s=reply.retry_after_s)
    if status == 408 or status >= 500:
        return Unknown(reason=Reason.BAD_REPLY, code=code)
    reason = _ACCOUNT_BY_STATUS.get(status, Reason.ACCOUNT_MISCONFIGURED)
    return replace(account(reason), code=code)
