"""From which network an answer came: known only as the same place as another one, never as a person's address."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

#: what is left of an address: a /24 is a house or an office, a /48 what one customer of an operator gets
KEPT_BITS = {4: 24, 6: 48}


def network_of(address: str) -> str:
    """Return the network of an address ("192.0.2.0/24"); "" where it is none that can be told from others.

    The own machine is no network: whoever stands before it is not known by it.
    """
    try:
        found = ip_address(address.strip())
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback or found.is_unspecified:
        return ""
    return str(ip_network(f"{found}/{KEPT_BITS[found.version]}", strict=False))


def read_networks(told: str) -> tuple[Network, ...]:
    """Return the networks that a setting names, separated by spaces or commas: "192.0.2.0/24 2001:db8::/48".

    Raises ``ValueError`` for what is no network.
    """
    return tuple(ip_network(part) for part in told.replace(",", " ").split())


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of the networks; what is no address lies in none."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)


def caller_of(connected: str, forwarded: str) -> str:
    """Return the address of the one who calls, where a proxy may stand between.

    Parameters
    ----------
    connected
        The address that the connection comes from.
    forwarded
        The header ``X-Forwarded-For``. It is believed only where the connection comes from the own machine or the own
        network, as from a proxy, and of it only the last address, which the proxy itself wrote.
    """
    try:
        near = ip_address(connected.strip())
    except ValueError:
        return ""
    last = forwarded.rpartition(",")[2].strip()
    return last if last and (near.is_loopback or near.is_private) else connected
