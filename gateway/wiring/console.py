"""The console: what its pages call."""

from collections.abc import Callable

from gateway.domain.staff import Patience
from gateway.services.account_standing import AccountStandings
from gateway.services.at_counter import AtCounter
from gateway.services.attention import NeedsAttention
from gateway.services.decide_held import DecideHeld
from gateway.services.edit_directory import EditDirectory
from gateway.services.find_messages import Sweeper
from gateway.services.foresee_resend import ForeseeResend
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
from gateway.services.sign_in import SignIn
from gateway.services.source_keys import SourceKeys
from gateway.services.staff_suppressions import StaffSuppressions
from gateway.services.steer import Steer
from gateway.services.stories import Stories
from gateway.services.turnstile import Turnstiles
from gateway.services.users import Users
from gateway.settings import Settings
from gateway.web.console import Console, Look
from gateway.wiring.core import Core
from gateway.wiring.desk import wire_desk
from gateway.wiring.given import installed, lifetimes_of, mappings_of
from gateway.wiring.work import wire_resend_check


def wire_console(core: Core, steer: Steer, ring_desk: Callable[[], None]) -> Console:
    database, directory, known = core.database, core.directory_of_staff, installed(core.settings)
    passwords, messages = Passwords(), _messages(core)
    stories = Stories(database=database, compose=core.compose, messages=messages)
    return Console(
        look=_look(core.settings),
        sign_in=_sign_in(core, passwords),
        users=Users(database, passwords),
        audit=ReadAudit(database),
        desk=wire_desk(core),
        messages=messages,
        stories=stories,
        at_counter=AtCounter(database=database, messages=messages, stories=stories),
        steer=steer,
        mass_steer=_mass_steer(core, messages, ring_desk),
        jobs=WatchJobs(database),
        attention=NeedsAttention(database, core.clock),
        person_searches=PersonSearches(database, core.sealer),
        pauses=Pauses(database, directory),
        standings=_standings(core),
        alerts=OpenAlerts(database),
        editor=EditDirectory(database, core.sealer, known, core.directory.refresh),
        source_keys=SourceKeys(database, core.directory.refresh),
        installed=known,
        mappings=mappings_of(core.settings),
        hand_lists=HandLists(
            database=database,
            sealer=core.sealer,
            directory=directory,
            now=core.clock,
            ring=ring_desk,
        ),
        held=DecideHeld(database, directory, core.compose, ring_desk),
        suppressions=StaffSuppressions(database, core.suppress),
        overview=ReadOverview(database, directory, core.world.hours),
        reports=Reports(database),
        directory=directory,
    )


def _look(settings: Settings) -> Look:
    return Look(
        centre=settings.console.centre,
        external_url=settings.web.external_url,
        proxies=settings.console.proxies,
        session_s=settings.console.absolute_s,
    )


def _messages(core: Core) -> Messages:
    return Messages(
        database=core.database,
        hasher=core.hasher,
        compose=core.compose,
        sweeper=Sweeper(database=core.database, now=core.clock),
    )


def _mass_steer(core: Core, messages: Messages, ring_desk: Callable[[], None]) -> MassSteer:
    return MassSteer(
        database=core.database,
        messages=messages,
        foresee=ForeseeResend(
            database=core.database,
            check=wire_resend_check(core),
            directory=core.directory_in_force,
        ),
        ring=ring_desk,
    )


def _standings(core: Core) -> AccountStandings:
    pools = core.settings.pools
    return AccountStandings(
        core.database,
        core.directory_of_staff,
        window_s=pools.window_s,
        late_after_s=pools.late_after_s,
    )


def _sign_in(core: Core, passwords: Passwords) -> SignIn:
    return SignIn(
        database=core.database,
        passwords=passwords,
        turnstiles=_turnstiles(core),
        lifetimes=lifetimes_of(core.settings),
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
