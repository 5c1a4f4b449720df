"""Providers between our account and a told peer, with which the wire is tested byte by byte."""

from collections.abc import Callable
from typing import Any

from kits import kit_of

from gateway.domain.message import Submission
from gateway.domain.outcome import Outcome
from gateway.providers.contract import AccountAccess, NoToken, Provider
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of

OUR_URL = "https://gateway.example"


class Tokens:
    """Access tokens in memory: hands out the next one each time one is refused."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.refused: list[str] = []

    async def current(self) -> str:
        if not self._tokens:
            raise NoToken
        return self._tokens[0]

    async def renewed(self, refused: str) -> str:
        self.refused.append(refused)
        self._tokens.pop(0)
        return await self.current()


def submission_for(provider: str, **changes: Any) -> Submission:
    return kit_of(provider).submission(OUR_URL, **changes)


def account(provider: str, base_url: str, **settings: str) -> AccountAccess:
    """The kit's account, at the peer, with more settings."""
    kit = kit_of(provider)
    merged = {**kit.account.get("settings", {}), **settings}
    return kit.access(base_url, settings=merged)


Maker = Callable[..., Provider]


async def submit(provider: Provider, name: str) -> Outcome:
    """The ending of one submission, as the caller of a provider sees it."""
    try:
        return await provider.send(submission_for(name))
    except (NotSent, MaybeSent) as error:
        return outcome_of(error)
