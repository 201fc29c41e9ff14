"""Addresses: the form that is stored, the form that is compared. Pure.

By hand, because the libraries tried either keep tracking parameters or drop real ones such as ?id=5.
"""

import re
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

import idna

from newsletter.errors import UsageError
from newsletter.feeds.values import URL_LIMIT

# Who clicked where, never which article.
_TRACKING = frozenset((
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh", "mc_cid",
    "mc_eid", "mkt_tok", "ref_src", "_hsenc", "_hsmi", "__hstc", "__hssc", "_ga", "_gl", "vero_id", "oly_enc_id",
    "oly_anon_id", "ncid", "cmpid", "xtor", "__twitter_impression", "rebelltitem",
))  # fmt: skip
_DEFAULT_PORTS = {"http": 80, "https": 443}
_AMP_PARAMETERS = frozenset(("amp", "amp=1", "amp=true", "outputtype=amp"))
_HOST_FORMS = ("www.", "m.", "mobile.", "amp.")
_HOST_LIMIT = 253  # RFC 1035 in text
_UNFIT = re.compile(r"[\x00-\x1f\x7f]+")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
# RFC 3986: what may stand unescaped; "%" so that escapes are not escaped again.
_PATH_SAFE = "/:@!$&'()*+,;=~%-._"
_QUERY_SAFE = _PATH_SAFE + "?[]|"


def canonical(url: str, base: str = "") -> str | None:
    """The absolute http(s) address without tracking and fragment, or None when it is no address of an article.

    None too for credentials, unusable host names and more than 1,000 characters.
    """
    try:
        parts = urlsplit(urljoin(base, _UNFIT.sub("", url).strip()))
        netloc = _netloc(parts)
    except (ValueError, idna.IDNAError):
        return None
    if netloc is None:
        return None
    query = "&".join(part for part in parts.query.split("&") if part and not _tracks(part))
    path, query = quote(parts.path or "/", safe=_PATH_SAFE), quote(query, safe=_QUERY_SAFE)
    made = urlunsplit((parts.scheme, netloc, path, query, ""))
    return made if len(made) <= URL_LIMIT else None


def web_address(typed: str) -> str:
    """A feed's address as a person typed it, with https:// where the scheme is missing. Raises UsageError.

    Unlike an article's it keeps every parameter.
    """
    address = typed.strip() if "://" in typed else f"https://{typed.strip()}"
    # A bare word is a slip; a host of one word is believed where somebody wrote https:// or a port.
    is_word = address != typed.strip() and not any(mark in address.split("/")[2] for mark in ".:")
    if is_word or canonical(address) is None:
        raise UsageError(f"{typed.strip()[:200]} is not a web address.", hint="Such as https://example.org/feed.rss")
    return address


def key(url: str) -> str:
    """How two addresses of one article compare equal: `url` is canonical; http or https, www., m., amp forms and a
    trailing slash make no difference."""
    parts = urlsplit(url)
    path = unquote(parts.path, errors="surrogateescape").rstrip("/")
    path = path.removesuffix("/amp").removesuffix(".amp")
    query = "&".join(part for part in parts.query.split("&") if part.lower() not in _AMP_PARAMETERS)
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    made = f"{bare_host(url)}{port}{quote(path, safe=_PATH_SAFE, errors='surrogateescape')}"
    return f"{made}?{query}" if query else made


def bare_host(url: str) -> str:
    """The host without www. and its mobile forms."""
    host = urlsplit(url).hostname or ""
    for form in _HOST_FORMS:
        if host.startswith(form) and "." in host[len(form) :]:
            return host[len(form) :]
    return host


def is_front(url: str) -> bool:
    """Whether this is a site's front page, which no article is."""
    parts = urlsplit(url)
    return bool(parts.netloc) and parts.path in ("", "/") and not parts.query


def same_host(one: str, other: str) -> bool:
    """Whether two addresses belong to one site: the same host, or one a subdomain of the other."""
    a, b = bare_host(one), bare_host(other)
    return bool(a) and (a == b or a.endswith(f".{b}") or b.endswith(f".{a}"))


def a_label(host: str) -> str:
    """The host in ASCII (IDNA 2008 with UTS 46 mapping). Raises idna.IDNAError or ValueError."""
    host = host.rstrip(".").lower()
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    if not _HOST.fullmatch(host) or ".." in host or len(host) > _HOST_LIMIT:
        raise ValueError("not a host name")
    return host


def _netloc(parts: SplitResult) -> str | None:
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = a_label(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{host}{port}"


def _tracks(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    return name.startswith(("utm_", "utm-")) or name in _TRACKING
