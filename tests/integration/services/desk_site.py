"""The desk over an office: two members of staff and one template that they work on."""

from dataclasses import dataclass

from office import TEMPLATES, Office

from gateway.domain.notification import Lane
from gateway.ledger.template_drafts import Draft, DraftKey
from gateway.rendering.procedures import Procedures
from gateway.rendering.samples import load_samples
from gateway.services.addresses import Addresses
from gateway.services.desk.drafting import Drafting, Wish
from gateway.services.desk.examples import Examples
from gateway.services.desk.files import TemplateFiles
from gateway.services.desk.listing import Listing
from gateway.services.desk.moving import Moving
from gateway.services.desk.preview import DeskPreview
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.put_in_force import Released
from gateway.services.desk.recent import RecentDossiers
from gateway.services.desk.releasing import Releasing
from gateway.services.desk.specimens import Specimens
from gateway.services.desk.volume import Volume

HA, LAN = "user:ha", "user:lan"
SMS = DraftKey(kind="result-ready", channel="sms", language="vi", unit="")
ZALO = DraftKey(kind="result-ready", channel="zalo", language="vi", unit="")
OWN_SMS = DraftKey(kind="result-ready", channel="sms", language="vi", unit="H10.12")
GOOD = (
    "{{ centre }}: hồ sơ số {{ code }} của {{ owner }} đã xong. "
    "{% if by_post %}Kết quả gửi qua bưu chính.{% else %}"
    "Mời {{ you }} đến {{ where }}, {{ when }}.{% endif %} Hỏi: {{ verify_phone }}."
)


@dataclass
class DeskSite:
    office: Office
    drafting: Drafting
    releasing: Releasing
    moving: Moving
    listing: Listing
    preview: DeskPreview
    recent: RecentDossiers
    specimens: Specimens
    proofs: Proofs
    files: TemplateFiles

    @classmethod
    def over(
        cls, office: Office, *, one_person: bool = False, moving: Moving | None = None
    ) -> "DeskSite":
        database = office.database
        examples = Examples(load_samples(TEMPLATES / "samples.toml"), office.world.surroundings)
        proofs = Proofs(
            database=database,
            directory=lambda: office.directory.now,
            examples=examples,
            procedures=Procedures.of(names=["Cấp đổi giấy phép lái xe"]),
            need_registration=(),
        )
        drafting, listing = Drafting(database, proofs), Listing(database)
        moving = moving or Moving(database, ripe_after_s=0)
        return cls(
            office=office,
            drafting=drafting,
            releasing=Releasing(
                database=database,
                drafting=drafting,
                moving=moving,
                one_person=one_person,
                now=office.clock,
            ),
            moving=moving,
            listing=listing,
            preview=DeskPreview(proofs, Volume(listing)),
            recent=RecentDossiers(
                database=database,
                opened=office.compose.payload,
                surroundings=office.world.surroundings,
                now=office.clock,
            ),
            specimens=Specimens(
                database=database,
                hasher=office.hasher,
                directory=lambda: office.directory.now,
                accounts=office.accounts,
                addresses=Addresses("http://gateway"),
                proofs=proofs,
            ),
            proofs=proofs,
            files=TemplateFiles(database, drafting, proofs),
        )

    async def save(self, body: str, revision: int = 0, by: str = HA, key: DraftKey = SMS) -> Draft:
        return await self.drafting.save(Wish(key=key, body=body, revision=revision, by=by))

    async def asked(self, body: str = GOOD, key: DraftKey = SMS, waiting: str = "keep") -> Draft:
        draft = await self.save(body, key=key)
        return await self.drafting.ask(key, draft.revision, HA, "ngắn hơn", waiting)

    async def released(
        self, body: str = GOOD, key: DraftKey = SMS, waiting: str = "keep"
    ) -> Released:
        draft = await self.asked(body, key, waiting)
        done = await self.releasing.release(key, draft.revision, LAN)
        await self.office.templates.refresh()
        return done

    async def said(self, pool: str = "sms") -> list[str]:
        """What went out once a worker served the lane."""
        worker = self.office.worker()
        await worker.work(Lane(pool=pool), lambda: False)
        await worker.finish()
        return [one.body.text for one in self.office.sms.sent]  # type: ignore[union-attr]
