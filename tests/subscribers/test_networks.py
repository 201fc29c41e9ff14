"""A network names a neighbourhood, by whichever way it is told."""

import pytest

from newsletter.subscribers import networks


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        (" 203.0.113.77 ", "203.0.113.0/24"),
        ("203.0.113.255", "203.0.113.0/24"),
        ("203.0.113.256", ""),
        ("203.0.113.07", ""),
        ("203.0.0113.7", ""),
        ("999.0.113.7", ""),
        ("203.0.113", ""),
        ("203.0.113.7.9", ""),
        ("10.1.2.3", ""),
        ("127.0.0.1", ""),
        ("192.168.1.255", ""),
        ("100.64.3.4", ""),
        ("2001:db8:7:9::1", "2001:db8:7::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("٢٠٣.0.113.7", ""),
        ("", ""),
        ("junk", ""),
    ],
)
def test_networks_are_shortened(address, network):
    assert networks.shortened(address) == network
