"""The access token of one FPT account in this process, fetched when needed and kept while it lasts.

A token belongs to the random session under which it was fetched, so each process has its own.
Nothing is sent by fetching one: whatever goes wrong here, the message is deferred.
Source: developer.sms.fpt.net/document; public client code.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex

from gateway.domain.outcome import Deferred, Reason, Unknown
from gateway.providers.contract import AccountAccess
from gateway.providers.fields import word
from gateway.providers.fpt_answer import refusal
from gateway.providers.outbound import BadReply, Call, Door, MaybeSent, NotSent, Reply

TOKEN_PATH = "/oauth2/token"  # noqa: S105
DEFAULT_SCOPE = "send_brandname_otp"

# A message waits for its token within the lease of its attempt.
LONGEST_FETCH_S = 5.0
# A token lives for about an hour. It is given up this long before its end, or after half of a
# short life; where the answer does not tell its life, soon.
MARGIN_S = 60
UNTOLD_LIFE_S = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class FptToken:
    value: str = field(repr=False)
    session_id: str = field(repr=False)
    given_up_at_s: float


class FptTokens:
    """`clock` is monotonic, in seconds."""

    def __init__(self, access: AccountAccess, door: Door, clock: Callable[[], float]) -> None:
        self._access = access
        self._door = door
        self._clock = clock
        self._kept: FptToken | None = None
        self._fetching: asyncio.Task[FptToken | Deferred] | None = None

    async def current(self) -> FptToken | Deferred:
        """A token to use now, or how a message ends for which none could be had.

        All who wait share one fetch and its result: were they to fetch in turn, the last would
        wait for all failures before it.
        """
        if self._kept and self._clock() < self._kept.given_up_at_s:
            return self._kept
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
        return await asyncio.shield(self._fetching)

    def drop(self, refused: FptToken) -> None:
        """The next to ask gets another token than this one."""
        if self._kept is refused:
            self._kept = None

    async def _fetch(self) -> FptToken | Deferred:
        session_id = token_hex(16)
        try:
            reply = await self._door.request(self._call(session_id))
            fetched = self._read(reply, session_id)
        except NotSent as error:
            return Deferred(reason=Reason.NOT_SENT, code=error.cause)
        except MaybeSent:
            return Deferred(reason=Reason.NOT_SENT, code="no_token")
        finally:
            self._fetching = None
        if isinstance(fetched, FptToken):
            self._kept = fetched
        return fetched

    def _call(self, session_id: str) -> Call:
        return Call(
            method="POST",
            url=self._access.base_url + TOKEN_PATH,
            json={
                "grant_type": "client_credentials",
                "client_id": self._access.settings["client_id"],
                "client_secret": self._access.secrets["client_secret"],
                "scope": self._access.settings.get("scope", DEFAULT_SCOPE),
                "session_id": session_id,
            },
            timeout_s=min(self._access.timeout_s, LONGEST_FETCH_S),
        )

    def _read(self, reply: Reply, session_id: str) -> FptToken | Deferred:
        """Raises BadReply where the answer is neither a token nor a refusal."""
        ending = refusal(reply)
        if isinstance(ending, Deferred):
            return ending
        if ending is not None:
            # What ends a message for good there is here a fault of the account.
            lost = isinstance(ending, Unknown)
            reason = Reason.NOT_SENT if lost else Reason.ACCOUNT_MISCONFIGURED
            return Deferred(reason=reason, code=ending.code)
        answer = reply.json()
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise BadReply("no_token")
        life = word(answer, "expires_in")
        life_s = int(life) if life.isdecimal() and len(life) < 10 else UNTOLD_LIFE_S
        kept_s = max(life_s - MARGIN_S, life_s / 2)
        return FptToken(value=token, session_id=session_id, given_up_at_s=self._clock() + kept_s)
