"""Pictures in mails: the publication's photos, made fit once and then served from our own host.

Files lie in the database, named by their content, so a name says for ever what it shows and a mail from last year keeps
its photos. Whoever asks a web process for one gets what is there: nothing is fetched for a reader.
"""

import base64
import hashlib
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from newsletter import links
from newsletter.errors import NewsletterError
from newsletter.feeds import bounded, fetch
from newsletter.feeds.fetch import Request
from newsletter.feeds.guard import FetchError
from newsletter.feeds.models import Picture, PictureFile
from newsletter.feeds.urls import bare_host, canonical

SOURCE_BYTES = 20 * 1024 * 1024
SOURCE_SECONDS = 10.0
TOTAL_SECONDS = 40.0
# From this width on a picture is a lead's or a promotion's; what is narrower stands beside a title.
_LARGE = 480
_LARGE_BYTES, _SMALL_BYTES = 120_000, 20_000
_LANES = 4
# After so many failures a host is left alone for this edition.
_PATIENCE = 3
# So long an answer is taken for today's: a publication may put a better photo at the same address.
_GOOD_FOR = timedelta(hours=6)
_BAD_FOR = timedelta(minutes=10)
_NAME = re.compile(r"[0-9a-f]{40}\.(?:jpg|png)")
_KINDS = {"jpg": "image/jpeg", "png": "image/png"}


class Want(NamedTuple):
    """A picture's own address and the pixels of the slot, twice what the mail says; height 0: in proportion."""

    url: str
    width: int
    height: int = 0


@dataclass(frozen=True)
class Fitted:
    """A file on our own host: `width`, `height` in pixels, at most as asked. `source_width`: what the original has."""

    url: str
    width: int
    height: int
    source_width: int


@dataclass(frozen=True)
class Unfit:
    """The picture cannot be shown, and why, in plain words: the edition goes without it."""

    reason: str


def fit(url: str, width: int, height: int = 0) -> Fitted | Unfit:
    """One picture made fit for a slot; at most 120 kB, or 20 kB below 480 pixels. Fetches it, if it is not there yet.

    Takes up to 10 seconds, so call it outside a transaction, and never in answer to a GET.
    """
    want = Want(url, width, height)
    return fit_all([want])[want]


def fit_all(wants: Iterable[Want], *, seconds: float = TOTAL_SECONDS) -> dict[Want, Fitted | Unfit]:
    """As fit, for a whole edition at once; what was not reached within `seconds` is unfit for now, and still due."""
    asked = list(dict.fromkeys(wants))
    answers: dict[Want, Fitted | Unfit] = {
        want: Unfit("Its address is no web address.") for want in asked if canonical(want.url) is None
    }
    wants = [want for want in asked if want not in answers]
    answers |= _fresh(wants)
    done = _Work(seconds).through(want for want in wants if want not in answers)
    answers |= {want: _kept(want, made) for want, made in done.items()}
    unreached = [want for want in wants if want not in answers]
    return answers | dict.fromkeys(unreached, Unfit("There was no time to fetch it.")) | known(unreached)


def in_memory(wants: Iterable[Want], *, seconds: float) -> tuple[dict[Want, Fitted | Unfit], dict[str, bytes]]:
    """As fit_all where nothing may be stored: the answers, and the files by their names for `embedded`.

    What was not reached within `seconds` is absent. No database.
    """
    done = _Work(seconds).through(dict.fromkeys(wants))
    files = {made.name: made.content for made in done.values() if isinstance(made, _Made)}
    answers = {
        want: Unfit(made.reason) if isinstance(made, _Failure) else _fitted(made.name, made.facts)
        for want, made in done.items()
    }
    return answers, files


def known(wants: Iterable[Want]) -> dict[Want, Fitted | Unfit]:
    """What is there already, however old; nothing is fetched, what was never asked for is absent."""
    wants = list(wants)
    rows = _rows(wants)
    return {want: _as_answer(rows[want]) for want in wants if want in rows}


def is_due(wants: Iterable[Want]) -> bool:
    """Whether one of them was never tried, or failed long enough ago to be tried again."""
    wants = list(dict.fromkeys(wants))
    rows, earliest = _rows(wants), timezone.now() - _BAD_FOR
    return any(
        canonical(want.url) is not None
        and (want not in rows or (bool(rows[want].reason) and rows[want].tried_at < earliest))
        for want in wants
    )


def embedded(html: str, files: Mapping[str, bytes] | None = None) -> str:
    """The HTML with our own pictures inside it, for a file that is looked at where nothing serves them.

    They come from `files` by their names, else from the database; what is in neither keeps its address.
    """

    def inside(found: re.Match[str]) -> str:
        content = file(found[1]) if files is None else files.get(found[1])
        return f"data:{kind(found[1])};base64,{base64.b64encode(content).decode()}" if content else found[0]

    return re.sub(re.escape(links.picture("")) + rf"({_NAME.pattern})", inside, html)


def file(name: str) -> bytes | None:
    """The picture of that name, or None."""
    if not _NAME.fullmatch(name):
        return None
    found = PictureFile.objects.filter(name=name).first()
    return bytes(found.content) if found else None


def kind(name: str) -> str:
    """The content type of a picture by its name."""
    return _KINDS[name[-3:]]


class _Failure(NamedTuple):
    reason: str


class _Made(NamedTuple):
    name: str
    content: bytes
    facts: Mapping[str, int]


class _Work:
    """What the lanes share; they touch no database."""

    def __init__(self, seconds: float) -> None:
        self._done: dict[Want, _Made | _Failure] = {}
        self._waiting: deque[Want] = deque()
        self._ends = time.monotonic() + seconds
        self._private = settings.CONFIG.allow_private_hosts
        self._failures: Counter[str] = Counter()
        self._lock = threading.Lock()

    def through(self, wants: Iterable[Want]) -> dict[Want, _Made | _Failure]:
        """What came of each that was reached in time."""
        self._waiting.extend(wants)
        if self._waiting:
            with bounded.warm(), ThreadPoolExecutor(_LANES, thread_name_prefix="picture") as pool:
                for _ in range(min(_LANES, len(self._waiting))):
                    pool.submit(self._drain)
        return self._done

    def _drain(self) -> None:
        while (left := self._ends - time.monotonic()) > 0:
            try:
                want = self._waiting.popleft()
            except IndexError:
                return
            made = self._make(want, min(SOURCE_SECONDS, left))
            with self._lock:
                self._done[want] = made

    def _make(self, want: Want, seconds: float) -> _Made | _Failure:
        host = bare_host(want.url)
        if self._failures[host] >= _PATIENCE:
            return _Failure(f"{host} does not answer.")
        request = Request(
            want.url, private=self._private, max_bytes=SOURCE_BYTES, seconds=seconds,
            accept="image/avif, image/webp, image/jpeg, image/png, image/gif, */*;q=0.1",
        )  # fmt: skip
        try:
            body = fetch.get(request).body
            most = _LARGE_BYTES if want.width >= _LARGE else _SMALL_BYTES
            facts, made = bounded.fit_picture(body, width=want.width, height=want.height, most_bytes=most)
            return _Made(f"{hashlib.sha256(made).hexdigest()[:40]}.{facts['kind']}", made, facts)
        except FetchError as error:
            if not error.status:
                self._failures[host] += 1
            return _Failure(str(error))
        except NewsletterError as error:
            return _Failure(str(error))


def _fitted(name: str, facts: Mapping[str, int]) -> Fitted:
    return Fitted(links.picture(name), facts["width"], facts["height"], facts["source_width"])


def _fresh(wants: list[Want]) -> dict[Want, Fitted | Unfit]:
    now = timezone.now()
    return {
        want: _as_answer(row)
        for want, row in _rows(wants).items()
        if row.tried_at > now - (_BAD_FOR if row.reason else _GOOD_FOR)
    }


def _rows(wants: list[Want]) -> dict[Want, Picture]:
    rows = Picture.objects.filter(url__in={want.url for want in wants})
    found = {Want(row.url, row.width, row.height): row for row in rows}
    return {want: found[want] for want in wants if want in found}


def _kept(want: Want, made: _Made | _Failure) -> Fitted | Unfit:
    """Write down what came of it. A photo that was fit once stays so when its address no longer answers."""
    values: dict[str, object] = {"tried_at": timezone.now()}
    if isinstance(made, _Failure):
        values["reason"] = made.reason[:300]
    else:
        facts = made.facts
        stored, _ = PictureFile.objects.get_or_create(name=made.name, defaults={"content": made.content})
        values |= {
            "reason": "", "file": stored, "file_width": facts["width"], "file_height": facts["height"],
            "source_width": facts["source_width"],
        }  # fmt: skip
    row, _ = Picture.objects.update_or_create(url=want.url, width=want.width, height=want.height, defaults=values)
    return _as_answer(row)


def _as_answer(row: Picture) -> Fitted | Unfit:
    if row.file_id:
        return Fitted(links.picture(row.file_id), row.file_width, row.file_height, row.source_width)
    return Unfit(row.reason)
