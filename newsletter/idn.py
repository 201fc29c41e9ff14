"""Internationalised domain names, as they go into envelopes, headers and links."""

import functools

import idna


@functools.lru_cache(maxsize=16_384)  # readers share few domains, and UTS 46 takes longer than all the rest
def ascii_domain(domain: str) -> str:
    """The A-label of a domain (RFC 5891 with the mapping of UTS 46), lower case; "" for what is no domain."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return ""
