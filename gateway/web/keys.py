"""What handlers find in the application, by typed key."""

from collections.abc import Mapping
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
from gateway.web.callers import Callers
from gateway.web.pulse import Pulse

DATABASE = web.AppKey("database", Database)
ADDRESSES = web.AppKey("addresses", Addresses)
CALLERS = web.AppKey("callers", Callers)
SUBMIT = web.AppKey("submit", Submit)
REFUSED_POSTS = web.AppKey("refused_posts", RefusedPosts)
PREVIEW = web.AppKey("preview", Preview)
MAPPINGS = web.AppKey("mappings", Mapping[str, SourceMapping])
WITHDRAW = web.AppKey("withdraw", Withdraw)
RESEND = web.AppKey("resend", Resend)
LOOK_UP = web.AppKey("look_up", LookUp)
RECEIVE = web.AppKey("receive", Receive)
ANSWER_TEXT = web.AppKey("answer_text", AnswerText)
PHONE_CALL = web.AppKey("phone_call", PhoneCall)
LINE = web.AppKey("line", IncomingCall)
PROMPT_FILES = web.AppKey("prompt_files", Mapping[str, Path])
PULSE = web.AppKey("pulse", Pulse)
