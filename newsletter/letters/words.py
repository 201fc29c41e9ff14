"""What a letter says, before anybody makes HTML of it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from newsletter import clock


@dataclass(frozen=True)
class Publication:
    """The newsletter that a letter is about, or the installation where it is about none. `zone`: an IANA name."""

    name: str
    zone: str = "UTC"

    def when(self, moment: datetime) -> str:
        """Such as "Thursday 26 November, 07:00 New York"."""
        return clock.local(moment, self.zone)


@dataclass(frozen=True)
class Words:
    """A letter. `happened` is its first line, `command` its last; everything is plain text.

    `why` says to a reader why they get it; staff are told by the letter's row.

    `rows` are (label, value) pairs of a small table; `link` is (label, address); `sections` are (heading, lines).
    """

    subject: str
    happened: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    link: tuple[str, str] | None = None
    command: str = ""
    why: str = ""
