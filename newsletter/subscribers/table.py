"""Reading a CSV file whose lines nobody checked: one broken line is one fault, and the others are still read.

Comma, semicolon (what spreadsheets write in half of Europe) and tab are told apart by the header line. A quotation mark
that nobody closed must not swallow the readers below it, so a record may run over a few lines only (RFC 4180, 2.6).
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from newsletter.errors import UsageError

DELIMITERS = (",", ";", "\t")
EMAIL_WORDS = ("email", "e-mail", "email address", "e-mail address", "address", "mail")
LONGEST_LINE = 20_000  # characters
LONGEST_RECORD = 10  # lines
DAMAGED = "\ufffd"  # what stands for bytes that are no UTF-8


@dataclass(frozen=True)
class Record:
    """The two columns that we read, as they stand in the file."""

    email: str
    name: str


@dataclass(frozen=True)
class Fault:
    """A line that cannot be read, and why."""

    reason: str


@dataclass(frozen=True)
class Columns:
    """Where things stand in a line."""

    delimiter: str
    email: int
    name: int | None


def records(path: Path) -> Iterator[tuple[int, Record | Fault]]:
    """Each record below the header with the number of its first line; empty lines are left out.

    Raises UsageError when the file cannot be read or its first line names no email column.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = _Lines(file)
            columns = _columns("".join(lines.take(1)), path)
            while lines.peek(1):
                yield from _next(lines, columns)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


class _Lines:
    """The lines of a file, with a look at the next few; only those are held in memory."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._ahead, self.taken = file, deque[str](), 0

    def peek(self, count: int) -> list[str]:
        """The next `count` lines, fewer at the end of the file."""
        while len(self._ahead) < count and (line := self._file.readline(LONGEST_LINE)):
            whole = line.endswith(("\n", "\r")) or len(line) < LONGEST_LINE
            self._ahead.append(line if whole else self._skip_rest(line))
        return list(islice(self._ahead, count))

    def take(self, count: int) -> list[str]:
        """The same, and go behind them."""
        taken = self.peek(count)
        for _ in taken:
            self._ahead.popleft()
        self.taken += len(taken)
        return taken

    def _skip_rest(self, line: str) -> str:
        while (more := self._file.readline(LONGEST_LINE)) and not more.endswith(("\n", "\r")):
            pass
        return line + "\n"


def _columns(header: str, path: Path) -> Columns:
    for delimiter in DELIMITERS:
        names = [name.strip(' \t\r\n"').lower() for name in header.split(delimiter)]
        for word in EMAIL_WORDS:
            if word in names:
                return Columns(delimiter, names.index(word), names.index("name") if "name" in names else None)
    if "\0" in header or DAMAGED in header:
        raise UsageError(f"{path} is not UTF-8 text.", hint="Save it as CSV in UTF-8.")
    raise UsageError(
        f"{path} has no column called email; its first line is: {header.strip()[:120] or 'empty'}.",
        hint="The first line must name the columns: email,name",
    )


def _next(lines: _Lines, columns: Columns) -> Iterator[tuple[int, Record | Fault]]:
    """The next record. One that is broken, or too long, costs its first line only."""
    number, fault = lines.taken + 1, Fault("A quotation mark is not closed")
    for count in range(1, LONGEST_RECORD + 1):
        text = lines.peek(count)
        cells, complaint = _cells(text, columns.delimiter)
        if cells is not None:
            lines.take(count)
            if any(cells):
                yield number, _record(cells, "".join(text), columns)
            return
        if complaint != "unexpected end of data":
            fault = Fault(f"This is no CSV: {complaint}")
            break
    lines.take(1)
    yield number, fault


def _cells(text: list[str], delimiter: str) -> tuple[list[str] | None, str]:
    try:
        return next(csv.reader(text, delimiter=delimiter, strict=True), []), ""
    except csv.Error as error:
        return None, str(error)


def _record(cells: list[str], text: str, columns: Columns) -> Record | Fault:
    if DAMAGED in text:
        return Fault("The line is not UTF-8; save the file as CSV in UTF-8")
    if "\0" in text:
        return Fault("The line holds a NUL byte")
    if len(text) >= LONGEST_LINE:
        return Fault(f"The line has more than {LONGEST_LINE:,} characters")
    email, name = (
        cells[at].strip() if at is not None and at < len(cells) else "" for at in (columns.email, columns.name)
    )
    return Record(email, name)
