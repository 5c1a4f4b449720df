"""The console: what its pages call."""

from collections.abc import Callable

from gateway.domain.directory import Directory
from gateway.domain.staff import Patience
from gateway.services.account_standing import AccountStandings
from gateway.services.attention import NeedsAttention
from gateway.services.decide_held import DecideHeld
from gateway.services.edit_directory import EditDirectory
from gateway.services.find_messages import Sweeper
from gateway.services.hand_list import HandLists
from gateway.services.jobs import WatchJobs
from gateway.services.mass_steer import MassSteer
from gateway.services.messages import Messages
from gateway.services.open_alerts import OpenAlerts
from gateway.services.overview import ReadOverview
from gateway.services.passwords import Passwords
from gateway.services.pauses import Pauses
from gateway.services.person_searches import PersonSearches
from gateway.services.read_audit import ReadAudit
from gateway.services.reports import Reports
from gateway.services.resend import Resend
from gateway.services.sign_in import SignIn
from gateway.services.source_keys import SourceKeys
from gateway.services.staff_suppressions import StaffSuppressions
from gateway.services.stories import Stories
from gateway.services.turnstile import Turnstiles
from gateway.services.users import Users
from gateway.services.withdraw import Withdraw
from gateway.web.console import Console, Look
from gateway.wiring.core import Core
from gateway.wiring.desk import wire_desk
from gateway.wiring.given import installed, lifetimes_of, mappings_of
from gateway.wiring.work import wire_steer


def wire_console(
    core: Core, withdraw: Withdraw, resend: Resend, ring_desk: Callable[[], None]
) -> Console:
    settings, known = core.settings, installed(core.settings)

    def directory() -> Directory:
        """What staff know of: not the accounts of test keys."""
        return core.directory.own

    passwords = Passwords()
    messages = Messages(
        database=core.database,
        hasher=core.hasher,
        compose=core.compose,
        sweeper=Sweeper(database=core.database, now=core.clock),
    )
    return Console(
        look=Look(
            centre=settings.console.centre,
            external_url=settings.web.external_url,
            proxies=settings.console.proxies,
            session_s=settings.console.absolute_s,
        ),
        sign_in=SignIn(
            database=core.database,
            passwords=passwords,
            turnstiles=_turnstiles(core),
            lifetimes=lifetimes_of(settings),
        ),
        users=Users(core.database, passwords),
        audit=ReadAudit(core.database),
        desk=wire_desk(core),
        messages=messages,
        stories=Stories(database=core.database, compose=core.compose, messages=messages),
        steer=wire_steer(core, withdraw, resend),
        mass_steer=MassSteer(database=core.database, messages=messages, ring=ring_desk),
        jobs=WatchJobs(core.database),
        attention=NeedsAttention(core.database, core.clock),
        person_searches=PersonSearches(core.database, core.sealer),
        pauses=Pauses(core.database, directory),
        standings=AccountStandings(
            core.database,
            directory,
            window_s=settings.pools.window_s,
            late_after_s=settings.pools.late_after_s,
        ),
        alerts=OpenAlerts(core.database),
        editor=EditDirectory(core.database, core.sealer, known, core.directory.refresh),
        source_keys=SourceKeys(core.database, core.directory.refresh),
        installed=known,
        mappings=mappings_of(settings),
        hand_lists=HandLists(
            database=core.database,
            sealer=core.sealer,
            directory=directory,
            now=core.clock,
            ring=ring_desk,
        ),
        held=DecideHeld(core.database, directory, core.compose, ring_desk),
        suppressions=StaffSuppressions(core.database, core.suppress),
        overview=ReadOverview(core.database, directory, core.world.hours),
        reports=Reports(core.database),
        directory=directory,
    )


def _turnstiles(core: Core) -> Turnstiles:
    console = core.settings.console
    longest_s = console.longest_wait_s
    return Turnstiles(
        core.database,
        core.hasher,
        for_names=Patience(free=console.failures_per_name, longest_s=longest_s),
        for_addresses=Patience(free=console.failures_per_address, longest_s=longest_s),
    )
