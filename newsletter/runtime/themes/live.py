"""Weeks and letters over HTTP on loopback: each request renders anew; open pages reload when a template changes."""

import json
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsletter import jinja
from newsletter.errors import Unreachable
from newsletter.mail.outlook import revealed
from newsletter.runtime.themes import check, letters, look
from newsletter.runtime.themes.check import Tried
from newsletter.runtime.themes.weeks import weeks

_RELOAD = """<script>
let seen; setInterval(async () => {
  const now = await (await fetch("/version")).text();
  if (seen && seen !== now) location.reload();
  seen = now;
}, 700);
</script>"""
_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_PAGE = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>{body}'
_STYLE = "body{font:17px/26px system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;color:#1b1b1a}\
h1{font:30px/36px Georgia,serif}li{margin:0 0 8px}a{color:#1f4e79}pre{white-space:pre-wrap}"


class Preview:
    """The server; `photos` is where drawn photos are kept. `only`: a theme to show, or "letter"; all without one."""

    def __init__(self, photos: Path, port: int, only: str = "") -> None:
        self._photos = photos
        self._only = only
        try:
            self._server = _Server(("127.0.0.1", port), self)
        except OSError as error:
            raise Unreachable(f"Port {port} is taken: {error.strerror}.", hint="Choose another: --port 0") from error
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def serve(self) -> None:
        """Answer until interrupted."""
        self._server.serve_forever(0.1)

    def stop(self) -> None:
        """Stop answering, from another thread, and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Media type and body of a path; None where there is nothing."""
        parts = path.strip("/").split("/")
        match parts:
            case [""]:
                return _HTML, self._index().encode()
            case ["version"]:
                return _TEXT, _version().encode()
            case [_, "photos", name] if name == Path(name).name and name.endswith((".jpg", ".png")):
                return f"image/{'png' if name.endswith('.png') else 'jpeg'}", look.draw(name, self._photos).read_bytes()
            case [theme, week]:
                return self._mail(theme, week)
        return None

    def _mail(self, theme: str, file: str) -> tuple[str, bytes] | None:
        name, _, form = file.rpartition(".")
        jinja.for_mail.cache_clear()  # templates are read anew
        found = _tried(theme, name)
        if found is None:
            return None
        if found.rendered is None:
            return _HTML, _page("A template is at fault", _faults(found) + _RELOAD).encode()
        if form == "txt":
            return _TEXT, found.rendered.text.encode()
        html = look.with_local_photos(found.rendered.html, look.FOLDER)
        return _HTML, ((revealed(html) if form == "outlook" else html) + _RELOAD).encode()

    def _index(self) -> str:
        jinja.for_mail.cache_clear()
        shown = [(theme, name) for theme in jinja.themes() for name in weeks(theme)]
        shown += [(letters.THEME, kind) for kind in letters.KINDS]
        rows = [
            f'<li>{escape(theme)}, {escape(name)}: <a href="/{theme}/{name}.html">mail</a> ·'
            f' <a href="/{theme}/{name}.outlook">as Outlook reads it</a> · <a href="/{theme}/{name}.txt">text</a>'
            for theme, name in shown
            if self._only in ("", theme)
        ]
        return _page("Themes and letters", f"<ul>{''.join(rows)}</ul>{_RELOAD}")


def _tried(theme: str, name: str) -> Tried | None:
    """A week in a theme, or a letter; None where there is no such one."""
    if theme == letters.THEME:
        return letters.tried(name) if name in letters.KINDS else None
    known = weeks(theme)
    return check.tried(theme, name, known[name]) if theme in jinja.themes() and name in known else None


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=title, style=_STYLE, body=f"<h1>{title}</h1>{body}")


def _faults(found: Tried) -> str:
    return "".join(f"<pre>{escape(each.text)}</pre>" for each in found.findings)


def _version() -> str:
    """Something that changes when a template does."""
    files = [path for folder in jinja.directories() for path in folder.glob("email/**/*.*")]
    return json.dumps([len(files), max((path.stat().st_mtime_ns for path in files), default=0)])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], preview: Preview) -> None:
        self.preview = preview
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        found = self.server.preview.answer(unquote(urlsplit(self.path).path))
        media_type, body = found or (_TEXT, b"There is nothing here. Begin at /\n")
        self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_message: object) -> None:
        """Say nothing: the terminal is for the designer."""
