"""The outbox: mail that the embedded default caught, as a reader would have received it."""

import email
import os
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter import config
from newsletter.desk.access import person, shows
from newsletter.desk.look import policy
from newsletter.newsletters.models import Right

SHOWN = 50
LOOKED_AT = 200_000  # files in a folder; the newest of more are not looked for
LONGEST_NAME = 255  # bytes, on every file system that a Maildir lies on
HEAD = 16 * 1024  # bytes that hold a message's headers


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """The newest messages."""
    files = sorted(_files(), key=lambda each: -each.stat().st_mtime_ns)[:SHOWN]
    heads = [(each.name, _parsed(each, HEAD)) for each in files]
    facts = {"messages_caught": heads, "caught": config.current().transport == "outbox", "folder": _folder()}
    return render(request, "desk/outbox.html", {**facts, "person": person(request)})


@shows(Right.VIEW)
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One message: its headers, and its parts in a frame."""
    message = _message(name)
    headers = [(key, str(value)) for key, value in message.items()]
    return render(request, "desk/message.html", {"name": name, "headers": headers, "person": person(request)})


@shows(Right.VIEW)
def part(_request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Its HTML or its text alone."""
    found = _message(name).get_body(("html",) if form == "html" else ("plain",))
    if found is None:
        raise Http404
    if form == "html":
        return HttpResponse(found.get_content(), headers={"Content-Security-Policy": policy()})
    return HttpResponse(found.get_content(), content_type="text/plain; charset=utf-8")


def _folder() -> Path:
    return config.current().data_dir / "outbox" / "new"


def _files() -> Iterator[os.DirEntry[str]]:
    """Entries of the folder, as many as are looked at."""
    if not _folder().is_dir():
        return
    with os.scandir(_folder()) as entries:
        for number, entry in enumerate(entries):
            if number >= LOOKED_AT:
                return
            yield entry


def _message(name: str) -> EmailMessage:
    """A message by its file's name, which is one of the folder's and no path."""
    if "/" in name or "\0" in name or name in (".", "..") or len(name.encode()) > LONGEST_NAME:
        raise Http404
    path = _folder() / name
    if not path.is_file() or path.is_symlink():
        raise Http404
    return _parsed(path)


def _parsed(path: os.PathLike[str], most: int = -1) -> EmailMessage:
    with Path(path).open("rb") as file:
        return email.message_from_bytes(file.read(most), policy=default)
