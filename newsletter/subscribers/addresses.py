"""What counts as an address, and how two spellings of one address are recognised."""

import functools
import hashlib
import hmac
import re
import unicodedata

from django.conf import settings
from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from newsletter.errors import UsageError
from newsletter.idn import ascii_domain

KEY_BYTES = 16
_GMAIL = ("gmail.com", "googlemail.com")
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(rf"(?!-){_ATOM}(?:\.{_ATOM})*\Z")  # dot-atom of RFC 5322, 3.2.3, as nearly every local part is
_LONGEST_LOCAL, _LONGEST = 64, 254  # RFC 5321, 4.5.3.1


def clean(text: str) -> str:
    """The address as it is stored and mailed: one addr-spec, local part as given, domain in Unicode, lower case.

    The local part has to be ASCII, because no transport of ours speaks SMTPUTF8 (RFC 6531).
    Raises UsageError with the reason in plain words. Nothing is looked up on the network.
    """
    text = text.strip(" \t\r\n")
    local, _, domain = text.rpartition("@")
    if len(local) <= _LONGEST_LOCAL and _PLAIN.match(local) and local.lower() not in CASE_INSENSITIVE_MAILBOX_NAMES:
        known, longest = _domain(domain)
        if known and len(local) + 1 + longest <= _LONGEST:
            return f"{local}@{known}"
    return _clean(text)


@functools.lru_cache(maxsize=16_384)  # readers share few domains, and the validator takes 0.1 ms
def _domain(domain: str) -> tuple[str, int]:
    """A domain in Unicode, lower case, and the length of its longer spelling; "" for what is none."""
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return "", 0
    return found.domain, max(len(found.domain), len(found.ascii_domain))


def _clean(text: str) -> str:
    """Whatever is not as plain as most, and what is no address and needs a reason."""
    if text.startswith("-"):  # a mail program may take it for an option (CVE-2026-45068)
        raise UsageError("An address may not begin with a dash")
    local = text.rpartition("@")[0]
    if local.isprintable() and not local.isascii():
        raise UsageError("Before the @ only ASCII letters can be mailed; the domain may have any")
    try:
        # strict: no more than 64 characters before the @ (RFC 5321, 4.5.3.1.1)
        checked = validate_email(
            text, check_deliverability=False, test_environment=True, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError as error:
        raise UsageError(str(error).rstrip(".")) from error
    return checked.normalized


def key(address: str) -> str:
    """32 hexadecimal digits that are equal for equal mailboxes: a keyed hash of what `comparable` gives.

    The key is ADDRESS_KEY and never changes, or people who left could be mailed again.
    """
    return _hash(comparable(address))


def abuse_key(address: str) -> str:
    """Like `key`, but equal for addresses that may be one mailbox: plus tags go, and at Gmail dots.

    For counting what is asked for in somebody's name, never for finding a reader.
    """
    local, _, domain = comparable(address).rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        local, domain = local.replace(".", "") or local, _GMAIL[0]
    return _hash(f"may be {local}@{domain}")


def domain_of(address: str) -> str:
    """The domain as an A-label."""
    return comparable(address).rpartition("@")[2]


def masked(address: str) -> str:
    """Enough for its owner to know it, too little for anybody else to use: r•••@example.org."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _hash(text: str) -> str:
    return hmac.digest(settings.ADDRESS_KEY.encode(), text.encode(), hashlib.sha256)[:KEY_BYTES].hex()


def comparable(address: str) -> str:
    """NFC local part, casefolded, at the domain's A-label; dots and plus tags stay, they may be other mailboxes."""
    local, _, domain = address.rpartition("@")
    return f"{unicodedata.normalize('NFC', local).casefold()}@{ascii_domain(domain) or domain.casefold()}"
