"""Tests of which addresses are public, and which hosts servers on the internet can reach."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ncco_lang.values.hosts import is_unreachable
from ncco_lang.values.ip_addresses import is_public

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1
    224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::192.168.1.1 64:ff9b:1::8.8.8.8 100::1
    2001::1 2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1
    4000::1 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%1 fec0::1 ff02::1 ff0e::1
""".split()
PUBLIC = """
    1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.32.0.1 168.63.129.17 169.253.1.1 192.0.1.1 223.255.255.255
    ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001:81b::200e
""".split()


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address(text: str) -> None:
    assert is_public(ip_address(text))
    assert not is_unreachable(text)


@pytest.mark.parametrize(
    "host",
    "2130706433 0x7f000001 017700000001 0x7f.1 127.1 127.0.1 0251.0376.0251.0376 0xA9FEA9FE [::ffff:7f00:1] 10.1. "
    "LOCALHOST localhost. crm crm.internal Crm.Local. a.localhost".split(),
)
def test_a_host_that_no_server_on_the_internet_finds(host: str) -> None:
    assert is_unreachable(host)
