"""The simulated Twilio Programmable Voice: creating, finding and ending calls.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/voice.
"""

from collections.abc import Mapping
from itertools import islice

from aiohttp import web

from gateway.sandbox.call import Call
from gateway.sandbox.call_submission import PARAMETERS, CallSubmission, Desk, check, resource
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.twilio_list import in_time, listed, page_size
from gateway.sandbox.twilio_switchboard import TwilioSwitchboard
from gateway.sandbox.twilio_wire import Invalid, authenticated, form_of, single
from gateway.sandbox.wire import json_answer
from gateway.sandbox.world import World


class TwilioCalls:
    def __init__(self, world: World, accounts: Mapping[str, TwilioAccount]) -> None:
        self._world = world
        self._accounts = accounts
        kept = world.config.answered
        self._desks = {
            sid: Desk(kept, one.setting.calls_per_second) for sid, one in accounts.items()
        }
        for sid, account in accounts.items():
            if account.setting.line_url:
                switchboard = TwilioSwitchboard(world, account, self._desks[sid].calls)
                world.switchboards[account.code] = switchboard

    def routes(self) -> list[web.RouteDef]:
        calls = "/twilio/2010-04-01/Accounts/{account_sid}/Calls"
        return [
            web.post(f"{calls}.json", self.create),
            web.get(f"{calls}.json", self.list),
            web.get(f"{calls}/{{sid}}.json", self.fetch),
            web.post(f"{calls}/{{sid}}.json", self.update),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        try:
            account = authenticated(request, self._accounts)
            form = await form_of(request)
            fields = single(form, PARAMETERS)
            events = frozenset(form.get("StatusCallbackEvent", ["completed"]))
            check(fields, events, account)
        except Invalid as invalid:
            return invalid.answer.response()
        desk = self._desks[account.setting.account_sid]
        submission = CallSubmission(self._world, account, desk, fields, events)
        return await self._world.serve(request, account, submission)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        try:
            account, call = self._found(request)
        except Invalid as invalid:
            return invalid.answer.response()
        return json_answer(resource(call, account)).response()

    async def list(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        try:
            account = authenticated(request, self._accounts)
            desk = self._desks[account.setting.account_sid]
            to = query["To"].removeprefix("+") if "To" in query else None
            found = (
                resource(call, account)
                for call in desk.calls.newest(to)
                if query.get("From") in (None, call.caller)
                and to in (None, call.called.removeprefix("+"))
                and query.get("Status") in (None, call.status)
                and in_time(query, "StartTime", call.started_at)
            )
            return listed(request, "calls", islice(found, page_size(query)))
        except Invalid as invalid:
            return invalid.answer.response()

    async def update(self, request: web.Request) -> web.StreamResponse:
        try:
            account, call = self._found(request)
            status = single(await form_of(request), ("Status",)).get("Status")
            if status not in ("canceled", "completed"):
                raise Invalid(20001)
            if call.ended or (status == "canceled" and call.started_at):
                raise Invalid(21220)
        except Invalid as invalid:
            return invalid.answer.response()
        call.end(status)
        return json_answer(resource(call, account) | {"status": status}).response()

    def _found(self, request: web.Request) -> tuple[TwilioAccount, Call]:
        account = authenticated(request, self._accounts)
        desk = self._desks[account.setting.account_sid]
        call = desk.calls.get(request.match_info["sid"])
        if call is None:
            raise Invalid(20404, 404)
        return account, call
