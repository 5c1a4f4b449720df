"""What the language of templates refuses, and that nothing in it can be made expensive."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rendering.grammar import Refused, Vocabulary
from gateway.rendering.text import LONGEST_OUTPUT, compiled, scope_of

NUMBERED = (
    "{% for i in items %}{{ loop.index }}.{{ i }}{% if not loop.last %}; {% endif %}{% endfor %}"
)
WORDS = Vocabulary(words=frozenset({"name", "fee"}), lists=frozenset({"items"}))


def written(source: str, **facts: object) -> str:
    scope = scope_of({"name": "Ánh", "fee": "", "items": (), **facts})
    return compiled(source, WORDS).write(scope)


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.__class__ }}",
        "{{ name['__class__'] }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ name|attr('__class__') }}",
        "{{ name.upper() }}",
        "{{ name.format }}",
        "{{ '%s'|format(name) }}",
        "{{ name|map('upper') }}",
        "{{ 'a' * 10**9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ " + "9" * 5_000 + " }}",
        "{{ 1e999 }}",
        "{% if 1e999 > 2 %}a{% endif %}",
        "{{ name|short(1e999) }}",
        "{{ name|short(9e99999) }}",
        "{{ 1 + 1 }}",
        "{{ name|short(10 ** 9) }}",
        "{{ name|short(name) }}",
        "{{ name[0:1] }}",
        "{{ [name] }}",
        "{{ {'a': name} }}",
        "{{ range(9) }}",
        "{{ cycler }}",
        "{{ self }}",
        "{{ loop }}",
        "{{ name is defined }}",
        "{{ items }}",
        "{% for i in range(9) %}{% endfor %}",
        "{% for letter in name %}{% endfor %}",
        "{% for i in items %}{% for j in items %}{% endfor %}{% endfor %}",
        "{% for i in items recursive %}{{ loop(items) }}{% endfor %}",
        "{% for i in items if i %}{% endfor %}",
        "{% for a, b in items %}{% endfor %}",
        "{% for i in items %}{{ loop.__class__ }}{% endfor %}",
        "{% for i in items %}{{ loop.cycle }}{% endfor %}",
        "{% macro m() %}{% endmacro %}",
        "{% call name() %}{% endcall %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{% filter short(3) %}x{% endfilter %}",
        "{% set x %}{{ name }}{% endset %}",
        "{% set x = name %}",
        "{% set x = name ~ name %}",
        "{% set name = 'x' %}",
        "{% if fee %}{% set x = 1 %}{% endif %}",
        "{% with x = name %}{% endwith %}",
        "{% autoescape true %}{% endautoescape %}",
        "{% block part %}{% endblock %}",
        "{% if fee %}{% block part %}{% endblock %}{% endif %}",
        "{% do name %}",
        "{{ name",
        "{{ 1 if }}",
        "{% if fee %}",
    ],
)
def test_what_a_letter_does_not_need_is_refused_before_it_runs(source: str) -> None:
    with pytest.raises(Refused):
        compiled(source, WORDS)


def test_an_unknown_name_is_refused_with_its_line() -> None:
    with pytest.raises(Refused, match="'nmae'") as refusal:
        compiled("xin chào\n\n{{ nmae }}", WORDS)
    assert refusal.value.line == 3


def test_a_syntax_error_is_refused_with_its_line() -> None:
    with pytest.raises(Refused) as refusal:
        compiled("một\nhai {% if %}", WORDS)
    assert refusal.value.line == 2


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Kính gửi {{ name }}", "Kính gửi Ánh"),
        ("{% if fee %}có{% elif name == 'Ánh' %}không{% else %}?{% endif %}", "không"),
        ("{{ 'có' if fee else 'không' }}", "không"),
        ("{% if not fee and name %}a{% endif %}", "a"),
        ("{{ name ~ '!' }}", "Ánh!"),
        ("{{ items|length }}", "2"),
        (NUMBERED, "1.a; 2.b"),
        ("{{ 'một hai ba bốn'|short(11) }}", "một hai..."),
        ("{{ 'một hai'|short(7) }}", "một hai"),
        ("{{ 'thứ Hai'|capital }}", "Thứ Hai"),
        ("{# ghi chú #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)  # fmt: skip
def test_what_a_letter_needs_is_there(source: str, text: str) -> None:
    assert written(source, items=("a", "b")) == text


def test_a_fact_is_never_taken_for_a_template() -> None:
    assert written("{{ name }}", name="{{ fee }}{% x %}") == "{{ fee }}{% x %}"


def test_an_output_without_end_is_cut_off() -> None:
    many = tuple("một nội dung" for _ in range(LONGEST_OUTPUT))
    with pytest.raises(Refused, match="longer than"):
        written("{% for i in items %}{{ i }}{% endfor %}", items=many)


def test_a_source_without_end_is_refused() -> None:
    with pytest.raises(Refused, match="longer than"):
        compiled("a" * 20_001, WORDS)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
        "{% if fee %}" * 400 + "{% endif %}" * 400,
        "{{ not " * 1 + "not " * 4_000 + "fee }}",
    ],
    ids=["parentheses", "ifs", "nots"],
)
def test_deep_nesting_is_refused(source: str) -> None:
    with pytest.raises(Refused):
        compiled(source, WORDS)


def test_a_failure_while_running_tells_its_line_and_no_value() -> None:
    with pytest.raises(Refused) as refusal:
        written("một\n{% if name < 3 %}{% endif %}", name="Bí Mật")
    assert refusal.value.line == 2
    assert "Bí Mật" not in str(refusal.value)


def test_blocks_must_be_exactly_those_that_are_read() -> None:
    with pytest.raises(Refused, match="no block 'core'"):
        compiled("{% block ask %}{% endblock %}", WORDS, ["core", "ask"])
    with pytest.raises(Refused, match="'more'"):
        compiled("{% block more %}{% endblock %}", WORDS, [])


def test_text_outside_the_blocks_is_refused_because_nobody_would_hear_it() -> None:
    with pytest.raises(Refused, match="outside"):
        compiled("{% block core %}a{% endblock %}\nb", WORDS, ["core"])


TOKENS = """
{{ }} {% %} {# #} {%- -%} if elif else endif for in endfor set endset block endblock raw endraw
macro call name fee items loop i not and or is ( ) [ ] { } | ~ + * ** . , : = == 'a' 1 short
length capital __class__ self recursive include
"""


@given(st.lists(st.sampled_from(TOKENS.split()), max_size=25))
def test_any_heap_of_words_is_refused_or_writes_a_text(words: list[str]) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(written(" ".join(words), items=("a", "b")), str)
