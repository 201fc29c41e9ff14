"""A scripted mail server: real sockets, real TLS, and faults at any command.

What it accepts is the truth: kept in `mails`, and as JSON lines flushed to disk when it has a log. Alone:
`python -m tests.fakes.smtp --port 2525 --log accepted.jsonl`.
"""

import argparse
import base64
import json
import os
import re
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAULTS = ("close", "reset", "silent", "drop")


@dataclass
class Mail:
    """One accepted message: envelope, and the bytes as the client meant them."""

    sender: str
    recipient: str
    options: str
    message: bytes
    encrypted: bool
    user: str


class SmtpServer(socketserver.ThreadingTCPServer):
    """`with SmtpServer() as server:` listens on loopback at `server.port`.

    `script(POINT, word, …)` decides on the coming replies at a point: CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA,
    BODY (while the message comes in), DOT (when it is whole), RSET. A word is a reply ("450 4.2.0 Later"), "" for the
    usual one, or close, reset, silent (nothing more is said). At DOT these three happen after the message was
    accepted; "drop" there hangs up without accepting.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, log: Path | None = None, *, port: int = 0, keep: bool = True) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.port: int = self.server_address[1]
        self.keep = keep
        self.tls: ssl.SSLContext | None = None
        self.offer_starttls = True  # when there is `tls`
        self.implicit_tls = False
        self.login: tuple[str, str] | None = None  # user and password that must be given
        self.extensions: list[str] = ["8BITMIME"]
        self.asks_for_messages_to_nobody = False
        self.refused: dict[str, str] = {}  # recipient to reply
        self.mails: list[Mail] = []
        self.commands: list[str] = []  # every line, in plain text or decrypted
        self.connections = 0
        self.over = threading.Event()
        self._scripts: dict[str, deque[str]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if log else None

    def script(self, point: str, *words: str) -> None:
        self._scripts[point].extend(words)

    def next_word(self, point: str) -> str:
        with self._lock:
            return self._scripts[point].popleft() if self._scripts[point] else ""

    def accept(self, mail: Mail) -> None:
        """Take the message: the truth is on disk when this returns."""
        with self._lock:
            if self._log is not None:
                os.write(self._log, _log_line(mail))
                os.fsync(self._log)
            if self.keep:
                self.mails.append(mail)

    def note(self, line: str) -> None:
        if self.keep:
            self.commands.append(line)

    def __enter__(self) -> "SmtpServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()
        if self._log is not None:
            os.close(self._log)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the game."""


class _HangUp(Exception):  # not an error
    pass


class _Conversation(socketserver.BaseRequestHandler):
    server: SmtpServer

    def handle(self) -> None:
        self.server.connections += 1
        self.encrypted, self.user = False, ""
        self.sender = self.recipient = self.options = ""
        self.file = self.request.makefile("rb")
        try:
            if self.server.implicit_tls:
                self._encrypt()
            self._reply("CONNECT", "220 stand-in ESMTP")
            while line := self.file.readline(2000):
                self._obey(line.rstrip(b"\r\n").decode("utf-8", "replace"))
        except (_HangUp, OSError):
            pass
        finally:
            self._close()

    def _obey(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        self.server.note(f"{verb.upper()} {argument}".strip())
        method = getattr(self, f"_on_{verb.lower()}", None)
        if method is None:
            self._say("502 5.5.1 Unknown command")
        else:
            method(argument)

    def _on_ehlo(self, _argument: str) -> None:
        offers = ["stand-in", *self.server.extensions]
        if self.server.tls and self.server.offer_starttls and not self.encrypted:
            offers.append("STARTTLS")
        if self.server.login:
            offers.append("AUTH PLAIN")
        last = len(offers) - 1
        lines = (f"250{' ' if at == last else '-'}{offer}" for at, offer in enumerate(offers))
        self._reply("EHLO", "\r\n".join(lines))

    def _on_helo(self, _argument: str) -> None:
        self._say("250 stand-in")

    def _on_starttls(self, _argument: str) -> None:
        if self._reply("STARTTLS", "220 Go ahead"):
            self._encrypt()

    def _on_auth(self, argument: str) -> None:
        user, password = base64.b64decode(argument.partition(" ")[2]).decode().split("\0")[1:]
        good = self.server.login == (user, password)
        if self._reply("AUTH", "235 2.7.0 Welcome" if good else "535 5.7.8 Wrong user or password") and good:
            self.user = user

    def _on_mail(self, argument: str) -> None:
        match = re.fullmatch(r"FROM:<([^<>\s]*)>(?: (.*))?", argument)
        if self.server.login and not self.user:
            self._say("530 5.7.0 Authentication required")
        elif not match or self.sender:
            self._say("503 5.5.1 Nested or malformed MAIL")
        elif self._reply("MAIL", "250 2.1.0 Sender ok"):
            self.sender, self.options = match[1], match[2] or ""

    def _on_rcpt(self, argument: str) -> None:
        match = re.fullmatch(r"TO:<([^<>\s]+)>", argument)
        if not match or not self.sender:
            self._say("503 5.5.1 RCPT without MAIL, or malformed")
        elif match[1] in self.server.refused:
            self._say(self.server.refused[match[1]])
        elif self._reply("RCPT", "250 2.1.5 Recipient ok"):
            self.recipient = match[1]

    def _on_data(self, _argument: str) -> None:
        if not self.recipient and not self.server.asks_for_messages_to_nobody:
            self._say("554 5.5.1 No valid recipients")
        elif self._reply("DATA", "354 Go ahead"):
            self._receive()

    def _receive(self) -> None:
        if word := self.server.next_word("BODY"):
            self._misbehave(word)
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = Mail(self.sender, self.recipient, self.options, b"".join(lines), self.encrypted, self.user)
        self._on_rset_quietly()
        self._answer_the_dot(mail)

    def _answer_the_dot(self, mail: Mail) -> None:
        word = self.server.next_word("DOT")
        if word == "drop":
            raise _HangUp
        if not word.startswith(("4", "5")):
            self.server.accept(mail)
        if word in FAULTS:
            self._misbehave(word)
        self._say(word or "250 2.0.0 Queued as stand-in-1")

    def _on_rset(self, _argument: str) -> None:
        self._on_rset_quietly()
        self._reply("RSET", "250 2.0.0 Clean")

    def _on_rset_quietly(self) -> None:
        self.sender = self.recipient = self.options = ""

    def _on_quit(self, _argument: str) -> None:
        self._say("221 2.0.0 Goodbye")
        raise _HangUp

    def _reply(self, point: str, usual: str) -> bool:
        """Say what is scripted for this point, else the usual; True if that was said."""
        word = self.server.next_word(point)
        if word in FAULTS:
            self._misbehave(word)
        self._say(word or usual)
        if word.startswith("421"):
            raise _HangUp
        return not word or word[0] == usual[0]

    def _misbehave(self, word: str) -> None:
        if word == "silent":
            self.server.over.wait(30)
        elif word == "reset":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _HangUp

    def _say(self, text: str) -> None:
        self.request.sendall(text.encode() + b"\r\n")

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.file = self.request.makefile("rb")
        self.encrypted = True

    def _close(self) -> None:
        self.file.close()
        if (descriptor := self.request.detach()) >= 0:
            os.close(descriptor)


def _log_line(mail: Mail) -> bytes:
    reference = re.search(rb"(?im)^Message-ID: <([^@>]*)@", mail.message)
    line = {"address": mail.recipient, "reference": reference[1].decode() if reference else None, "time": time.time()}
    return json.dumps(line).encode() + b"\n"


def read_log(path: Path) -> list[dict[str, Any]]:
    """The truth: every accepted message, in order."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Serve until interrupted; the first line of output is the address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    options = parser.parse_args()
    with SmtpServer(options.log, port=options.port, keep=False) as server:
        print(f"smtp://127.0.0.1:{server.port}", flush=True)
        try:
            server.over.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
