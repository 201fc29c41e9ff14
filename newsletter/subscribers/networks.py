"""From where somebody writes, shortened so that it names a neighbourhood and no person. Pure."""

import functools
import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

KEPT_V4, KEPT_V6 = 24, 48  # bits
_DOTTED = re.compile(r"((?:\d{1,3}\.){3})(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\Z", re.ASCII)
# Of one's own house or provider: RFC 1918, 6598, 4193, and loopback.
_INNER = [
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::/127", "fc00::/7")
]


def shortened(address: str) -> str:
    """The network of an IP address, such as 203.0.113.0/24 or 2001:db8:7::/48.

    Empty for what is no public address: a proxy of one's own says nothing about whoever is behind it.

    >>> shortened("203.0.113.77"), shortened("::ffff:203.0.113.77"), shortened("127.0.0.1"), shortened("junk")
    ('203.0.113.0/24', '203.0.113.0/24', '', '')
    """
    dotted = _DOTTED.match(address)
    return _shortened(f"{dotted[1]}0" if dotted else address)


@functools.lru_cache(maxsize=16_384)  # a million lines of a file share few networks, and this takes 50 µs
def _shortened(address: str) -> str:
    found = _read(address)
    if found is None or any(found in inner for inner in _INNER):
        return ""
    return str(ip_network((found, KEPT_V4 if found.version == 4 else KEPT_V6), strict=False))  # noqa: PLR2004


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.strip())
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def nearest_stranger(direct: str, forwarded: str, proxies: int) -> str:
    """Whoever spoke to the outermost of our `proxies`: each adds whom it saw to the end of X-Forwarded-For.

    What stands before that was written by the stranger, and is not believed.

    >>> nearest_stranger("10.0.0.2", "6.6.6.6, 203.0.113.7", 1), nearest_stranger("203.0.113.7", "6.6.6.6", 0)
    ('203.0.113.7', '203.0.113.7')
    """
    seen = [*(each.strip() for each in forwarded.split(",") if each.strip()), direct]
    return seen[-1 - proxies] if proxies < len(seen) else seen[0]
