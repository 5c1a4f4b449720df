"""The API: what takes events and reports in, and answers about them."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.notification import Lane
from gateway.providers.registry import NEED_REGISTRATION
from gateway.services.find_messages import Sweeper
from gateway.services.look_up import LookUp
from gateway.services.mind_presence import MindClock
from gateway.services.phone_call import PhoneCall
from gateway.services.preview import Preview
from gateway.services.receive import Receive
from gateway.services.refused_posts import RefusedPosts
from gateway.services.tell_operators import TellOperators
from gateway.services.withdraw import Withdraw
from gateway.settings import Settings
from gateway.web.app import Parts
from gateway.web.callers import Callers
from gateway.web.pulse import Pulse
from gateway.wiring.console import wire_console
from gateway.wiring.core import Core, wire_core
from gateway.wiring.given import mappings_of
from gateway.wiring.line import wire_line
from gateway.wiring.receipts import wire_receive
from gateway.wiring.telling import wire_telling
from gateway.wiring.work import wire_owing, wire_resend, wire_steer, wire_submit


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
    receive, tell = wire_receive(core), wire_telling(core)
    parts = _parts(core, receive, ring, ring_desk)
    parts.refused_posts.follow()
    watch = MindClock(
        database=core.database,
        alarm=core.alarm,
        tell=tell,
        patience_s=settings.alerts.clock_silent_s,
    )
    return Api(core=core, parts=parts, receive=receive, tell=tell, watch=watch)


def _parts(
    core: Core, receive: Receive, ring: Callable[[Lane], None], ring_desk: Callable[[], None]
) -> Parts:
    line, resend = wire_line(core, receive), wire_resend(core, ring)
    return Parts(
        database=core.database,
        addresses=core.addresses,
        callers=Callers(core.directory_in_force),
        submit=wire_submit(core, ring),
        refused_posts=RefusedPosts(core.database),
        preview=_preview(core),
        mappings=mappings_of(core.settings),
        withdraw=Withdraw(core.database),
        resend=resend,
        look_up=_look_up(core),
        receive=receive,
        phone_call=PhoneCall(
            database=core.database,
            accounts=core.accounts,
            compose=core.compose,
            addresses=core.addresses,
            receive=receive,
        ),
        line=line.calls,
        prompt_files=core.prompts.files,
        answer_text=line.texts,
        pulse=Pulse(core.settings.redis.url),
        console=wire_console(core, wire_steer(core, resend), ring_desk),
    )


def _preview(core: Core) -> Preview:
    return Preview(
        database=core.database,
        directory=core.directory,
        templates=core.templates,
        surroundings=core.world.surroundings,
        hasher=core.hasher,
        owing=wire_owing(core),
        need_registration=NEED_REGISTRATION,
        now=core.clock,
    )


def _look_up(core: Core) -> LookUp:
    return LookUp(
        database=core.database,
        hasher=core.hasher,
        compose=core.compose,
        sweeper=Sweeper(database=core.database, now=core.clock),
    )
