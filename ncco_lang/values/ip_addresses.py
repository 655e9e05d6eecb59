"""Which IP addresses are public, so that a request from a server may go there."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, among them the metadata server of Oracle's cloud
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("168.63.129.16/32"),  # the metadata and name server of Azure, although the address is a public one
    IPv4Network("240.0.0.0/4"),
)
"""IPv4 networks that `is_global` permits in some versions of Python."""
# The only IPv6 addresses that are assigned to hosts on the internet (RFC 4291).
_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = (
    IPv6Network("2001::/23"),  # protocol assignments, among them Teredo, whose addresses have an IPv4 address in them
    IPv6Network("2002::/16"),  # 6to4, likewise
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)
# A gateway sends these to the IPv4 address in their last 32 bits (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to a host on the internet.

    False for private, loopback, link-local, shared (RFC 6598), multicast, reserved, unspecified, documentation and
    metadata addresses, and for the IPv6 forms of them. 6to4 and Teredo, which are no longer in use, are never public.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in each for each in _NOT_PUBLIC)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    return address.is_global and address in _UNICAST and not any(address in each for each in _NOT_PUBLIC_6)
