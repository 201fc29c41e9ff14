"""Makes words and addresses from outside fit to be printed in a mail. Pure; HTML is escaped by the templates."""

import re
import unicodedata
from urllib.parse import quote, urlsplit

from newsletter.mail.slots import neutralise

# Embeddings, overrides and isolates turn the words that follow them; a title needs none (Unicode UAX #9, 3.1.2).
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_NONCHARACTER = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
# Every character that RFC 3986 lets stand in a URL, and % because what is encoded stays as it is.
_URL_CHARACTERS = "%:/?#[]@!$&'()*+,;=-._~"
_SAYS_WHAT_IT_IS = ("photo", "image", "illustration", "graphic", "map", "credit", "courtesy", "©", "(c)")


def plain(text: str) -> str:
    """One line of printable text that holds no slot: spaces collapsed, control and text-turning characters gone."""
    kept = "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in {"Cc", "Cs"})
    return neutralise(_NONCHARACTER.sub("", kept.translate(_TURNING)).strip())


def web_address(url: str) -> str:
    """`url` in ASCII if it is an http(s) address, else "": then the link is left out.

    >>> web_address("https://example.org/ü"), web_address("javascript:alert(1)")
    ('https://example.org/%C3%BC', '')
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # UnicodeError is one: no such host name can exist
        return ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    if ":" in host:
        host = f"[{host}]"
    return _ascii(parts._replace(netloc=host + port).geturl())


def mail_address(url: str) -> str:
    """A mailto: address in ASCII, else ""."""
    return _ascii(url.strip()) if re.match("mailto:[^@]+@[^@]+$", url.strip()) else ""


def credit_line(credit: str, photo: str = "Photo: ") -> str:
    """The credit as printed: it says that it is about a photo, unless it says so itself; "" stays "".

    >>> credit_line("Ada Obi / Reuters")
    'Photo: Ada Obi / Reuters'
    """
    said = not credit or credit.lower().startswith(_SAYS_WHAT_IT_IS)
    return credit if said else f"{photo}{credit}"


def _ascii(url: str) -> str:
    """Percent-encoded, so that inlining changes no byte, and without a pair of @ that could read as a slot."""
    return quote(url, safe=_URL_CHARACTERS, errors="replace").replace("@@", "%40%40")
