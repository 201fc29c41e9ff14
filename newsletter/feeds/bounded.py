"""Reading what an enemy may have written: in a child process with limits on memory, processor time and time."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from newsletter.errors import NewsletterError
from newsletter.feeds.draft import NotAFeed
from newsletter.feeds.sanitise import fold
from newsletter.feeds.values import FeedContent, PageFacts, from_json, page_from_json

logger = logging.getLogger(__name__)
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 25.0
PAGE_SECONDS = 5.0
_PACKAGE = Path(__file__).resolve().parents[2]

# Children that read a feed or a picture at a time in one process: a machine with two cores gains nothing from more, and
# each may take MEMORY_BYTES.
_room = threading.BoundedSemaphore(3)


# Bytes; a feed above this may have grown or torn the child's memory.
_ORDINARY_BYTES = 1024 * 1024
_counting = threading.Lock()
_warm = 0


class Unreadable(NewsletterError):
    """It could not be read within the limits: broken, or made to harm."""


class Failed(Unreadable):
    """A fault of ours that the bytes brought out; the log says where. Nobody meant any harm."""


class NotAPicture(NewsletterError):
    """The bytes are no picture that mail can show, or one that is too large."""


class Child:
    """One limited process that answers one question after the other; it starts with the first and ends with `with`.

    Whoever waits for another's answer waits at most that one's `seconds`. After a question that was too much for the
    limits the next one gets a new process.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.strained = False  # it met something large, or that was no feed, page or picture

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Stop the process, if there is one."""
        with self._lock:
            self._end()

    def read_page(self, body: bytes, url: str, content_type: str = "") -> PageFacts:
        """As page.read_page, whatever the bytes. Raises Unreadable."""
        answer = self.ask(body, PAGE_SECONDS, what="page", url=fold(url), content_type=fold(content_type))
        return page_from_json(answer)

    def ask(self, body: bytes, seconds: float, **question: Any) -> bytes:
        """What the child answers to `question` about the bytes; child.py says how. Raises Unreadable and _Refused."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self._end()  # somebody killed it while it rested; the next question is innocent of that
            process = self._process = self._process or _started()
            self.strained = self.strained or len(body) > _ORDINARY_BYTES
            clock = threading.Timer(seconds, process.kill)
            clock.start()
            try:
                return _exchange(process, body, question)
            except (_Refused, Failed):
                self.strained = True
                raise
            except (OSError, ValueError, KeyError) as error:
                self._end()
                self.strained = True
                named = question.get("url", "It")
                raise Unreadable(
                    f"{named} could not be read within the limits on memory and time ({seconds:g} seconds);"
                    " it may be made to harm."
                ) from error
            finally:
                clock.cancel()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


_idle: list[Child] = []


@contextmanager
def warm() -> Iterator[None]:
    """While this lasts, a child that read ordinary things only is kept for the next: starting one takes 100 ms."""
    global _warm  # noqa: PLW0603 # how many collections run in this process
    with _counting:
        _warm += 1
    try:
        yield
    finally:
        with _counting:
            _warm -= 1
            resting = [_idle.pop() for _ in range(len(_idle))] if not _warm else []
        for child in resting:
            child.end()


@contextmanager
def borrowed() -> Iterator[Child]:
    """A child of our own or one that rests. What was large, or failed, leaves nothing behind for the next reader."""
    with _counting:
        child = _idle.pop() if _idle else Child()
    try:
        yield child
    finally:
        with _counting:
            keep = _warm > 0 and not child.strained
            if keep:
                _idle.append(child)
        if not keep:
            child.end()


def read_feed(body: bytes, url: str, content_type: str = "") -> FeedContent:
    """As parse.read_feed, whatever the bytes. Raises NotAFeed and Unreadable."""
    try:
        with _room, borrowed() as child:
            return from_json(child.ask(body, WALL_SECONDS, what="feed", url=fold(url), content_type=fold(content_type)))
    except _Refused as error:
        raise NotAFeed(str(error), hint=error.hint) from None


def fit_picture(body: bytes, **wish: int) -> tuple[dict[str, Any], bytes]:
    """As picture.fitted, whatever the bytes; `wish` has the fields of picture.Wish. Raises NotAPicture."""
    try:
        with _room, borrowed() as child:
            answer = child.ask(body, WALL_SECONDS, what="picture", **wish)
    except (_Refused, Unreadable) as error:
        raise NotAPicture(str(error)) from None
    facts, _, made = answer.partition(b"\n")
    return json.loads(facts), made


class _Refused(NewsletterError):
    """The child read it and says what is wrong with it."""


def _started() -> subprocess.Popen[bytes]:
    # Our own interpreter and module, no shell.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", "newsletter.feeds.child", str(MEMORY_BYTES), str(CPU_SECONDS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip


def _exchange(process: subprocess.Popen[bytes], body: bytes, question: dict[str, Any]) -> bytes:
    """One question and its answer. OSError and ValueError: the child is no more."""
    asked, told = _pipes(process)
    asked.write(json.dumps({**question, "size": len(body)}).encode() + b"\n")
    asked.write(body)
    asked.flush()
    answer = json.loads(told.readline())
    content = told.read(answer["size"])
    if len(content) != answer["size"]:
        raise ValueError("cut short")
    if answer["failed"]:
        named = question.get("url", "the picture")
        logger.error("Reading %s failed: %s", named, "".join(map(_shown, answer["failed"])))
        raise Failed(f"newsletter itself failed to read {named}; its log says where.")
    if answer["refused"]:
        message, hint = answer["refused"]
        raise _Refused(message, hint=hint)
    return content


def _shown(char: str) -> str:
    return char if char.isprintable() or char == "\n" else "?"  # an error may quote what a stranger wrote


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("no pipes")
    return process.stdin, process.stdout


def _environment() -> dict[str, str]:
    # No secrets for a process that reads what enemies wrote.
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {**kept, "PYTHONPATH": str(_PACKAGE)}
