"""The desk as its pages know it."""

from dataclasses import dataclass

from gateway.services.desk.drafting import Drafting
from gateway.services.desk.examples import Examples
from gateway.services.desk.listing import Listing
from gateway.services.desk.newly_required import NewlyRequired
from gateway.services.desk.preview import DeskPreview
from gateway.services.desk.recent import RecentDossiers
from gateway.services.desk.releasing import Releasing
from gateway.services.desk.trials import Trials


@dataclass(frozen=True, kw_only=True)
class Desk:
    listing: Listing
    drafting: Drafting
    releasing: Releasing
    preview: DeskPreview
    recent: RecentDossiers
    newly_required: NewlyRequired
    trials: Trials
    examples: Examples
