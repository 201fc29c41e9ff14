"""How log lines are written: for people, or as JSON, one object a line, for machines.

Which edition, batch, letter or task a line is about is a field of its own (`log.info(…, extra={"batch": 7})`). What is
logged are ids and counts; should a fault's own words quote an address, it is blotted out.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

IDS = ("edition", "batch", "attempt", "letter", "readers", "seconds")
"""What `extra` may name; everything else there is ours or Python's own and stays out."""
task: ContextVar[str] = ContextVar("task", default="")
"""The id of the task that this thread works on."""


_ADDRESS = re.compile(r"[^\s@<>()\"',;:=\[\]]+@[^\s@<>()\"',;:=\[\]]+")


class Lines(logging.Formatter):
    """Level, logger, message; and the trace of a fault below it."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))


class JsonLines(logging.Formatter):
    """{"at": RFC 3339 in UTC, "level", "logger", "message", then the ids that the line has}."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_addresses(record.getMessage()),
        }
        line |= {name: value for name in IDS if (value := getattr(record, name, None)) is not None}
        if working_on := task.get():
            line["task"] = working_on
        if record.exc_info:
            line["trace"] = without_addresses(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def without_addresses(text: str) -> str:
    """The text with each mail address blotted out.

    >>> without_addresses("Key (email)=(ada@example.org) exists")
    'Key (email)=(…@…) exists'
    """
    return _ADDRESS.sub("…@…", text) if "@" in text else text
