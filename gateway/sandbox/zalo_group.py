"""The simulated group chats of official accounts, for members and not for citizens.

Source: developers.zalo.me, “Nhóm chat GMF”, as quoted by public clients.
"""

import json
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from aiohttp import web

from gateway.sandbox.wire import json_answer
from gateway.sandbox.zalo_account import Invalid, ZaloAccount, refusal, success

GROUP_UNKNOWN, BODY_WRONG = -232, -122
LONGEST = 2000


class ZaloGroups:
    """`account_of` finds the account of a request by its token."""

    def __init__(self, account_of: Callable[[web.Request], ZaloAccount]) -> None:
        self._account_of = account_of
        self._written: dict[str, list[str]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/zalo/v3.0/oa/group/message", self.write),
            web.get("/zalo/groups/{group}", self.read),
        ]

    async def write(self, request: web.Request) -> web.StreamResponse:
        try:
            account = self._account_of(request)
            group, text = _said(await request.read())
            if group not in account.setting.groups:
                raise Invalid(GROUP_UNKNOWN)
        except Invalid as invalid:
            return refusal(invalid.args[0]).response()
        self._written.setdefault(group, []).append(text)
        return success({"message_id": token_hex(10), "group_id": group}).response()

    async def read(self, request: web.Request) -> web.StreamResponse:
        """What a member sees."""
        return json_answer({"texts": self._written.get(request.match_info["group"], [])}).response()


def _said(body: bytes) -> tuple[str, str]:
    try:
        told: Any = json.loads(body)
        group, text = told["recipient"]["group_id"], told["message"]["text"]
    except (ValueError, KeyError, TypeError):
        raise Invalid(BODY_WRONG) from None
    if not isinstance(group, str) or not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        raise Invalid(BODY_WRONG)
    return group, text
