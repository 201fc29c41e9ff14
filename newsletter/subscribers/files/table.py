"""Reading a CSV file whose lines nobody checked: one broken line is one fault, and the others are still read.

A quotation mark that nobody closed must not swallow the readers below it, so a record may run over a few lines only
(RFC 4180, 2.6). What is held in memory is the record at hand.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from newsletter.errors import UsageError
from newsletter.subscribers.files import text as texts
from newsletter.subscribers.files.text import Text

DELIMITERS = (",", ";", "\t", "|")  # spreadsheets write semicolons in half of Europe
LONGEST_LINE = 20_000  # characters
LONGEST_RECORD = 10  # lines
MOST_COLUMNS = 500
DAMAGED = "\ufffd"  # what stands for bytes that are no text in the file's encoding
CHOSEN_BY_EXCEL = re.compile(r'"?sep=(?P<delimiter>[,;\t|])"?\Z', re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """A line that cannot be read, and why."""

    reason: str


class Table:
    """An open file below its first line: iterating gives each record with the number of its first line."""

    def __init__(self, file: TextIO, text: Text) -> None:
        self._text, self._lines = text, _Lines(file)
        self.delimiter, self.header = self._first()

    def __iter__(self) -> Iterator[tuple[int, list[str] | Fault]]:
        """Empty lines are left out."""
        while (line := self._lines.first()) is not None:
            number = self._lines.taken + 1
            found = self._plain(line) if '"' not in line else self._quoted()
            if isinstance(found, Fault) or any(found):
                yield number, found

    def _plain(self, line: str) -> list[str] | Fault:
        self._lines.take(1)
        return self._fault(line) or line.rstrip("\r\n").split(self.delimiter)

    def _quoted(self) -> list[str] | Fault:
        """The next record. One that is broken, or too long, costs its first line only."""
        fault = Fault("A quotation mark is not closed")
        for count in range(1, LONGEST_RECORD + 1):
            lines = self._lines.peek(count)
            cells, complaint = _cells(lines, self.delimiter)
            if cells is not None:
                self._lines.take(count)
                return self._fault("".join(lines)) or cells
            if complaint != "unexpected end of data":
                fault = Fault(f"This is no CSV: {complaint}")
                break
        self._lines.take(1)
        return fault

    def _fault(self, line: str) -> Fault | None:
        if len(line) >= LONGEST_LINE:
            return Fault(f"The line has more than {LONGEST_LINE:,} characters")
        if "\0" in line:
            return Fault("The line holds a NUL byte")
        if DAMAGED in line or texts.is_of_another(line, self._text.encoding):
            return Fault(f"The line is not written in {self._text.encoding} as the others are")
        return None

    def _first(self) -> tuple[str, list[str]]:
        """The delimiter that makes most columns of the first line, and these. Raises UsageError for a hopeless one."""
        line = "".join(self._lines.take(1))
        chosen = CHOSEN_BY_EXCEL.match(line.strip())
        if chosen:
            line = "".join(self._lines.take(1))
        fault = self._fault(line)
        if fault:
            raise UsageError(f"The first line of {self._text.path} cannot be used. {fault.reason}.")
        delimiters = (chosen["delimiter"],) if chosen else DELIMITERS
        tables = {each: _cells([line], each)[0] or line.split(each) for each in delimiters}
        delimiter = max(tables, key=lambda each: len(tables[each]))
        header = [cell.strip(' \t\r\n"') for cell in tables[delimiter]]
        if len(header) > MOST_COLUMNS:
            raise UsageError(f"{self._text.path} has {len(header):,} columns; {MOST_COLUMNS} are read at most.")
        return delimiter, header


@contextmanager
def opened(text: Text) -> Iterator[Table]:
    """The file as a table. Raises UsageError when it cannot be read."""
    try:
        with text.path.open(encoding=text.encoding, errors="replace", newline="") as file:
            yield Table(file, text)
    except OSError as error:
        raise UsageError(f"{text.path} cannot be read: {error.strerror}.") from error


class _Lines:
    """The lines of a file, with a look at the next few; only those are held in memory."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._ahead, self.taken = file, deque[str](), 0

    def first(self) -> str | None:
        """The next line, None at the end of the file."""
        return self._ahead[0] if self._ahead else next(iter(self.peek(1)), None)

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


def _cells(lines: list[str], delimiter: str) -> tuple[list[str] | None, str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), []), ""
    except csv.Error as error:
        return None, str(error)
