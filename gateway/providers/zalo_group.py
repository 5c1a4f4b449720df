"""A text into a group chat that an official account owns (GMF): for operators, not citizens.

Source: developers.zalo.me, “Nhóm chat GMF”, as quoted by public clients; not tried against Zalo.
The OA needs the right to groups, its app the permission to write to them.
"""

from gateway.providers.contract import AccessTokens, AccountAccess
from gateway.providers.outbound import Door
from gateway.providers.zalo_client import Refused, ZaloClient, error_of

_PATH = "/v3.0/oa/group/message"
_LONGEST = 2000


class ZaloGroup:
    """`access` has the address of the OA's own interface, not that of template messages."""

    def __init__(
        self, access: AccountAccess, door: Door, tokens: AccessTokens, group_id: str
    ) -> None:
        self._client = ZaloClient(access, door, tokens)
        self._group_id = group_id

    async def post(self, text: str) -> None:
        """Raises Refused, Withheld, NotSent or MaybeSent."""
        short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        body = {"recipient": {"group_id": self._group_id}, "message": {"text": short}}
        reply = await self._client.ask("POST", _PATH, json=body)
        if not 200 <= reply.status < 300:
            raise Refused(f"http_{reply.status}")
        if error := error_of(reply):
            raise Refused(str(error))
