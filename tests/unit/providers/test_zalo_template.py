"""The limits Zalo sets for a template's parameters, counted as Zalo counts."""

import unicodedata

import pytest

from gateway.providers.outbound import BadReply
from gateway.providers.zalo_template import limits_of

INFO = {
    "templateId": 7,
    "status": "ENABLE",
    "timeout": 7200000,
    "listParams": [
        {"name": "name", "require": True, "type": "STRING", "maxLength": 10, "minLength": 2},
        {"name": "note", "require": False, "type": "STRING", "maxLength": 5, "minLength": 0},
    ],
}


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        pytest.param({"name": "Minh Ánh"}, (), id="fits"),
        pytest.param({"name": unicodedata.normalize("NFD", "Nguyễn Ánh")}, (), id="ten after NFC"),
        pytest.param({"name": "Nguyễn Ánhh"}, ("name",), id="too long"),
        pytest.param({"name": "A"}, ("name",), id="too short"),
        pytest.param({}, ("name",), id="missing"),
        pytest.param({"name": "Ánh", "note": "123456"}, ("note",), id="optional, too long"),
        pytest.param({"name": "Ánh", "code": "1"}, ("code",), id="unknown to the template"),
    ],
)
def test_parameters_are_held_against_the_template_itself(
    params: dict[str, str], refused: tuple[str, ...]
) -> None:
    assert limits_of(INFO).refused(params) == refused


def test_the_time_zalo_keeps_trying_is_read_in_seconds() -> None:
    assert limits_of(INFO).timeout_s == 7200


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"listParams": None},
        {"listParams": [1]},
        {"listParams": [{"require": True}]},
        {"listParams": [], "timeout": "soon"},
    ],
)
def test_an_unreadable_description_is_a_bad_reply(info: dict[str, object]) -> None:
    with pytest.raises(BadReply):
        limits_of(info)
