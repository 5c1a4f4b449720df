"""The line: what answers those who call or text to an account's number."""

from dataclasses import dataclass

from gateway.services.line.by_text import WrittenLine
from gateway.services.line.enquiry import Enquiry
from gateway.services.line.guard import Bounds, Guard
from gateway.services.line.incoming_call import IncomingCall
from gateway.services.line.speak import LineWords
from gateway.services.receive import Receive
from gateway.services.text_line import AnswerText, SendReply
from gateway.wiring.core import Core
from gateway.wiring.given import line_texts_of, reader_of


@dataclass(frozen=True, kw_only=True)
class Line:
    calls: IncomingCall
    texts: AnswerText


def wire_line(core: Core, receive: Receive) -> Line:
    enquiry = _enquiry(core)
    guard, words = _guard(core, enquiry), _words(core)
    return Line(
        calls=IncomingCall(
            database=core.database,
            accounts=core.accounts,
            enquiry=enquiry,
            guard=guard,
            words=words,
            sealer=core.sealer,
            addresses=core.addresses,
        ),
        texts=AnswerText(
            database=core.database,
            accounts=core.accounts,
            receive=receive,
            line=WrittenLine(
                directory=core.directory_in_force, enquiry=enquiry, guard=guard, words=words
            ),
            send_reply=SendReply(core.database, core.health, core.addresses),
            hasher=core.hasher,
            sealer=core.sealer,
            replies_per_hour=core.settings.texts.replies_per_hour,
        ),
    )


def _enquiry(core: Core) -> Enquiry:
    return Enquiry(
        database=core.database,
        hasher=core.hasher,
        compose=core.compose,
        directory=core.directory_in_force,
        surroundings=core.world.surroundings,
        now=core.clock,
    )


def _guard(core: Core, enquiry: Enquiry) -> Guard:
    settings = core.settings.voice
    return Guard(
        database=core.database,
        hasher=core.hasher,
        alarm=core.alarm,
        bounds=Bounds(
            per_caller=settings.wrong_per_caller,
            per_dossier=settings.wrong_per_dossier,
            per_line=settings.wrong_per_line,
        ),
        is_known_to=enquiry.is_known_to,
    )


def _words(core: Core) -> LineWords:
    return LineWords(
        texts=line_texts_of(core.settings),
        reader=reader_of(core.settings),
        surroundings=core.world.surroundings,
        now=core.clock,
    )
