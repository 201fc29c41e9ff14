"""Whom we trust: the system's certificate authorities, or those of SSL_CERT_FILE."""

import functools
import ssl


@functools.cache
def default_trust() -> ssl.SSLContext:
    """Verifies certificates and names. Made once per process: reading the authorities takes some 20 ms."""
    return ssl.create_default_context()
