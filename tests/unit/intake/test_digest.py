"""What counts as the same content."""

import json
from unicodedata import normalize

import pytest

from gateway.intake.digest import canonical
from gateway.intake.json_body import read_json

TYPE = "vn.dossier.result-ready"


def of(text: str) -> bytes:
    return canonical(TYPE, read_json(text.encode()))


def test_the_bytes_are_sorted_composed_json_without_spaces() -> None:
    posted = {"b": normalize("NFD", "Nguyễn"), "a": [1, None, True]}
    assert canonical("t", posted) == '{"data":{"a":[1,null,true],"b":"Nguyễn"},"type":"t"}'.encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param('{"a":1,"b":2}', '{ "b" : 2,\n "a" : 1 }', id="order and whitespace"),
        pytest.param('{"a":"Đ"}', '{"a":"\\u0110"}', id="escapes"),
        pytest.param('{"a":"Nguyễn"}', normalize("NFD", '{"a":"Nguyễn"}'), id="NFD"),
        pytest.param('{"a":50000}', '{"a":5.0e4}', id="spelling of a number"),
        pytest.param('{"a":0}', '{"a":-0.0}', id="minus zero"),
        pytest.param('{"é":1,"f":2}', normalize("NFD", '{"f":2,"é":1}'), id="NFD in a name"),
    ],
)
def test_the_same_content_written_otherwise_gives_the_same_bytes(one: str, other: str) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param('{"a":1}', '{"a":"1"}', id="number and text"),
        pytest.param('{"a":1}', '{"a":true}', id="number and truth"),
        pytest.param('{"a":null}', "{}", id="null and absent"),
        pytest.param('{"a":[1,2]}', '{"a":[2,1]}', id="order of a list"),
        pytest.param('{"a":"hoà"}', '{"a":"hòa"}', id="old and new place of the tone mark"),
        pytest.param('{"unknown":1}', '{"unknown":2}', id="a field that we do not read"),
    ],
)
def test_other_content_gives_other_bytes(one: str, other: str) -> None:
    assert of(one) != of(other)


def test_the_type_is_part_of_the_content() -> None:
    assert canonical("vn.dossier.received", {}) != canonical("vn.dossier.refused", {})


def test_a_parsed_copy_of_the_bytes_gives_the_same_bytes() -> None:
    once = of('{"a":[{"b":1.50}],"c":"Đồng"}')
    assert canonical(TYPE, json.loads(once)["data"]) == once
