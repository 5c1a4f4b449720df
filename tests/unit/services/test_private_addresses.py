"""Which addresses a callback may connect to."""

import socket
from ipaddress import ip_address

import pytest

from gateway.services.private_addresses import PrivateAddress, is_public, public_socket


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "203.162.4.1", "2001:4860:4860::8888", "2402:800::1", "::ffff:8.8.8.8"],
)
def test_hosts_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="this machine"),
        pytest.param("127.8.9.10", id="this machine by another number"),
        pytest.param("0.0.0.0", id="any address, which is this machine"),
        pytest.param("10.1.2.3", id="private A"),
        pytest.param("172.31.255.255", id="private B"),
        pytest.param("192.168.1.1", id="private C"),
        pytest.param("100.64.0.1", id="behind a carrier"),
        pytest.param("169.254.169.254", id="metadata of a cloud"),
        pytest.param("192.0.0.170", id="protocol assignments"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("224.0.0.1", id="many hosts at once"),
        pytest.param("239.255.255.250", id="many hosts of one network"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("::1", id="this machine in IPv6"),
        pytest.param("::", id="any address in IPv6"),
        pytest.param("fe80::1%1", id="this link"),
        pytest.param("fc00::1", id="private in IPv6"),
        pytest.param("fec0::1", id="this site"),
        pytest.param("ff02::1", id="many hosts in IPv6"),
        pytest.param("2001:db8::1", id="documentation"),
        pytest.param("::ffff:127.0.0.1", id="mapped into IPv6"),
        pytest.param("::ffff:10.0.0.1", id="private, mapped into IPv6"),
        pytest.param("::127.0.0.1", id="in the old compatible form"),
        pytest.param("64:ff9b::a00:1", id="private behind NAT64"),
        pytest.param("2002:7f00:1::", id="this machine behind 6to4"),
        pytest.param("2001:0:7f00:1::1", id="behind Teredo"),
    ],
)
def test_everything_else_is_private(address: str) -> None:
    assert not is_public(ip_address(address))


def test_no_socket_is_made_for_a_private_address() -> None:
    found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))
    with pytest.raises(PrivateAddress):
        public_socket(found)


def test_a_socket_is_made_for_a_public_one() -> None:
    found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))
    with public_socket(found) as made:
        assert made.family == socket.AF_INET
