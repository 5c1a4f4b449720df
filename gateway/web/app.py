"""The application: its routes in one table, its parts put in by whoever wires it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gateway.intake.mapping import Mapping as SourceMapping
from gateway.ledger.database import Database
from gateway.services.addresses import Addresses
from gateway.services.line.incoming_call import IncomingCall
from gateway.services.look_up import LookUp
from gateway.services.phone_call import PhoneCall
from gateway.services.preview import Preview
from gateway.services.receive import Receive
from gateway.services.refused_posts import RefusedPosts
from gateway.services.resend import Resend
from gateway.services.submit import Submit
from gateway.services.text_line import AnswerText
from gateway.services.withdraw import Withdraw
from gateway.web import health, inbound, keys, openapi, prompts, receipts
from gateway.web.answers import errors_become_problems
from gateway.web.api import acts, dossiers, events, notifications
from gateway.web.callers import Callers
from gateway.web.console import Console, build_console, go_in
from gateway.web.pulse import Pulse
from gateway.web.request_ids import name_requests


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything the handlers call."""

    database: Database
    addresses: Addresses
    callers: Callers
    submit: Submit
    refused_posts: RefusedPosts
    preview: Preview
    mappings: Mapping[str, SourceMapping]
    withdraw: Withdraw
    resend: Resend
    look_up: LookUp
    receive: Receive
    phone_call: PhoneCall
    line: IncomingCall
    prompt_files: Mapping[str, Path]
    answer_text: AnswerText
    pulse: Pulse
    console: Console


def build_app(parts: Parts, body_limit_bytes: int) -> web.Application:
    app = web.Application(
        middlewares=[name_requests, errors_become_problems], client_max_size=body_limit_bytes
    )
    app[keys.DATABASE] = parts.database
    app[keys.ADDRESSES] = parts.addresses
    app[keys.CALLERS] = parts.callers
    app[keys.SUBMIT] = parts.submit
    app[keys.REFUSED_POSTS] = parts.refused_posts
    app[keys.PREVIEW] = parts.preview
    app[keys.MAPPINGS] = parts.mappings
    app[keys.WITHDRAW] = parts.withdraw
    app[keys.RESEND] = parts.resend
    app[keys.LOOK_UP] = parts.look_up
    app[keys.RECEIVE] = parts.receive
    app[keys.PHONE_CALL] = parts.phone_call
    app[keys.LINE] = parts.line
    app[keys.PROMPT_FILES] = parts.prompt_files
    app[keys.ANSWER_TEXT] = parts.answer_text
    app[keys.PULSE] = parts.pulse
    app.on_response_prepare.append(_stays_with_the_caller)
    app.add_routes(ROUTES)
    app.add_subapp("/console/", build_console(parts.console))
    return app


async def _stays_with_the_caller(_: web.Request, answer: web.StreamResponse) -> None:
    """Most answers tell of people: nothing between us and the caller keeps one that does not say
    that it may be kept."""
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")


ROUTES = [
    web.post("/v1/events", events.post_events),
    web.post("/v1/sources/{source}/events", events.post_signed_events),
    web.post("/v1/sources/{source}/dossiers", dossiers.post_dossiers),
    web.get("/v1/notifications/{id}", notifications.get_notification),
    web.post("/v1/notifications/search", notifications.search_notifications),
    web.post("/v1/notifications/{id}/cancel", acts.cancel_notification),
    web.post("/v1/notifications/{id}/resend", acts.resend_notification),
    web.get("/v1/feed", notifications.get_feed),
    web.route("POST", "/receipts/{account}", receipts.take_receipt),
    web.get("/receipts/{account}", receipts.take_receipt, allow_head=False),
    web.route("POST", "/receipts/{account}/{token}", receipts.take_receipt),
    web.get("/receipts/{account}/{token}", receipts.take_receipt, allow_head=False),
    web.post("/voice/{account}/inbound", receipts.answer_line),
    web.get("/voice/{account}/inbound", receipts.answer_line, allow_head=False),
    web.post("/voice/{account}/inbound/{call}/{turn}", receipts.speak_on_line),
    web.get("/voice/prompts/{file}", prompts.send_prompt),
    web.post("/inbound/{account}", inbound.take_text),
    web.get("/inbound/{account}", inbound.take_text, allow_head=False),
    web.post("/inbound/{account}/{token}", inbound.take_text),
    web.get("/inbound/{account}/{token}", inbound.take_text, allow_head=False),
    web.post("/voice/{account}/{reference}", receipts.speak),
    web.get("/voice/{account}/{reference}", receipts.speak, allow_head=False),
    web.post("/voice/{account}/{reference}/{moment}", receipts.speak),
    web.get("/healthz", health.healthz),
    web.get("/readyz", health.readyz),
    web.get("/metrics", health.show_metrics),
    web.get("/openapi.json", openapi.show_schema),
    web.get("/docs", openapi.show_docs),
    web.get("/", go_in),
    web.get("/console", go_in),
]
