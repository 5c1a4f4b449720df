"""The event that a dossier system posts, as the contract has it: what validates and what documents.

Null means the same as absent wherever a field may be absent. Fields that the contract does not
know are left alone here; `spelling` catches those that look like a slip of the pen.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from gateway.domain.dossier import EventKind, PersonKind, ReturnBy
from gateway.intake.fields import (
    Amount,
    Attribute,
    Code,
    Digits,
    EventType,
    Identifier,
    JsonMediaType,
    Language,
    LongText,
    Moment,
    Name,
    PhoneField,
    Phones,
    wrong,
)
from gateway.intake.problems import ProblemCode


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Procedure(_Part):
    """The administrative procedure. Its name is printed only if it stands on the allow-list."""

    code: Code | None = Field(None, examples=["1.001612"])
    name: LongText | None = Field(None, examples=["Renewal of a driving licence"])


class Dossier(_Part):
    """The dossier the event is about. `code` is taken as it is and never interpreted."""

    code: Code = Field(examples=["000.00.12.H10-240521-0001"])
    procedure: Procedure | None = None
    received_at: Moment | None = Field(
        None, description="RFC 3339; without a zone it is Asia/Ho_Chi_Minh."
    )
    due_at: Moment | None = Field(None, description="When the result was promised.")
    lookup_secret: Digits | None = Field(
        None,
        description="6 to 12 digits printed on the owner's receipt. With the last digits of the"
        " code they let anybody who holds the receipt ask how the dossier stands.",
        examples=["482913"],
    )


class Applicant(_Part):
    """The owner of the dossier."""

    name: Name | None = Field(
        description="As written in the dossier; null or empty if it is not known.",
        examples=["NGUYEN VAN AN"],
    )
    kind: PersonKind | None = Field(None, description="`person` if absent.")
    phones: Phones | None = Field(
        None,
        description="Phone fields as they were typed; one field may hold several numbers.",
        examples=[["0984 765 321"]],
    )


class Authorised(_Part):
    """The person who acts for the applicant and is written to instead."""

    name: Name | None = None
    phones: Phones | None = None


class PickupPlace(_Part):
    """Where the result is collected: a configured `point`, or a place with at least a name."""

    point: Code | None = Field(None, examples=["bu-dop"])
    name: Name | None = None
    address: Name | None = None
    hours: Name | None = None
    phone: PhoneField | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        spelled_out = self.address or self.hours or self.phone
        if self.point and (self.name or spelled_out):
            raise wrong(
                ProblemCode.CONFLICT, "Name a configured point, or describe a place, not both."
            )
        if spelled_out and not (self.point or self.name):
            raise wrong(ProblemCode.MISSING, "Give the place a name.", "name")
        return self


class EventDetails(_Part):
    """What some kinds of event add."""

    items: Annotated[tuple[LongText, ...], Field(max_length=50)] | None = Field(
        None, description="Papers to be supplemented."
    )
    reason: LongText | None = None
    new_due_at: Moment | None = None
    amount_vnd: Amount | None = Field(None, examples=[50000])
    corrects: Identifier | None = Field(
        None, description="The id of the event that a correction takes back."
    )


class DossierData(_Part):
    """The `data` of every event."""

    dossier: Dossier
    applicant: Applicant
    authorised: Authorised | None = None
    unit: Code = Field(description="Code or alias of the unit that writes.", examples=["H10.12"])
    pickup: PickupPlace | None = Field(None, description="The unit's usual place if absent.")
    return_by: ReturnBy | None = Field(None, description="`desk` if absent.")
    language: Language | None = Field(None, description="`vi` if absent.", examples=["vi"])
    details: EventDetails | None = None
    again: StrictBool | None = Field(
        None, description="True sends even if the same notice went out in the last 30 days."
    )


class DossierCloudEvent(BaseModel):
    """A CloudEvent (1.0) about one dossier. Extension attributes are allowed and not used."""

    model_config = ConfigDict(frozen=True, extra="allow")

    specversion: Literal["1.0"]
    id: Identifier = Field(
        description="Unique within `source`; posting it again with the same content is safe.",
        examples=["000.00.12.H10-240521-0001.result-ready.1"],
    )
    source: Identifier = Field(examples=["/h10/bu-dop/one-stop"])
    type: EventType
    time: Moment | None = Field(None, description="When it happened.")
    datacontenttype: JsonMediaType | None = Field(None, examples=["application/json"])
    subject: Attribute | None = None
    dataschema: Attribute | None = None
    data: DossierData

    @model_validator(mode="after")
    def _a_correction_names_its_event(self) -> Self:
        details = self.data.details
        if self.type is EventKind.CORRECTION and not (details and details.corrects):
            sentence = "Name the id of the event that this one corrects."
            raise wrong(ProblemCode.MISSING, sentence, "data", "details", "corrects")
        return self
