"""What the console's pages call, put in by whoever wires it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from gateway.domain.directory import Directory
from gateway.intake.mapping import Mapping as SourceMapping
from gateway.services.account_standing import AccountStandings
from gateway.services.at_counter import AtCounter
from gateway.services.attention import NeedsAttention
from gateway.services.decide_held import DecideHeld
from gateway.services.desk.desk import Desk
from gateway.services.directory_rules import Installed
from gateway.services.edit_directory import EditDirectory
from gateway.services.hand_list import HandLists
from gateway.services.jobs import WatchJobs
from gateway.services.mass_steer import MassSteer
from gateway.services.messages import Messages
from gateway.services.open_alerts import OpenAlerts
from gateway.services.overview import ReadOverview
from gateway.services.pauses import Pauses
from gateway.services.person_searches import PersonSearches
from gateway.services.read_audit import ReadAudit
from gateway.services.reports import Reports
from gateway.services.sign_in import SignIn
from gateway.services.source_keys import SourceKeys
from gateway.services.staff_suppressions import StaffSuppressions
from gateway.services.steer import Steer
from gateway.services.stories import Stories
from gateway.services.users import Users
from gateway.web.console.seats import Seats


@dataclass(frozen=True, kw_only=True)
class Look:
    """What differs between installations: the centre's name, the address that the world uses
    (empty: none is configured) and how many proxies stand before it."""

    centre: str
    external_url: str
    proxies: int
    session_s: float

    @property
    def is_secure(self) -> bool:
        return self.external_url.startswith("https://")


@dataclass(frozen=True, kw_only=True)
class Console:
    look: Look
    sign_in: SignIn
    users: Users
    audit: ReadAudit
    desk: Desk
    messages: Messages
    stories: Stories
    at_counter: AtCounter
    steer: Steer
    mass_steer: MassSteer
    jobs: WatchJobs
    attention: NeedsAttention
    person_searches: PersonSearches
    pauses: Pauses
    standings: AccountStandings
    alerts: OpenAlerts
    editor: EditDirectory
    source_keys: SourceKeys
    installed: Installed
    mappings: Mapping[str, SourceMapping]
    hand_lists: HandLists
    held: DecideHeld
    suppressions: StaffSuppressions
    overview: ReadOverview
    reports: Reports
    directory: Callable[[], Directory]
    seats: Seats = field(default_factory=Seats)


# Set when the process is to end: streams that last as long as somebody looks end with it.
ENDING = web.AppKey("ending", asyncio.Event)
CONSOLE = web.AppKey("console", Console)
