"""Where a callback may connect to. Judged at the moment of connecting, on the address itself, so
that neither a literal, nor a name that changes its mind, nor IPv4 inside IPv6 gets around it."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddress(OSError):
    """The host has an address that is not of the public internet."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is an address of one host on the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    return address in _GLOBAL_UNICAST and address.is_global


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end up at."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def public_socket(found: tuple[Any, ...]) -> socket.socket:
    """A socket for one result of getaddrinfo. Raises PrivateAddress."""
    family, kind, protocol, _, where = found
    if not is_public(ip_address(where[0])):
        raise PrivateAddress("private address")
    return socket.socket(family, kind, protocol)
