"""One hostile-input safe HTTP GET, for feeds, article pages and whatever an outsider's address names (T-01, T-03)."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from newsletter import __version__
from newsletter.feeds.dates import moment
from newsletter.feeds.guard import FetchError, Leash, pool_manager
from newsletter.feeds.urls import a_label

FEED_BYTES = 10 * 1024 * 1024
PAGE_BYTES = 5 * 1024 * 1024
FEED_SECONDS = 30.0
MOST_REDIRECTS = 5
_CHUNK = 64 * 1024
_GZIP = zlib.MAX_WBITS | 32
_MAGIC = b"\x1f\x8b"  # how a member of gzip begins
_LONGEST_WAIT = 24 * 3600.0  # seconds
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
Made = TypeVar("Made")


@dataclass(frozen=True)
class Request:
    """What to get. `private`: loopback, private hosts and any port are allowed (CONFIG.allow_private_hosts).

    `max_bytes` counts decompressed bytes; `seconds` is the whole fetch, redirects included.
    """

    url: str
    private: bool = False
    etag: str = ""
    last_modified: str = ""
    max_bytes: int = FEED_BYTES
    seconds: float = FEED_SECONDS
    accept: str = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
    method: str = "GET"


@dataclass(frozen=True)
class Response:
    """What came: `url` after redirects, `body` decompressed; not_modified: the server says nothing changed."""

    url: str
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False


@dataclass(frozen=True)
class Head:
    """How an address answered, its body unread: `url` after redirects, whatever the status."""

    url: str
    status: int
    headers: Mapping[str, str]


def get(request: Request) -> Response:
    """Fetch it. Raises FetchError with one plain line, and nothing else, for everything the other side can do."""
    return _guarded(request, lambda answer, url, leash: _read(answer, url, request, leash))


def head(request: Request) -> Head:
    """Ask for it by the request's method and read no body. Raises FetchError where no answer came."""
    return _guarded(request, lambda answer, url, _leash: _seen(answer, url))


def _guarded(request: Request, take: Callable[[urllib3.BaseHTTPResponse, str, Leash], Made]) -> Made:
    with Leash(request.seconds) as leash:
        manager = pool_manager(leash, private=request.private, most=request.max_bytes)
        try:
            return take(*_follow(request, manager, leash), leash)
        except (HTTPError, OSError, ValueError) as error:
            raise _in_words(error, request, leash) from error
        finally:
            manager.clear()


def _seen(answer: urllib3.BaseHTTPResponse, url: str) -> Head:
    answer.close()
    return Head(url, answer.status, answer.headers)


def _follow(request: Request, manager: urllib3.PoolManager, leash: Leash) -> tuple[urllib3.BaseHTTPResponse, str]:
    """The answer at the end of all redirects, and the address it came from."""
    url = _checked(request.url, private=request.private)
    for _ in range(MOST_REDIRECTS + 1):
        answer = _ask(url, request, manager, leash)
        target = answer.headers.get("Location")
        if answer.status not in _REDIRECTS or not target:
            return answer, url
        answer.close()
        url = _checked(urljoin(url, target), private=request.private)
    raise FetchError(f"{_host(request.url)} redirects more than {MOST_REDIRECTS} times.")


def _checked(url: str, *, private: bool) -> str:
    """The address with its host in ASCII, if a fetch may go there at all."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"{url[:200]} is not a web address; it must start with http:// or https://.")
    if "@" in parts.netloc:
        raise FetchError(f"The address of {parts.hostname} carries a user name or password, which is not supported.")
    host = a_label(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
    if parts.port not in (None, 80, 443) and not private:
        raise FetchError(
            f"Port {parts.port} of {host} may not be asked, only 80 and 443;"
            " set NEWSLETTER_ALLOW_PRIVATE_HOSTS=1 if that is meant."
        )
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return parts._replace(netloc=netloc, fragment="").geturl()


def _ask(url: str, request: Request, manager: urllib3.PoolManager, leash: Leash) -> urllib3.BaseHTTPResponse:
    headers = {
        "Accept": request.accept,
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"newsletter/{__version__} (weekly round-up)",
    }
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    timeout = urllib3.Timeout(connect=leash.left, read=leash.left)
    return manager.request(
        request.method, url, headers=headers, timeout=timeout,
        redirect=False, preload_content=False, decode_content=False,
    )  # fmt: skip


def _read(answer: urllib3.BaseHTTPResponse, url: str, request: Request, leash: Leash) -> Response:
    if answer.status == HTTPStatus.NOT_MODIFIED and (request.etag or request.last_modified):
        return Response(url, b"", etag=request.etag, last_modified=request.last_modified, not_modified=True)
    if answer.status != HTTPStatus.OK:
        wait = _seconds(answer.headers.get("Retry-After", ""))
        raise FetchError(f"{_host(url)} answered {named(answer.status)}.", status=answer.status, wait=wait)
    body = _limited(answer, url, request.max_bytes)
    if leash.over:
        raise TimeoutError
    headers = answer.headers
    return Response(
        url, body, headers.get("Content-Type", "")[:200], headers.get("ETag", "")[:300],
        headers.get("Last-Modified", "")[:100],
    )  # fmt: skip


def _limited(answer: urllib3.BaseHTTPResponse, url: str, most: int) -> bytes:
    """The body, decompressed while it comes, so that a small bomb never grows large here."""
    parts, size = [], 0
    for part in _decompressed(answer, url):
        size += len(part)
        if size > most:
            raise FetchError(f"{_host(url)} sent more than {most // (1024 * 1024)} MiB, which is the limit.")
        parts += [part] if part else []
    return b"".join(parts)


def _decompressed(answer: urllib3.BaseHTTPResponse, url: str) -> Iterator[bytes]:
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        yield from answer.stream(_CHUNK, decode_content=False)
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{_host(url)} sent the content encoding {encoding[:40]!r}, which was not asked for.")
    machine = _Unzip(encoding)
    for chunk in answer.stream(_CHUNK, decode_content=False):
        yield from machine.feed(chunk)
    if not machine.complete:
        raise FetchError(f"{_host(url)} broke off in the middle of its answer.")


class _Unzip:
    """Decompression in bounded steps. Deflate comes with a zlib header or, from some servers, without one.

    gzip comes in any number of members, one after the other (RFC 1952, 2.2); what else follows the last one is padding.
    """

    def __init__(self, encoding: str) -> None:
        self._gzip = encoding != "deflate"
        self._machine = zlib.decompressobj(_GZIP) if self._gzip else None
        self._after = b""  # the first two bytes after a member's end

    @property
    def complete(self) -> bool:
        return self._machine is None or self._machine.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._machine = self._machine or zlib.decompressobj(_window(data))
        while data := self._next_member(data) if self._machine.eof else data:
            try:
                yield self._machine.decompress(data, _CHUNK)
            except zlib.error:
                raise FetchError("The answer's compression is broken.") from None
            data = self._machine.unused_data if self._machine.eof else self._machine.unconsumed_tail

    def _next_member(self, data: bytes) -> bytes:
        """The bytes of a member that begins here; none as long as none does."""
        data = self._after + data
        if not self._gzip or not data.startswith(_MAGIC):
            self._after = data[: len(_MAGIC)]
            return b""
        self._machine, self._after = zlib.decompressobj(_GZIP), b""
        return data


def _window(data: bytes) -> int:
    """What zlib calls a stream with its header, or without one."""
    with_header = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2].ljust(2, b"\0")) % 31 == 0
    return zlib.MAX_WBITS if with_header else -zlib.MAX_WBITS


def _in_words(error: Exception, request: Request, leash: Leash) -> FetchError:
    host = _host(request.url)
    if leash.over or isinstance(error, TimeoutError):
        return FetchError(f"The server at {host} did not finish its answer within {request.seconds:g} seconds.")
    said = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return FetchError(f"The certificate of {host} is not valid.")
    if "SSL" in said.upper():
        return FetchError(f"{host} does not speak TLS as it should.")
    if isinstance(error, ValueError) and not isinstance(error, HTTPError):
        return FetchError(f"{request.url[:200]} is not a web address that can be used.")
    return FetchError(f"The server at {host} broke off the connection.")


def _seconds(text: str) -> float:
    """Retry-After (RFC 9110, 10.2.3): seconds, or the date until which to wait; at most a day."""
    if text.strip().isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    until = moment(text)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT) if until else 0.0


def named(status: int) -> str:
    """A status in words: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url[:100]
    except ValueError:
        return url[:100]
