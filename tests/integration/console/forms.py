"""What the tests of forms have in common."""

import re

from console_site import Answer


def hidden(answer: Answer, name: str) -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, name
    return found[1]
