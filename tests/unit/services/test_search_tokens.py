"""By which words a sealed notification is found."""

from dataclasses import replace

import pytest

from gateway.domain.dossier import Details, DossierEvent, EventKind, Party, Pickup, ReturnBy
from gateway.domain.recipient import read_phones
from gateway.sealing import Hasher, Keyring
from gateway.services.payload import Payload
from gateway.services.search_tokens import (
    dossier_group,
    name_groups,
    named_phones,
    phone_group,
    search_tokens,
)

RING = Keyring.generate().with_new_hash_key()
HASHER = Hasher(RING)
ANH = Party(name="Nguyễn Thị Minh Ánh", phones=("0984 765 321", "02713 568 123"))
BINH = Party(name="Trần Văn Bình", phones=("0900 000 043",))
CODE = "000.00.12.H10-260303-0001"
EVENT = DossierEvent(
    event_id="1",
    source_uri="/h10/igate",
    kind=EventKind.RESULT_READY,
    occurred_at=None,
    dossier_code=CODE,
    procedure_code=None,
    procedure_name=None,
    received_at=None,
    due_at=None,
    applicant=ANH,
    authorised=BINH,
    unit="H10.12",
    pickup=Pickup(),
    return_by=ReturnBy.DESK,
    language="vi",
    details=Details(),
    again=False,
)
CONTENT = Payload(event=EVENT, recipient=BINH, phones=read_phones(BINH.phones).phones)
TOKENS = set(search_tokens(HASHER, CONTENT))


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param([dossier_group(HASHER, f" {CODE.lower()} ")], id="dossier"),
        pytest.param([phone_group(HASHER, "+84900000043")], id="phone-written-to"),
        pytest.param([phone_group(HASHER, "0984765321")], id="phone-of-the-applicant"),
        pytest.param([phone_group(HASHER, "0271 3568123")], id="landline-of-the-applicant"),
        pytest.param(name_groups(HASHER, "binh"), id="name-written-to"),
        pytest.param(name_groups(HASHER, "ÁNH minh"), id="name-of-the-applicant"),
    ],
)
def test_everybody_named_is_found(groups: list[list[int]]) -> None:
    assert all(TOKENS & set(group) for group in groups)


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param([dossier_group(HASHER, CODE[:-1])], id="part-of-a-code"),
        pytest.param([phone_group(HASHER, "0900000044")], id="another-phone"),
        pytest.param([phone_group(HASHER, "no number")], id="no-phone"),
        pytest.param(name_groups(HASHER, "Bìn"), id="part-of-a-word"),
        pytest.param(name_groups(HASHER, "…"), id="no-letters"),
    ],
)
def test_nobody_else_is_found(groups: list[list[int]]) -> None:
    assert not all(TOKENS & set(group) for group in groups)


@pytest.mark.parametrize("version", HASHER.versions)
def test_rows_of_every_live_version_are_found(version: int) -> None:
    older = set(search_tokens(HASHER, CONTENT, version))
    assert older & set(phone_group(HASHER, "0900000043"))
    assert older & set(dossier_group(HASHER, CODE))


def test_the_numbers_written_to_come_first() -> None:
    assert [phone.e164 for phone in named_phones(CONTENT)] == [
        "+84900000043",
        "+84984765321",
        "+842713568123",
    ]
    same = replace(CONTENT, event=replace(EVENT, authorised=None), recipient=ANH)
    assert len(named_phones(replace(same, phones=read_phones(ANH.phones).phones))) == 2
