"""The desk as its pages know it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.services.desk.drafting import Drafting
from gateway.services.desk.listing import Listing
from gateway.services.desk.newly_required import NewlyRequired
from gateway.services.desk.preview import DeskPreview
from gateway.services.desk.recent import RecentDossiers
from gateway.services.desk.releasing import Releasing
from gateway.services.desk.specimens import Specimens
from gateway.services.desk.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`speak` turns spoken words into a WAV; None where this machine has no voice."""

    listing: Listing
    drafting: Drafting
    releasing: Releasing
    preview: DeskPreview
    recent: RecentDossiers
    newly_required: NewlyRequired
    specimens: Specimens
    vocabulary: Vocabulary
    speak: Callable[[str], Awaitable[bytes]] | None = None
