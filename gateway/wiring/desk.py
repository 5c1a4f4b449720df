"""The template desk: what its pages and its commands call."""

from collections.abc import Callable

from gateway.domain.directory import Directory
from gateway.ledger.database import Database
from gateway.providers.registry import NEED_REGISTRATION
from gateway.rendering.aloud import Aloud
from gateway.rendering.facts import Surroundings
from gateway.rendering.procedures import Procedures
from gateway.rendering.samples import load_samples
from gateway.services.desk.desk import Desk
from gateway.services.desk.drafting import Drafting
from gateway.services.desk.examples import Examples
from gateway.services.desk.files import TemplateFiles
from gateway.services.desk.listing import Listing
from gateway.services.desk.moving import Moving
from gateway.services.desk.newly_required import NewlyRequired
from gateway.services.desk.preview import DeskPreview
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.recent import RecentDossiers
from gateway.services.desk.releasing import Releasing
from gateway.services.desk.specimens import Specimens
from gateway.services.desk.vocabulary import Vocabulary
from gateway.services.desk.volume import Volume
from gateway.settings import Settings
from gateway.speech_audio import wav_of
from gateway.wiring.core import Core
from gateway.wiring.given import CONFIG, TEMPLATES, mappings_of, prompts_of, reader_of


def wire_desk(core: Core) -> Desk:
    database, surroundings = core.database, core.world.surroundings
    examples = Examples(load_samples(TEMPLATES / "samples.toml"), surroundings)
    aloud = Aloud(reader=reader_of(core.settings), prompts=core.prompts.prompts)
    proofs = proofs_of(database, core.directory_in_force, examples, aloud)
    drafting, moving, listing = Drafting(database, proofs), Moving(database), Listing(database)
    recent = RecentDossiers(
        database=database, opened=core.compose.payload, surroundings=surroundings, now=core.clock
    )
    return Desk(
        listing=listing,
        drafting=drafting,
        releasing=Releasing(
            database=database,
            drafting=drafting,
            moving=moving,
            one_person=core.settings.console.one_person_release,
            now=core.clock,
        ),
        preview=DeskPreview(proofs, Volume(listing)),
        recent=recent,
        newly_required=NewlyRequired(
            directory=core.directory_in_force,
            mappings=mappings_of(core.settings),
            recent=recent,
        ),
        specimens=Specimens(
            database=database,
            hasher=core.hasher,
            directory=core.directory_in_force,
            accounts=core.accounts,
            addresses=core.addresses,
            proofs=proofs,
        ),
        vocabulary=Vocabulary(TEMPLATES, examples),
        speak=wav_of,
    )


def proofs_of(
    database: Database, directory: Callable[[], Directory], examples: Examples, aloud: Aloud
) -> Proofs:
    return Proofs(
        database=database,
        directory=directory,
        examples=examples,
        procedures=Procedures.load(CONFIG / "procedures.toml"),
        need_registration=NEED_REGISTRATION,
        aloud=aloud,
    )


def template_files(
    settings: Settings, database: Database, directory: Directory, surroundings: Surroundings
) -> TemplateFiles:
    """For the command line, without the rest of a process."""
    examples = Examples(load_samples(TEMPLATES / "samples.toml"), lambda: surroundings)
    aloud = Aloud(reader=reader_of(settings), prompts=prompts_of(settings).prompts)
    proofs = proofs_of(database, lambda: directory, examples, aloud)
    return TemplateFiles(database, Drafting(database, proofs), proofs)
