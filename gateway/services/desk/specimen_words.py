"""The words of a specimen: marked as what it is, and for a call, kept for whoever asks for them."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from gateway.domain import registration
from gateway.domain.call import CallScript, Say
from gateway.domain.message import Body, Registered, SmsBody, VoiceBody
from gateway.domain.text import segments
from gateway.ledger import specimens as stored
from gateway.ledger.database import Connection
from gateway.services.accounts import OpenAccount

_SCRIPT = TypeAdapter(CallScript)
_MARK, _SPOKEN_MARK = "[TIN THU] ", "Đây là cuộc gọi thử."


def marked(found: OpenAccount, kind: str, body: Body) -> tuple[Body, Registered | None, bool]:
    """With a word that it is a specimen, unless the words are on file and must stay as they are."""
    match body:
        case SmsBody():
            return _marked_sms(found, kind, body)
        case VoiceBody(script=script):
            core = (Say(text=_SPOKEN_MARK), *script.core)
            return replace(body, script=replace(script, core=core)), None, True
    return body, None, False


def _marked_sms(
    found: OpenAccount, kind: str, body: SmsBody
) -> tuple[Body, Registered | None, bool]:
    terms = found.provider.terms
    known = registration.find(
        found.account.registered, kind, body.text, needed=terms.needs_registration
    )
    if isinstance(known, Registered):
        return body, known, False
    text = _MARK + body.text
    return replace(body, text=text, segments=segments(text).segments), None, True


def script_to_keep(body: Body) -> dict[str, Any] | None:
    if not isinstance(body, VoiceBody):
        return None
    dumped: dict[str, Any] = _SCRIPT.dump_python(body.script, mode="json")
    return dumped


async def script_of(connection: Connection, account: str, reference: str) -> CallScript | None:
    """What a specimen call says; None for a call that is none."""
    found = await stored.script(connection, account, reference)
    return None if found is None else _SCRIPT.validate_python(found)
