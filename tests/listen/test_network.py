"""Networks: the same place is known again, and a person is not."""

from __future__ import annotations

import pytest

from luotain.listen.network import caller_of, is_within, network_of, read_networks


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_of_an_address_only_its_network_is_left(address: str, network: str) -> None:
    assert network_of(address) == network


def test_addresses_of_one_network_cannot_be_told_apart() -> None:
    assert network_of("192.0.2.1") == network_of("192.0.2.200") != network_of("192.0.3.1")


def test_an_address_is_found_in_the_networks_that_a_setting_names() -> None:
    networks = read_networks("192.0.2.0/24, 2001:db8::/48")
    assert is_within("192.0.2.9", networks)
    assert is_within("::ffff:192.0.2.9", networks)
    assert is_within("2001:db8::9", networks)
    assert not is_within("198.51.100.1", networks)
    assert not is_within("nobody", networks)


def test_a_setting_that_names_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"192\.0\.2\.300"):
        read_networks("192.0.2.300/24")


@pytest.mark.parametrize(
    ("connected", "forwarded", "caller"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.2", "203.0.113.5", "203.0.113.5"),
        ("8.8.8.8", "203.0.113.5", "8.8.8.8"),
        ("", "203.0.113.5", ""),
    ],
)
def test_a_header_is_believed_only_from_the_own_proxy(connected: str, forwarded: str, caller: str) -> None:
    assert caller_of(connected, forwarded) == caller
