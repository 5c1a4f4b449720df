"""A peer, a door, and providers between them."""

from collections.abc import AsyncIterator

import pytest
from provider_accounts import Maker, Tokens, account
from told_peer import Peer

from gateway.providers.contract import Provider
from gateway.providers.outbound import Door, Limits
from gateway.providers.registry import build


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with Door(Limits(connect_timeout_s=1.0)) as door:
        yield door


@pytest.fixture
def provider_at(peer: Peer, door: Door) -> Maker:
    def make(provider: str, base_url: str = "", tokens: Tokens | None = None) -> Provider:
        access = account(provider, base_url or peer.url)
        return build(access, provider, door, tokens or Tokens("t-1", "t-2"))

    return make
