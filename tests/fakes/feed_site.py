"""A publication's web server on loopback, whose routes a test scripts: bodies, ETags, redirects, hanging, trickling.

with FeedSite() as site:
    site.put("/feed.xml", rss, etag='"v1"')
    collect(site.url("/feed.xml"))
    assert site.count("/feed.xml") == 1
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

_TYPES = {
    ".xml": "application/rss+xml; charset=utf-8", ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8", ".json": "application/feed+json", ".jpg": "image/jpeg",
    ".png": "image/png",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    """What one path answers. `hang`: nothing is sent; `trickle`: seconds between single bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    trickle: float = 0.0


@dataclass(frozen=True)
class Seen:
    """A request that came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]


class FeedSite:
    """Serves from `with` to its end, each request in a thread of its own; paths without a route are 404."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._routes: dict[str, Route] = {}
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "FeedSite":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        """`path` starts with a slash."""
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, body: bytes | str, *, etag: str = "", status: int = 200, **headers: str) -> str:
        """Answer `path` with a body from now on; returns its URL. content_type="text/html" becomes a header."""
        raw = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": _type_of(path)} | {
            name.replace("_", "-").title(): text for name, text in headers.items()
        }
        if etag:
            named["ETag"] = etag
        return self.route(path, Route(raw, status, named))

    def fail(self, path: str, status: int) -> str:
        return self.route(path, Route(b"<h1>Sorry</h1>", status, {"Content-Type": "text/html"}))

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        return self.route(path, Route(status=status, headers={"Location": target}))

    def hang(self, path: str) -> str:
        """Take the request and say nothing until the site closes."""
        return self.route(path, Route(hang=True))

    def trickle(self, path: str, body: bytes, seconds: float) -> str:
        """One byte of the body every so many seconds."""
        return self.route(path, Route(body, trickle=seconds))

    def route(self, path: str, route: Route) -> str:
        self._routes[path] = route
        return self.url(path)

    def remove(self, path: str) -> None:
        self._routes.pop(path, None)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(1 for each in self.seen if each.path == path)

    def answer(self, path: str) -> Route:
        return self._routes.get(path) or Route(b"<h1>Not found</h1>", 404, {"Content-Type": "text/html"})

    def wait(self, seconds: float | None = None) -> bool:
        """Until the site closes, at most so long; True when it closes."""
        return self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    site: FeedSite

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site = self.server.site
        site.seen.append(Seen(self.path, {name.lower(): text for name, text in self.headers.items()}))
        route = site.answer(self.path)
        if route.hang:
            site.wait()
            self.close_connection = True
        elif route.headers.get("ETag") and self.headers.get("If-None-Match") == route.headers["ETag"]:
            self._send(Route(status=304, headers={"ETag": route.headers["ETag"]}))
        elif (
            route.headers.get("Last-Modified")
            and self.headers.get("If-Modified-Since") == route.headers["Last-Modified"]
        ):
            self._send(Route(status=304))
        else:
            self._send(route)

    def _send(self, route: Route) -> None:
        self.send_response(route.status)
        for name, text in route.headers.items():
            self.send_header(name, text)
        if "Content-Length" not in route.headers and route.status != 304:
            self.send_header("Content-Length", str(len(route.body)))
        self.end_headers()
        if not route.trickle:
            self.wfile.write(route.body)
            return
        for byte in route.body:
            self.wfile.write(bytes([byte]))
            if self.server.site.wait(route.trickle):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


def _type_of(path: str) -> str:
    path = path.partition("?")[0]
    return next((kind for ending, kind in _TYPES.items() if path.endswith(ending)), "text/html; charset=utf-8")
