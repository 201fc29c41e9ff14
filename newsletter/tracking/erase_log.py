"""The file that remembers, outside the database, who was erased: a line each, with the keyed hash and the moment."""

import fcntl
import json
import logging
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)
NAME = "erased.jsonl"


def _path() -> Path:
    folder = Path(settings.DATA_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / NAME


def read() -> dict[str, datetime]:
    """The latest erasure of each key. A line that was cut off by a crash is left out: the database still has it."""
    noted: dict[str, datetime] = {}
    try:
        lines = _path().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return noted
    for line in lines:
        try:
            entry = json.loads(line)
            key, at = str(entry["key"]), datetime.fromisoformat(entry["at"])
        except (ValueError, KeyError, TypeError):
            continue
        noted[key] = max(at, noted.get(key, at))
    return noted


def append(entries: Mapping[str, datetime]) -> None:
    """On the disk when this returns."""
    text = "".join(json.dumps({"key": key, "at": at.isoformat()}) + "\n" for key, at in entries.items())
    descriptor = os.open(_path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            text = text if file.read(1) == b"\n" else "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def note(erased: Mapping[str, datetime]) -> None:
    """Remember one erasure, at once, by all its addresses.

    A disk that is full does not undo it: a worker writes it down within a minute.
    """
    try:
        append(erased)
    except OSError:
        log.exception("an erasure could not be noted in %s", NAME)
