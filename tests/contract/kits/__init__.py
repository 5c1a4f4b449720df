"""One kit per provider: what the conformance suite must know to hold it to the contract."""

from importlib import import_module

from gateway.providers.registry import PROVIDERS
from kits.kit import Kit


def kit_of(provider: str) -> Kit:
    """The kit in the module of the provider's name; a provider without one fails its tests."""
    kit = import_module(f"kits.{provider}").KIT
    assert isinstance(kit, Kit)
    return kit


NAMES = tuple(sorted(PROVIDERS))
