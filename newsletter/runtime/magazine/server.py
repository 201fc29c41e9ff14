"""The magazine over HTTP on loopback, in a thread of its own."""

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsletter.errors import Unreachable
from newsletter.runtime.magazine import content, feeds, pages, pictures

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What one address answers: the body, its media type and when it last changed."""

    body: bytes
    media_type: str
    modified: datetime
    status: HTTPStatus = HTTPStatus.OK

    @property
    def etag(self) -> str:
        """A strong validator (RFC 9110 §8.8.3)."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'


class Running:
    """A magazine that answers at `url` (without a slash at its end) until it is stopped."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="magazine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port. Stopping twice does no harm."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Magazine:
    """The invented magazine as of `now` (aware). Photos that are missing are drawn into the folder `photos`."""

    def __init__(self, now: datetime, photos: Path) -> None:
        self.articles = content.articles(now)
        self._photos = photos
        self._by_path = {article.path: article for article in self.articles}
        self._pictured = {article.photo_path for article in self.articles if article.photo}
        self._modified = feeds.last_change(self.articles)

    def serve(self, port: int = 0) -> Running:
        """Answer on 127.0.0.1; port 0 takes a free one. Raises Unreachable when the port is taken."""
        self.draw()
        try:
            return Running(_Server(("127.0.0.1", port), self))
        except OSError as error:
            raise Unreachable(
                f"The demo's magazine cannot listen on port {port}: {error.strerror}.", hint="Choose another port."
            ) from error

    def draw(self) -> None:
        """Draw the photos that are missing."""
        pictures.draw_missing(
            {
                f"{article.slug}.jpg": (article.photo.scene, article.photo.seed)
                for article in self.articles
                if article.photo
            },
            self._photos,
        )

    def answer(self, path: str, site: str) -> Answer:
        """What a GET of `path` (decoded, without its query) answers when the magazine stands at `site`."""
        if path in self._pictured:
            return Answer((self._photos / path.rpartition("/")[2]).read_bytes(), "image/jpeg", self._modified)
        if path in self._by_path:
            article = self._by_path[path]
            return Answer(pages.article_page(article, site), HTML, article.updated_at)
        return self._listing(path, site)

    def _listing(self, path: str, site: str) -> Answer:
        match path:
            case "/":
                return Answer(pages.front_page(self.articles, site), HTML, self._modified)
            case "/feeds/feed.rss":
                return Answer(feeds.rss(self.articles, site), "application/rss+xml; charset=utf-8", self._modified)
            case "/feeds/notebook.atom":
                return Answer(feeds.atom(self.articles, site), "application/atom+xml; charset=utf-8", self._modified)
            case "/subscribe":
                return Answer(pages.subscribe_page(site), HTML, self._modified)
        return Answer(pages.not_found_page(site), HTML, self._modified, HTTPStatus.NOT_FOUND)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], magazine: Magazine) -> None:
        self.magazine = magazine
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "EvenKeel"
    timeout = 10  # seconds that a silent caller may hold a thread

    def do_GET(self) -> None:
        site = f"http://127.0.0.1:{self.server.server_address[1]}"
        answer = self.server.magazine.answer(unquote(urlsplit(self.path).path), site)
        unchanged = answer.status == HTTPStatus.OK and self._has(answer)
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else answer.status)
        self.send_header("ETag", answer.etag)
        self.send_header("Last-Modified", format_datetime(answer.modified.astimezone(UTC), usegmt=True))
        if not unchanged:
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not unchanged and self.command == "GET":
            self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_message: object) -> None:
        """Say nothing: the demo's terminal is for the newsletter."""

    def _has(self, answer: Answer) -> bool:
        # If-None-Match decides alone when it is there (RFC 9110 §13.1.3).
        if known := self.headers.get("If-None-Match"):
            return answer.etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]
        try:
            return answer.modified <= parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except (TypeError, ValueError):
            return False
