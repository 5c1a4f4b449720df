"""The API: what takes events and reports in, and answers about them."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.notification import Lane
from gateway.providers.registry import NEED_REGISTRATION
from gateway.services.find_messages import Sweeper
from gateway.services.line.by_text import WrittenLine
from gateway.services.line.enquiry import Enquiry
from gateway.services.line.guard import Bounds, Guard
from gateway.services.line.incoming_call import IncomingCall
from gateway.services.line.speak import LineWords
from gateway.services.look_up import LookUp
from gateway.services.mind_presence import MindClock
from gateway.services.phone_call import PhoneCall
from gateway.services.preview import Preview
from gateway.services.receive import Receive
from gateway.services.refused_posts import RefusedPosts
from gateway.services.tell_operators import TellOperators
from gateway.services.text_line import AnswerText, SendReply
from gateway.services.withdraw import Withdraw
from gateway.settings import Settings
from gateway.web.app import Parts
from gateway.web.callers import Callers
from gateway.web.pulse import Pulse
from gateway.wiring.console import wire_console
from gateway.wiring.core import Core, wire_core, wire_owing, wire_receive
from gateway.wiring.given import line_texts_of, mappings_of, reader_of
from gateway.wiring.telling import wire_telling
from gateway.wiring.work import wire_resend, wire_submit


@dataclass(kw_only=True)
class Api:
    core: Core
    parts: Parts
    receive: Receive
    tell: TellOperators
    watch: MindClock

    async def close(self) -> None:
        await self.tell.close()
        await self.parts.answer_text.drained()
        await self.receive.drained()
        await self.parts.refused_posts.close()
        await self.parts.pulse.close()
        await self.core.close()


async def wire_api(
    settings: Settings, ring: Callable[[Lane], None], ring_desk: Callable[[], None]
) -> Api:
    """`ring` wakes the workers of a lane, `ring_desk` one for jobs; both return at once."""
    core = await wire_core(settings)
    core.follow()
    receive = wire_receive(core)
    owing, line = wire_owing(core), _line(core)
    submit, resend = wire_submit(core, ring), wire_resend(core, ring)
    withdraw = Withdraw(core.database)
    refused_posts = RefusedPosts(core.database)
    refused_posts.follow()
    parts = Parts(
        database=core.database,
        addresses=core.addresses,
        callers=Callers(lambda: core.directory.now),
        submit=submit,
        refused_posts=refused_posts,
        preview=Preview(
            database=core.database,
            directory=core.directory,
            templates=core.templates,
            surroundings=core.world.surroundings,
            hasher=core.hasher,
            owing=owing,
            need_registration=NEED_REGISTRATION,
            now=core.clock,
        ),
        mappings=mappings_of(settings),
        withdraw=withdraw,
        resend=resend,
        look_up=LookUp(
            database=core.database,
            hasher=core.hasher,
            compose=core.compose,
            sweeper=Sweeper(database=core.database, now=core.clock),
        ),
        receive=receive,
        phone_call=PhoneCall(
            database=core.database,
            accounts=core.accounts,
            compose=core.compose,
            addresses=core.addresses,
            receive=receive,
        ),
        line=IncomingCall(
            database=core.database,
            accounts=core.accounts,
            enquiry=line.enquiry,
            guard=line.guard,
            words=line.words,
            sealer=core.sealer,
            addresses=core.addresses,
        ),
        prompt_files=core.prompts.files,
        answer_text=AnswerText(
            database=core.database,
            accounts=core.accounts,
            receive=receive,
            line=WrittenLine(
                directory=lambda: core.directory.now,
                enquiry=line.enquiry,
                guard=line.guard,
                words=line.words,
            ),
            send_reply=SendReply(core.database, core.health, core.addresses),
            hasher=core.hasher,
            sealer=core.sealer,
            replies_per_hour=settings.texts.replies_per_hour,
        ),
        pulse=Pulse(settings.redis.url),
        console=wire_console(core, withdraw, resend, ring_desk),
    )
    tell = wire_telling(core)
    watch = MindClock(
        database=core.database,
        alarm=core.alarm,
        tell=tell,
        patience_s=settings.alerts.clock_silent_s,
    )
    return Api(core=core, parts=parts, receive=receive, tell=tell, watch=watch)


@dataclass(frozen=True, kw_only=True)
class _Line:
    """What calls and texts to the line have in common."""

    enquiry: Enquiry
    guard: Guard
    words: LineWords


def _line(core: Core) -> _Line:
    settings, surroundings = core.settings.voice, core.world.surroundings
    enquiry = Enquiry(
        database=core.database,
        hasher=core.hasher,
        compose=core.compose,
        directory=lambda: core.directory.now,
        surroundings=surroundings,
        now=core.clock,
    )
    return _Line(
        enquiry=enquiry,
        guard=Guard(
            database=core.database,
            hasher=core.hasher,
            alarm=core.alarm,
            bounds=Bounds(
                per_caller=settings.wrong_per_caller,
                per_dossier=settings.wrong_per_dossier,
                per_line=settings.wrong_per_line,
            ),
            is_known_to=enquiry.is_known_to,
        ),
        words=LineWords(
            texts=line_texts_of(core.settings),
            reader=reader_of(core.settings),
            surroundings=surroundings,
            now=core.clock,
        ),
    )
