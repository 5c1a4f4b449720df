"""The languages a notice may be wished for in. Which one a person wishes is sensitive data: it says
where somebody comes from, so it stands in the sealed part of a notification and nowhere else.
"""

PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
VIETNAMESE = "vi"


def serving(language: str) -> tuple[str, ...]:
    """The languages that serve such a wish, best first: `km-KH` is served by `km`, too (RFC 4647,
    lookup). Vietnamese, which serves everybody in the end, is not among them."""
    parts = language.split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))
