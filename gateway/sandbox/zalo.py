"""The simulated Zalo: template messages to phones. Errors, too, are answered with HTTP 200.

Source: docs.zaloplatforms.com; zaloplatform/zalo-php-sdk; zalo.cloud, error codes.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from gateway.sandbox import zalo_template
from gateway.sandbox.archive import Sent
from gateway.sandbox.course import Word
from gateway.sandbox.wire import json_answer
from gateway.sandbox.world import World
from gateway.sandbox.zalo_account import Invalid, ZaloAccount, refusal, success
from gateway.sandbox.zalo_event import milliseconds
from gateway.sandbox.zalo_setting import ZaloSetting
from gateway.sandbox.zalo_submission import ZaloSubmission, fields_of, template_of
from gateway.sandbox.zalo_tokens import TOKEN_REFUSED

STATUS_NUMBERS = {"1": "ENABLE", "2": "PENDING_REVIEW", "3": "REJECT", "4": "DISABLE"}
TRIES = 6


class Zalo:
    """All official accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[ZaloSetting]) -> None:
        self._world = world
        self.accounts = [
            ZaloAccount(one, world.config.answered, world.postman.send) for one in settings
        ]
        world.accounts.update({account.code: account for account in self.accounts})

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/zalo/message/template", self.send),
            web.get("/zalo/message/status", self.status),
            web.get("/zalo/message/quota", self.quota),
            web.get("/zalo/message/template-tag", self.tags),
            web.get("/zalo/quality", self.quality),
            web.get("/zalo/template/info/v2", self.template),
            web.get("/zalo/template/all", self.templates),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.method != "POST":
                raise Invalid(-106)
            account = self.account_of(request)
            fields = fields_of(await request.read())
            submission = ZaloSubmission(self._world, account, fields)
        except Invalid as invalid:
            return refusal(invalid.args[0]).response()
        return await self._world.serve(request, account, submission)

    async def status(self, request: web.Request) -> web.StreamResponse:
        try:
            account = self.account_of(request)
        except Invalid as invalid:
            return refusal(invalid.args[0]).response()
        message_id = request.query.get("message_id", "")
        if not message_id:
            return refusal(-107).response()
        return success(_status(account.sent.get(message_id))).response()

    async def quota(self, request: web.Request) -> web.StreamResponse:
        return self._told(request, ZaloAccount.quota)

    async def quality(self, request: web.Request) -> web.StreamResponse:
        return self._told(request, ZaloAccount.quality)

    async def tags(self, request: web.Request) -> web.StreamResponse:
        return self._told(request, lambda account: list(account.tags))

    async def template(self, request: web.Request) -> web.StreamResponse:
        try:
            found = template_of(self.account_of(request), request.query.get("template_id"))
        except Invalid as invalid:
            return refusal(invalid.args[0]).response()
        return success(zalo_template.described(found)).response()

    async def templates(self, request: web.Request) -> web.StreamResponse:
        try:
            account = self.account_of(request)
            first, count = _window(request.query)
            wanted = _wanted_status(request.query.get("status"))
        except Invalid as invalid:
            return refusal(invalid.args[0]).response()
        found = [one for one in account.templates.values() if wanted in (None, one.status)]
        page = [zalo_template.listed(one) for one in found[first : first + count]]
        told = {"error": 0, "message": "Success", "data": page, "metadata": {"total": len(found)}}
        return json_answer(told).response()

    def _told(self, request: web.Request, tell: Callable[[ZaloAccount], Any]) -> web.StreamResponse:
        try:
            return success(tell(self.account_of(request))).response()
        except Invalid as invalid:
            return refusal(invalid.args[0]).response()

    def account_of(self, request: web.Request) -> ZaloAccount:
        """The account whose access token came with the request. Raises Invalid."""
        token = request.headers.get("access_token", "")
        for account in self.accounts:
            if account.tokens.accepts(token):
                return account
        raise Invalid(TOKEN_REFUSED)


def _window(query: Mapping[str, str]) -> tuple[int, int]:
    try:
        first, count = int(query["offset"]), int(query["limit"])
    except (KeyError, ValueError):
        raise Invalid(-132) from None
    if first < 0 or not 0 < count <= 100:
        raise Invalid(-132)
    return first, count


def _wanted_status(number: str | None) -> str | None:
    if number is None:
        return None
    if number not in STATUS_NUMBERS:
        raise Invalid(-132)
    return STATUS_NUMBERS[number]


def _status(sent: Sent | None) -> dict[str, Any]:
    if sent is None:
        return {"status": -1, "message": "The message does not exist"}
    if sent.word() is not Word.DELIVERED:
        return {"status": 0, "message": "The message has not been delivered"}
    arrival = next(one for one in sent.course if one.word is Word.DELIVERED)
    at = milliseconds(sent.taken_at + arrival.after_s)
    return {"status": 1, "message": "The message was delivered", "delivery_time": at}
