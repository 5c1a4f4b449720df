"""What a row of the table of pages is: a method, a path, who may, and the function that answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from aiohttp import web

from gateway.domain.staff import Permission
from gateway.errors import ConfigurationError
from gateway.web.console.visit import Visit

PREFIX = "/console"

Answer = Callable[[Visit], Awaitable[web.StreamResponse]]


class Anybody(Enum):
    """`UNASKED`: the same for everybody, so it is not even looked up who they are. A page that says
    the ledger is away needs its style."""

    PUBLIC = "public"
    UNASKED = "unasked"


PUBLIC, UNASKED = Anybody.PUBLIC, Anybody.UNASKED

Needs = Permission | Anybody


@dataclass(frozen=True, kw_only=True)
class Page:
    """`by_itself`: asked for by a page that stands open, which keeps no session alive."""

    method: str
    path: str
    answer: Answer
    needs: Needs
    by_itself: bool


def page(
    method: Literal["GET", "POST"],
    path: str,
    answer: Answer,
    *,
    needs: Needs,
    by_itself: bool = False,
) -> Page:
    """Raises ConfigurationError for a page that does not say who may see it."""
    if not isinstance(needs, Permission | Anybody):
        raise ConfigurationError(f"{method} {path}: does not say who may; give it a permission")
    if not path.startswith(f"{PREFIX}/"):
        raise ConfigurationError(f"{method} {path}: pages of the console start with {PREFIX}/")
    return Page(method=method, path=path, answer=answer, needs=needs, by_itself=by_itself)
