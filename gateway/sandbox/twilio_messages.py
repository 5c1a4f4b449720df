"""The simulated Twilio Programmable Messaging.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/messaging.
"""

from collections.abc import Mapping
from itertools import islice

from aiohttp import web

from gateway.sandbox.message_submission import (
    PARAMETERS,
    MessageSubmission,
    check,
    resource,
    sent_at,
)
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.twilio_list import in_time, listed, page_size
from gateway.sandbox.twilio_wire import Invalid, authenticated, form_of, single
from gateway.sandbox.wire import json_answer
from gateway.sandbox.world import World


class TwilioMessages:
    def __init__(self, world: World, accounts: Mapping[str, TwilioAccount]) -> None:
        self._world = world
        self._accounts = accounts

    def routes(self) -> list[web.RouteDef]:
        messages = "/twilio/2010-04-01/Accounts/{account_sid}/Messages"
        return [
            web.post(f"{messages}.json", self.create),
            web.get(f"{messages}.json", self.list),
            web.get(f"{messages}/{{sid}}.json", self.fetch),
            web.get("/twilio/2010-04-01/Accounts/{account_sid}/Balance.json", self.balance),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        try:
            account = authenticated(request, self._accounts)
            fields = single(await form_of(request), PARAMETERS)
            check(fields, account)
        except Invalid as invalid:
            return invalid.answer.response()
        submission = MessageSubmission(self._world, account, fields)
        return await self._world.serve(request, account, submission)

    async def balance(self, request: web.Request) -> web.StreamResponse:
        """Amounts are texts. A sub-account has none."""
        try:
            account = authenticated(request, self._accounts)
        except Invalid as invalid:
            return invalid.answer.response()
        setting = account.setting
        told = {"balance": f"{account.left:.2f}", "currency": "USD"}
        none = dict.fromkeys(told) if setting.sub_account else {}
        return json_answer({"account_sid": setting.account_sid, **told, **none}).response()

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        try:
            account = authenticated(request, self._accounts)
            sent = account.messages.get(request.match_info["sid"])
            if sent is None:
                raise Invalid(20404, 404)
        except Invalid as invalid:
            return invalid.answer.response()
        return json_answer(resource(sent, account, sent.word())).response()

    async def list(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        try:
            account = authenticated(request, self._accounts)
            to = query["To"].removeprefix("+") if "To" in query else None
            found = (
                resource(sent, account, sent.word())
                for sent in account.messages.newest(to)
                if query.get("From") in (None, sent.sender)
                and in_time(query, "DateSent", sent_at(sent, sent.word()))
            )
            return listed(request, "messages", islice(found, page_size(query)))
        except Invalid as invalid:
            return invalid.answer.response()
