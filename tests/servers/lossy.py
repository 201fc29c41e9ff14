"""A way to PostgreSQL that loses the answer to one commit: it was made, and whoever asked for it never learns so.

It speaks just enough of the protocol (https://www.postgresql.org/docs/current/protocol-flow.html): statements travel as
text, and an answer ends with ReadyForQuery.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

NAME = ".s.PGSQL.5432"
READY = b"Z\x00\x00\x00\x05"  # and one byte: I outside a transaction, T in one, E in a failed one
LONGEST = 1 << 16


@dataclass
class Loss:
    """The answer to lose: to the end of the transaction in which a statement like `text` was made."""

    text: bytes
    happened: bool = False


class Way:
    """`url` leads to the same databases as the server's own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url.replace(_folder(url), str(folder))
        self._server = Path(_folder(url)) / NAME
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / NAME))
        self._listening.listen(64)
        self._losses: list[Loss] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def lose(self, text: str) -> Loss:
        """Lose the next commit of a transaction with this in a statement; an UPDATE on its own is one, too."""
        self._losses.append(Loss(text.encode()))
        return self._losses[-1]

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(str(self._server))
            link = _Link(client, server)
            threading.Thread(target=self._ask, args=(link,), daemon=True).start()
            self._answer(link)

    def _ask(self, link: "_Link") -> None:
        with contextlib.suppress(OSError):
            while asked := link.client.recv(LONGEST):
                with self._lock:
                    link.marked = link.marked or next(
                        (each for each in self._losses if each.text in asked and not each.happened), None
                    )
                link.server.sendall(asked)
            link.server.shutdown(socket.SHUT_WR)

    def _answer(self, link: "_Link") -> None:
        while answered := link.server.recv(LONGEST):
            if link.marked is not None and answered[-6:] == READY + b"I":  # committed: nobody shall know
                with self._lock:
                    first, link.marked.happened = not link.marked.happened, True
                if first:
                    break
                link.marked = None
            link.client.sendall(answered)
        # Wake the thread that waits for the client's next words.
        link.client.shutdown(socket.SHUT_RDWR)


@dataclass
class _Link:
    client: socket.socket
    server: socket.socket
    marked: Loss | None = None


def _folder(url: str) -> str:
    return parse_qs(urlsplit(url).query)["host"][0]


@contextlib.contextmanager
def way(url: str, folder: Path) -> Iterator[Way]:
    """A way to the server of this URL, for as long as the block runs; `folder` gets its socket."""
    made = Way(url, folder)
    try:
        yield made
    finally:
        made.close()
