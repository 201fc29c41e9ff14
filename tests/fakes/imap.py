"""A small, strict IMAP server on loopback (RFC 3501): what a client may ask for, and BAD for anything else.

with ImapServer() as server:
    server.put(b"From: …")
    url = server.url

It keeps to what it is told: a message fetched by BODY[] would be marked as read, by BODY.PEEK[] it is not.
"""

import re
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_COMMAND = re.compile(rb"([A-Z0-9]{1,20}) (UID )?([A-Z]+) ?(.*)", re.IGNORECASE)
_FETCH = re.compile(r"(\d+) \(UID BODY(\.PEEK)?\[\]<0\.(\d+)>\)")
_STORE = re.compile(r"(\d+) \+FLAGS\.SILENT \((\\\w+)\)")


@dataclass
class Stored:
    """A message, and the flags that it has."""

    content: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer(socketserver.ThreadingTCPServer):
    """`mails` by UID. `tls`: certificate and key, from the first byte on. `broken`: the command to hang up at."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, *, tls: tuple[Path, Path] | None = None, password: str = "secret") -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: dict[int, Stored] = {}
        self.uid_validity, self.password, self.broken = 7, password, ""
        self.asked: list[str] = []
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if tls else None
        if tls and self.context:
            self.context.load_cert_chain(*tls)

    def __enter__(self) -> "ImapServer":
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def put(self, content: bytes) -> int:
        """A message arrives; returns its UID."""
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = Stored(content)
        return uid

    @property
    def url(self) -> str:
        scheme = "imaps" if self.context else "imap"
        return f"{scheme}://bounces:{self.password}@localhost:{self.server_address[1]}/INBOX"

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no fault of the test."""


class _Session(socketserver.StreamRequestHandler):
    server: ImapServer

    def setup(self) -> None:
        if self.server.context:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()
        self.state = "greeted"

    def handle(self) -> None:
        self._say(b"* OK ready")
        for line in self.rfile:
            match = _COMMAND.fullmatch(line.rstrip(b"\r\n"))
            if not match:
                self._say(b"* BAD what")
                continue
            tag, name = match[1], match[3].decode().upper()
            self.server.asked.append(f"{'UID ' if match[2] else ''}{name} {match[4].decode()}")
            if name == self.server.broken:
                return
            answer = getattr(self, f"do_{name}", lambda _: "BAD unknown command")(match[4].decode())
            self._say(tag + b" " + answer.encode())
            if name == "LOGOUT":
                return

    def do_CAPABILITY(self, _: str) -> str:
        self._say(b"* CAPABILITY IMAP4rev1")
        return "OK done"

    def do_LOGIN(self, told: str) -> str:
        if told.replace('"', "") != f"bounces {self.server.password}":
            return "NO wrong user or password"
        self.state = "in"
        return "OK done"

    def do_SELECT(self, folder: str) -> str:
        if self.state == "greeted" or folder.strip('"') != "INBOX":
            return "NO no such folder"
        self.state = "selected"
        self._say(f"* {len(self.server.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.server.uid_validity}] is it".encode())
        self._say(f"* OK [UIDNEXT {max(self.server.mails, default=0) + 1}] will be it".encode())
        return "OK [READ-WRITE] done"

    def do_SEARCH(self, told: str) -> str:
        match = re.fullmatch(r"UID (\d+):(\d+)", told)
        if self.state != "selected" or not match:
            return "BAD search"
        found = [uid for uid in sorted(self.server.mails) if int(match[1]) <= uid <= int(match[2])]
        self._say(("* SEARCH " + " ".join(map(str, found))).encode())
        return "OK done"

    def do_FETCH(self, told: str) -> str:
        match = _FETCH.fullmatch(told)
        if self.state != "selected" or not match:
            return "BAD fetch"
        stored = self.server.mails.get(int(match[1]))
        if stored:
            content = stored.content[: int(match[3])]
            if not match[2]:
                stored.flags.add("\\Seen")
            self._say(f"* 1 FETCH (UID {match[1]} BODY[]<0> {{{len(content)}}}\r\n".encode() + content + b")")
        return "OK done"

    def do_STORE(self, told: str) -> str:
        match = _STORE.fullmatch(told)
        if self.state != "selected" or not match:
            return "BAD store"
        self.server.mails[int(match[1])].flags.add(match[2])
        return "OK done"

    def do_LOGOUT(self, _: str) -> str:
        self._say(b"* BYE")
        return "OK done"

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()
