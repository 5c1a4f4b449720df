"""Whatever JSON arrives, intake answers with a value or a refusal, never with our own fault."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.dossier import DossierEvent
from gateway.intake.digest import canonical
from gateway.intake.events import read_event
from gateway.intake.mapping import Faulty, Ignored, MappedEvent, Mapping

ROOT = Path(__file__).parents[3]
NATIONAL = Mapping.from_toml(ROOT / "config/sources/dong-bo-ho-so-mc.toml")
IGATE = Mapping.from_toml(ROOT / "config/sources/igate.toml")
EVENT: dict[str, Any] = json.loads((ROOT / "tests/data/result_ready.json").read_bytes())
PAYLOAD: dict[str, Any] = json.loads((ROOT / "tests/data/dong_bo_ho_so.json").read_bytes())
FILED: dict[str, Any] = json.loads((ROOT / "tests/data/igate.json").read_bytes())

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
MAPPED = (MappedEvent, Ignored, Faulty)


@given(st.sampled_from(sorted(EVENT["data"])), JSON)
def test_an_event_with_anything_in_one_place(name: str, value: Any) -> None:
    event = {**EVENT, "data": {**EVENT["data"], name: value}}
    result = read_event(event)
    if isinstance(result, DossierEvent):
        canonical(event["type"], event["data"])
    else:
        assert all(problem.detail for problem in result)


@given(st.sampled_from(range(10)), st.sampled_from(sorted(PAYLOAD["data"][0])), JSON)
def test_a_national_dossier_with_anything_in_one_place(index: int, name: str, value: Any) -> None:
    dossier = {**PAYLOAD["data"][index], name: value}
    (result,) = NATIONAL.read({**PAYLOAD, "data": [dossier]})
    assert isinstance(result, MAPPED)


@given(st.sampled_from(["DanhSachLePhi", "DanhSachHoSoBoSung"]), st.lists(JSON, max_size=3))
def test_a_national_dossier_with_any_list(name: str, value: list[Any]) -> None:
    for status in ("5", "6", "9"):
        dossier = {**PAYLOAD["data"][0], "TrangThaiHoSo": status, name: value}
        (result,) = NATIONAL.read({**PAYLOAD, "data": [dossier]})
        assert isinstance(result, MAPPED)


@given(st.sampled_from(sorted(FILED)), JSON)
def test_an_igate_dossier_with_anything_in_one_place(name: str, value: Any) -> None:
    (result,) = IGATE.read({**FILED, name: value})
    assert isinstance(result, MAPPED)
