"""Which network addresses a fetch may reach: our own list, because Python's `is_global` lets too much through. Pure.

Sources: IANA IPv4 and IPv6 special-purpose address registries; RFC 6052 (64:ff9b::/96 carries an IPv4 address).
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Reachable when private hosts are allowed (tests, intranets).
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
)
# Never reachable: this network, link-local (cloud metadata), protocol assignments, documentation, 6to4 relays,
# benchmarks, multicast, reserved.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def reachable(text: str, *, private: bool) -> bool:
    """Whether a fetch may connect to this address. `private`: loopback, private and shared ranges are allowed too."""
    try:
        address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if is_private(str(address)):
        return private
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _NEVER)


def is_private(text: str) -> bool:
    """Loopback, private or shared: what NEWSLETTER_ALLOW_PRIVATE_HOSTS opens."""
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    return any(address in network for network in _PRIVATE)


def _plain(address: Address) -> Address:
    """IPv4 in IPv6's clothes becomes IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
