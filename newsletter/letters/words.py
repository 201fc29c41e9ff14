"""What a letter says, before anybody makes HTML of it. Pure."""

import textwrap
from dataclasses import dataclass
from datetime import datetime

from newsletter import clock

COLUMNS = 72
NUMBER = 12  # characters of a column of numbers


@dataclass(frozen=True)
class Publication:
    """The newsletter that a letter is about, or the installation where it is about none. `zone`: an IANA name."""

    name: str
    zone: str = "UTC"

    def when(self, moment: datetime) -> str:
        """Such as "Thursday 26 November, 07:00 New York"."""
        return clock.local(moment, self.zone)


@dataclass(frozen=True)
class Line:
    """A row of a table: a name, then numbers as they are written. `share`, of 1, draws a bar below it.

    `part`: it is a part of the row above; `why` explains it.
    """

    name: str
    numbers: tuple[str, ...]
    share: float | None = None
    why: str = ""
    part: bool = False


@dataclass(frozen=True)
class Table:
    """Numbers in columns under a heading; `columns` names them, one for each number of a line."""

    heading: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def text(self) -> tuple[str, ...]:
        """It in 72 columns, for a mail's text part; a long name takes lines of its own."""
        width = COLUMNS - NUMBER * len(self.columns)
        found = [" " * width + _right(self.columns)]
        for line in self.lines:
            indent = "  " * line.part
            *above, last = textwrap.wrap(indent + line.name, width - 1, subsequent_indent=indent) or [""]
            found += [*above, last.ljust(width) + _right(line.numbers)]
            found += textwrap.wrap(line.why, COLUMNS, initial_indent=indent + "  ", subsequent_indent=indent + "  ")
        return tuple(found)


def _right(numbers: tuple[str, ...]) -> str:
    return "".join(number.rjust(NUMBER) for number in numbers)


@dataclass(frozen=True)
class Words:
    """A letter. `happened` is its first line, `command` its last; everything is plain text.

    `why` says to a reader why they get it; staff are told by the letter's row.

    `rows` are (label, value) pairs of a small table; `link` is (label, address); `sections` are (heading, lines).
    `wrong` are (what is wrong, command): a command is never wrapped, so that it can be copied.
    """

    subject: str
    happened: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tables: tuple[Table, ...] = ()
    link: tuple[str, str] | None = None
    command: str = ""
    why: str = ""
