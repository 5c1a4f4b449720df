"""What staff put in by a click is known, is explained in both languages, and works."""

import tomllib
from pathlib import Path

import pytest

from gateway.domain.channel import Channel
from gateway.rendering.facts import VOCABULARY
from gateway.rendering.publication import glossary
from gateway.rendering.sms import SMS_VOCABULARY
from gateway.rendering.text import compiled

TEMPLATES = Path(__file__).parents[3] / "templates"
CHOICES = tomllib.loads((TEMPLATES / "choices.toml").read_text(encoding="utf-8"))["choice"]


def test_every_word_is_explained_in_both_languages() -> None:
    assert set(glossary(TEMPLATES, "en")) == set(glossary(TEMPLATES))


@pytest.mark.parametrize("choice", CHOICES, ids=lambda one: one["en"])
def test_a_choice_goes_around_any_words(choice: dict[str, str]) -> None:
    assert choice["text"].count("…") == 1
    assert choice["vi"]
    only_sms = choice.get("channels") == [Channel.SMS]
    vocabulary = SMS_VOCABULARY if only_sms else VOCABULARY
    for words in ("", "Xin mang theo {{ fee }}.", "{% if fee %}{{ fee }}{% endif %}"):
        compiled(choice["text"].replace("…", words), vocabulary)
