"""One POST to SendGrid, and how far it got.

The sendgrid package's client has no timeout, follows redirects and cannot tell a request that never left from an answer
that never came. This subclass gives it both and keeps its interface.

What "how far" rests on: urllib's `do_open` wraps an OSError of `HTTPConnection.request` (connect, TLS, headers, body)
in URLError, and nothing after it. The body's length is announced, so a request whose last byte was not handed to the
system cannot be processed. Whatever fails later leaves it open whether SendGrid took the request.
"""

import http.client
import logging
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.error import URLError

import python_http_client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from newsletter import clock
from newsletter.errors import ConfigError
from newsletter.transports.tls import default_trust
from newsletter.transports.wire import said

# At DEBUG it writes the key and every address into the log.
logging.getLogger("python_http_client").setLevel(logging.INFO)

TOO_LATE = "there was no time left"
MAX_ANSWER = 1_048_576  # bytes; a 400 about 1,000 readers is some 150,000


@dataclass(frozen=True)
class Limits:
    """Seconds that each phase may wait for the network."""

    connect: float = 5.0
    write: float = 20.0
    read: float = 60.0


@dataclass(frozen=True)
class NotSent:
    """The request did not leave whole: nobody was mailed."""

    reason: str


@dataclass(frozen=True)
class Lost:
    """The request left whole and no full answer came: nobody can tell."""

    reason: str


@dataclass(frozen=True)
class Answer:
    """A whole HTTP response. `headers` are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Reply = NotSent | Lost | Answer


class SendGridClient:
    """Posts to SendGrid's API, and asks. For one thread; each request is a connection of its own."""

    def __init__(self, api: SendGridAPIClient) -> None:
        self._api = api

    def post(self, body: Mapping[str, Any], seconds: float) -> Reply:
        """Offer one request body, waiting `seconds` at most for each phase; never raises for what the network does."""
        return _reply(seconds, lambda: self._api.client.mail.send.post(request_body=body, timeout=seconds))

    def get(self, path: str, params: Mapping[str, Any], seconds: float) -> Reply:
        """Ask for something below /v3, such as suppression/bounces."""
        return _reply(seconds, lambda: self._at(path).get(query_params=dict(params), timeout=seconds))

    def ask(self, path: str, body: Mapping[str, Any], seconds: float) -> Reply:
        """Post a question below /v3; it changes nothing there."""
        return _reply(seconds, lambda: self._at(path).post(request_body=body, timeout=seconds))

    def forget(self, addresses: Sequence[str], seconds: float) -> Reply:
        """Have SendGrid erase what it knows of these addresses, 5,000 at most."""
        body = {"email_addresses": list(addresses)}
        return _reply(seconds, lambda: self._at("recipients/erasejob").post(request_body=body, timeout=seconds))

    def _at(self, path: str) -> Any:
        place = self._api.client
        for part in path.split("/"):
            place = place._(part)
        return place


def _reply(seconds: float, request: Callable[[], Any]) -> Reply:
    if seconds <= 0:
        return NotSent(TOO_LATE)  # python-http-client takes 0 for no limit
    try:
        response = request()
    except HTTPError as error:
        return Answer(error.status_code, error.headers, error.body)
    except URLError as error:
        return NotSent(said(error.reason))
    except (OSError, http.client.HTTPException) as error:
        return Lost(said(error))
    return Answer(response.status_code, response.headers, response.body)


def client_for(api_key: str, url: str, limits: Limits | None = None) -> SendGridClient:
    """A client of the API at `url`. Raises ConfigError for a key that no header can carry."""
    if not (api_key.isascii() and api_key.isprintable()):
        raise ConfigError("SENDGRID_API_KEY holds characters that no key has.", hint="Copy it again from SendGrid.")
    api = SendGridAPIClient(api_key=api_key, host=url)
    api.client = _Client(host=url, request_headers=api.client.request_headers, version=3)
    api.client.opener = _opener(limits or Limits())
    return SendGridClient(api)


class _Client(python_http_client.Client):  # type: ignore[misc]  # publishes no types
    """Opens its requests with our opener, whatever it is given."""

    opener: urllib.request.OpenerDirector

    def _build_client(self, name: str | None = None) -> "_Client":
        path = [*self._url_path, name] if name else self._url_path
        child = _Client(self.host, self.request_headers, self._version, path, timeout=self.timeout)
        child.opener = self.opener
        return child

    def _make_request(self, opener: object, request: urllib.request.Request, timeout: float | None = None) -> Any:  # noqa: ARG002
        return super()._make_request(self.opener, request, timeout)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET in urllib, and would carry the key elsewhere."""

    def redirect_request(self, *_args: object) -> None:
        return None


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.tls = default_trust()

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_Connection, limits=self.limits), request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        factory = partial(_TlsConnection, limits=self.limits)
        return self.do_open(factory, request, context=self.tls)


class _Response(http.client.HTTPResponse):
    def read(self, amt: int | None = None) -> bytes:
        """As the parent's, but a body that is too long is refused and one that is cut short never passes."""
        if amt is not None:
            return super().read(amt)
        body = b""
        while piece := super().read(65_536):
            body += piece
            if len(body) > MAX_ANSWER:
                raise http.client.HTTPException("the answer is too long")
        if self.length:
            raise http.client.IncompleteRead(body, self.length)
        return body


class _Connection(http.client.HTTPConnection):
    response_class = _Response

    def __init__(self, host: str, *, limits: Limits, timeout: float, **more: Any) -> None:
        super().__init__(host, timeout=timeout, **more)
        self.limits = limits
        self.until = clock.ticking() + timeout

    def connect(self) -> None:
        self.timeout = self._at_most(self.limits.connect)
        super().connect()

    def send(self, data: Any) -> None:
        """Head and body. Who froze and thaws when the time is over must not finish what nobody expects any more."""
        if self.sock is None:
            self.connect()
        self.sock.settimeout(self._at_most(self.limits.write))
        super().send(data)

    def getresponse(self) -> http.client.HTTPResponse:
        # The request is out: an answer that lies there already is read, however late.
        self.sock.settimeout(max(0.001, min(self.limits.read, self.until - clock.ticking())))
        return super().getresponse()

    def _at_most(self, seconds: float) -> float:
        """Raises TimeoutError when there is no time left."""
        left = self.until - clock.ticking()
        if left <= 0:
            raise TimeoutError(TOO_LATE)
        return min(seconds, left)


class _TlsConnection(_Connection, http.client.HTTPSConnection):
    pass


def _opener(limits: Limits) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect, _Handler(limits))
