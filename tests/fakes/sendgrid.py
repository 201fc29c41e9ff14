"""A stand-in for SendGrid: a real HTTP server that checks, misbehaves on request, and keeps the truth.

The truth is the accept log: one JSON line per accepted copy, flushed to disk before any answer leaves. Alone:
`python -m tests.fakes.sendgrid --port 8025 --log accepted.jsonl --script ok,429:2,500-after` (the last one stays).
"""

import argparse
import json
import os
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.fakes import sendgrid_api
from tests.fakes.sendgrid_rules import erasure_fault, faults

KEY = "SG.a-key-for-tests"


@dataclass
class Copy:
    """One accepted copy with its substitutions applied."""

    address: str
    name: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    custom_args: dict[str, str]


@dataclass
class Script:
    """What the server does with the coming requests, one word each; when they run out, `otherwise`.

    ok · last:SECONDS (accepted, and no room for more before then) · CODE (any status, nobody accepted) · 429:SECONDS ·
    CODE-after (accepted, then this status) · reset (before the body is read) · deaf (never reads the body) ·
    reset-after · half (accepted, half an answer) · half-line · silent (accepted, no answer) · garbage (accepted, no
    HTTP) · slow:SECONDS · hold (until `release`) · html (a 202 that is not SendGrid's) · body:JSON (a 400 with this
    body).
    """

    words: deque[str] = field(default_factory=deque)
    otherwise: str = "ok"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> str:
        with self.lock:
            return self.words.popleft() if self.words else self.otherwise


@dataclass
class Gate:
    """Where requests wait, and how many came."""

    opened: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0


class SendGridServer(ThreadingHTTPServer):
    """`with SendGridServer() as server:` listens on loopback; `server.url` and `server.key` are its settings."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, log: Path | None = None, *, port: int = 0, keep: bool = True, receive_buffer: int = 0) -> None:
        self.receive_buffer = receive_buffer
        super().__init__(("127.0.0.1", port), _Handler)
        self.key = KEY
        self.keep = keep
        self.script = Script()
        self.refused_addresses: set[str] = set()  # a 400 that names them
        self.silently_refused: set[str] = set()  # a 400 that names nobody
        self.max_bytes = 30_000_000
        self.copies: list[Copy] = []
        self.forgotten: list[str] = []  # addresses whose erasure was taken, in order and as often as asked
        self.requests: list[int] = []  # personalizations in each request whose body was read
        self.asked = sendgrid_api.Asked()
        self.over = threading.Event()
        self._gate = Gate()
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if log else None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def behave(self, *words: str, otherwise: str = "ok") -> None:
        """Script the coming requests; see Script."""
        self.script = Script(deque(words), otherwise)

    @property
    def held(self) -> int:
        """How many requests wait since `hold`."""
        return self._gate.waiting

    def hold(self) -> None:
        """From now on every request waits for `release`; those of an earlier `hold` are let go on."""
        before, self._gate = self._gate, Gate()
        self.behave(otherwise="hold")
        before.opened.set()

    def release(self) -> None:
        """Let go on what waits; what comes from now on is answered at once."""
        self.behave()
        self._gate.opened.set()

    def wait_for_release(self) -> None:
        """What a held request does."""
        gate = self._gate
        with self._lock:
            gate.waiting += 1
        gate.opened.wait()

    def __enter__(self) -> "SendGridServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.release()
        self.shutdown()
        self.server_close()
        if self._log is not None:
            os.close(self._log)

    def get_request(self) -> tuple[socket.socket, Any]:
        if self.receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the game."""

    def accept(self, request: dict[str, Any]) -> None:
        """Take every copy: the truth is on disk when this returns."""
        with self._lock:
            if self._log is not None:
                os.write(self._log, b"".join(_log_line(part) for part in request["personalizations"]))
                os.fsync(self._log)
            if self.keep:
                self.copies += [_copy(request, part) for part in request["personalizations"]]


class _Handler(BaseHTTPRequestHandler):
    server: SendGridServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers["Authorization"] != f"Bearer {self.server.key}":
            return self._answer(401, [(None, "The provided authorization grant is invalid, expired, or revoked")])
        return self._tell(*sendgrid_api.get(self.server.asked, self.path, self.server.copies))

    def _tell(self, status: int, answer: Any) -> None:
        self._raw(status, json.dumps(answer).encode())

    def do_POST(self) -> None:
        if self.path == "/v3/logs":
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            return self._tell(*sendgrid_api.search_log(self.server.asked, request, self.server.copies))
        word = self.server.script.next()
        if word == "reset":
            return self._reset()
        if word == "deaf":
            self.server.over.wait(30)
            return self._reset()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v3/recipients/erasejob":
            return self._forget(word, body)
        self.server.requests.append(body.count(b'"to":'))
        fault = self._fault(body)
        if fault:
            return self._answer(*fault)
        return self._behave(word, json.loads(body))

    def _behave(self, word: str, request: dict[str, Any]) -> None:
        kind, _, argument = word.partition(":")
        if kind == "slow":
            self.server.over.wait(float(argument))
        elif kind == "hold":
            self.server.wait_for_release()
        elif kind == "429":
            return self._answer(429, [(None, "too many requests")], {"X-RateLimit-Reset": _in(argument)})
        elif kind == "body":
            return self._raw(400, argument.encode())
        elif kind.isdigit():
            return self._answer(int(kind), [(None, f"scripted {kind}")])
        self.server.accept(request)
        return self._after_accepting(kind, argument)

    def _after_accepting(self, kind: str, argument: str) -> None:
        """The copies are taken; what the client gets to know of it is another matter."""
        if kind in ("ok", "slow", "hold", "last"):
            full = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": _in(argument)} if kind == "last" else {}
            return self._raw(202, b"", {"X-Message-Id": os.urandom(16).hex(), **full})
        if kind == "html":
            return self._raw(202, b"<html>Welcome to the Wi-Fi</html>")
        if kind == "silent":
            self.server.over.wait(30)
        elif kind == "half":
            self.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\nX-Message-Id: abc\r\n\r\nhalf")
        elif kind == "half-line":
            self.wfile.write(b"HTTP/1.")
        elif kind == "garbage":
            self.wfile.write(b"\x00\xff SSH-2.0 what is this\r\n\r\n")
        elif kind.endswith("-after") and kind != "reset-after":
            return self._answer(int(kind.removesuffix("-after")), [(None, "scripted")])
        return self._reset() if kind in ("silent", "reset-after") else self._close()

    def _forget(self, word: str, body: bytes) -> None:
        """The Recipients' Data Erasure API, as its OpenAPI description has it."""
        if self.headers["Authorization"] != f"Bearer {self.server.key}":
            return self._answer(401, [("", "Failed to authenticate")])
        if word == "429" or word.isdigit():
            return self._answer(int(word), [("", f"scripted {word}")])
        fault = erasure_fault(body)
        if fault:
            return self._answer(400, [("email_addresses", fault)])
        self.server.forgotten += json.loads(body)["email_addresses"]
        if word == "silent":
            return self._reset()
        job = "12a975bd-c742-4713-8f47-cb3ae4e56c74"
        return self._raw(202, json.dumps({"job_id": job}).encode(), {"Content-Type": "application/json"})

    def _fault(self, body: bytes) -> tuple[int, Sequence[tuple[str | None, str]]] | None:
        if self.path != "/v3/mail/send":
            return 404, [(None, "not found")]
        if self.headers["Authorization"] != f"Bearer {self.server.key}":
            return 401, [(None, "The provided authorization grant is invalid, expired, or revoked")]
        if self.headers["Content-Type"] != "application/json":
            return 415, [(None, "Content-Type should be application/json.")]
        if len(body) > self.server.max_bytes:
            return 413, [(None, "The JSON payload you have included in your request is too large.")]
        try:
            request = json.loads(body.decode())
        except ValueError:
            return 400, [(None, "Bad Request")]
        return self._refused_parts(request)

    def _refused_parts(self, request: dict[str, Any]) -> tuple[int, Sequence[tuple[str | None, str]]] | None:
        found = faults(request)
        parts = request.get("personalizations", []) if isinstance(request, dict) else []
        addresses = [part["to"][0].get("email") for part in parts if part.get("to")]
        for number, address in enumerate(addresses):
            if address in self.server.refused_addresses:
                found.append((f"personalizations.{number}.to.0.email", "Does not contain a valid address."))
        if not found and self.server.silently_refused & set(addresses):
            found = [(None, "Bad Request")]
        return (400, found) if found else None

    def _answer(
        self, status: int, errors: Iterable[tuple[str | None, str]] = (), headers: dict[str, str] | None = None
    ) -> None:
        body = {"errors": [{"field": name, "message": message, "help": None} for name, message in errors]}
        self._raw(status, json.dumps(body).encode(), headers)

    def _raw(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        if 300 <= status < 400:
            self.send_header("Location", f"{self.server.url}/v3/mail/send")
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._close()

    def _close(self) -> None:
        self.close_connection = True
        os.close(self.connection.detach())  # the handler's files would hold the socket open

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _in(seconds: str) -> str:
    return str(int(time.time() + float(seconds or 1)))


def _log_line(part: dict[str, Any]) -> bytes:
    args = part.get("custom_args", {})
    line = {"address": part["to"][0]["email"], "reference": args.get("nl_delivery"), "batch": args.get("nl_batch")}
    return json.dumps({**line, "attempt": args.get("nl_attempt"), "time": time.time()}).encode() + b"\n"


def _copy(request: dict[str, Any], part: dict[str, Any]) -> Copy:
    def filled(text: str) -> str:
        for key, value in part.get("substitutions", {}).items():
            text = text.replace(key, value)
        return text

    content = {piece["type"]: filled(piece["value"]) for piece in request["content"]}
    recipient = part["to"][0]
    return Copy(
        address=recipient["email"],
        name=recipient.get("name", ""),
        subject=filled(request["subject"]),
        text=content.get("text/plain", ""),
        html=content.get("text/html", ""),
        headers={**request.get("headers", {}), **part.get("headers", {})},
        custom_args=part.get("custom_args", {}),
    )


def read_log(path: Path) -> list[dict[str, Any]]:
    """The truth: every accepted copy, in order."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Serve until interrupted; the first line of output is the address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--script", default="ok", help="behaviours, one per request, comma-separated; the last stays")
    options = parser.parse_args()
    words = options.script.split(",")
    server = SendGridServer(options.log, port=options.port, keep=False)
    server.behave(*words[:-1], otherwise=words[-1])
    with server:
        print(server.url, flush=True)
        try:
            server.over.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
