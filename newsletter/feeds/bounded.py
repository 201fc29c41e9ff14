"""Reading a feed that an enemy may have written: in a child process with limits on memory, processor time and time."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from newsletter.errors import NewsletterError
from newsletter.feeds.child import NO_FEED
from newsletter.feeds.draft import NotAFeed
from newsletter.feeds.sanitise import fold
from newsletter.feeds.values import FeedContent, from_json

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 25.0
_PACKAGE = Path(__file__).resolve().parents[2]

# Children at a time in one process: a machine with two cores gains nothing from more, and each may take MEMORY_BYTES.
_room = threading.BoundedSemaphore(3)
_CHILD = (sys.executable, "-P", "-m", "newsletter.feeds.child")


class Unreadable(NewsletterError):
    """The feed could not be read within the limits: broken, or made to harm."""


def read_feed(body: bytes, url: str, content_type: str = "") -> FeedContent:
    """As parse.read_feed, whatever the bytes. Raises NotAFeed and Unreadable."""
    # Our own interpreter and module, no shell; arguments may hold no NUL and no half surrogate.
    try:
        with _room:
            done = subprocess.run(  # noqa: S603
                [*_CHILD, fold(url), fold(content_type), str(MEMORY_BYTES), str(CPU_SECONDS)],
                input=body, capture_output=True, timeout=WALL_SECONDS, check=False, env=_environment(),
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreadable(f"{url} could not be read within {WALL_SECONDS:g} seconds; it may be made to harm.") from None
    if done.returncode == NO_FEED:
        message, hint = json.loads(done.stdout)
        raise NotAFeed(message, hint=hint)
    try:
        return from_json(done.stdout if done.returncode == 0 else b"")
    except (ValueError, KeyError, TypeError):
        raise Unreadable(
            f"{url} could not be read within the limits on memory and time; it may be made to harm."
        ) from None


def _environment() -> dict[str, str]:
    # No secrets for a process that reads what enemies wrote.
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {**kept, "PYTHONPATH": str(_PACKAGE)}
