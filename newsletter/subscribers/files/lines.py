"""What one line of a file says about one person. Pure: it knows no tables, and a million lines take seconds."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from newsletter.errors import UsageError
from newsletter.subscribers import addresses, names, networks
from newsletter.subscribers.files import sources
from newsletter.subscribers.files.formulas import unguarded
from newsletter.subscribers.files.proposal import Proposal
from newsletter.subscribers.files.sources import Field, Standing

KEY = re.compile(r"[0-9a-f]{32}\Z")
PARTS = re.compile(r"(?:\\[,;\\]|[^,;])+")  # a comma in a topic's own name is written \,
UNESCAPE = re.compile(r"\\([,;\\])")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
TIMES = ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M", "%m/%d/%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y")
MOST_STRANGE = 50  # topics that are not ours, to be counted each


class Line(NamedTuple):
    """A person as the file has them. `email` is "" where a suppression list knows the key only."""

    number: int
    email: str
    address_key: str
    standing: Standing
    name: str = ""
    topics: tuple[str, ...] = ()
    opted_in_at: datetime | None = None
    opted_in_network: str = ""
    confirmed_at: datetime | None = None
    confirmed_network: str = ""
    left_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass
class Reader:
    """Reads lines as a proposal says. `strange` counts the topics that are not the newsletter's and were left out."""

    proposal: Proposal
    now: datetime
    strange: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._width = len(self.proposal.header)
        columns = self.proposal.columns
        self._at: dict[Field, int] = {kind: numbers[0] for kind, numbers in columns.items() if kind != Field.TOPICS}
        self._topics = columns.get(Field.TOPICS, ())
        self._moments = [kind for kind in MOMENTS if kind in self._at]
        self._words = {**sources.WORDS, **self.proposal.source.words}

    def read(self, number: int, cells: Sequence[str]) -> Line:
        """The line; raises UsageError with the reason why it says nothing that can be used."""
        if len(cells) > self._width and any(cells[self._width :]):
            raise UsageError(f"The line has {len(cells)} cells, the first line {self._width}: a comma too many?")
        standing = self._standing(cells)
        email, key = self._address(cells)
        facts = {MOMENTS[kind]: self._moment(cells, kind) for kind in self._moments}
        return Line(
            number, email, key, standing, self._name(cells), self._chosen(cells) if self._topics else (),
            opted_in_network=self._network(cells, Field.OPTED_IN_IP),
            confirmed_network=self._network(cells, Field.CONFIRMED_IP), **facts,
        )  # fmt: skip

    def _cell(self, cells: Sequence[str], kind: Field) -> str:
        at = self._at.get(kind)
        if at is None or at >= len(cells):
            return ""
        return self._bare(cells[at].strip(" \t\r\n"))

    def _bare(self, cell: str) -> str:
        return unguarded(cell) if self.proposal.source.guarded else cell

    def _address(self, cells: Sequence[str]) -> tuple[str, str]:
        text, key = self._cell(cells, Field.EMAIL), self._cell(cells, Field.KEY)
        if not text and key:
            if not KEY.match(key):
                raise UsageError("The key of the address is not 32 hexadecimal digits")
            return "", key
        email = addresses.clean(text)
        return email, addresses.key(email)

    def _standing(self, cells: Sequence[str]) -> Standing:
        if Field.STATUS not in self._at:
            return self.proposal.people or Standing.NEVER
        word = self._cell(cells, Field.STATUS).casefold()
        if word in self._words:
            return self._words[word]
        raise UsageError(f"Its status is unknown: {word[:40]}" if word else "It has no status")

    def _name(self, cells: Sequence[str]) -> str:
        whole = self._cell(cells, Field.NAME)
        if not whole:
            whole = f"{self._cell(cells, Field.FIRST_NAME)} {self._cell(cells, Field.LAST_NAME)}"
        return names.clean(whole)

    def _chosen(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The newsletter's topics among those that the file names."""
        found = set()
        for at in self._topics:
            for theirs in split_topics(self._bare(cells[at])) if at < len(cells) else ():
                ours = self.proposal.topics.get(theirs.casefold())
                if ours:
                    found.add(ours)
                elif theirs in self.strange or len(self.strange) < MOST_STRANGE:
                    self.strange[theirs] += 1
        return tuple(sorted(found))

    def _moment(self, cells: Sequence[str], kind: Field) -> datetime | None:
        found = moment(self._cell(cells, kind))
        return found if found and (kind == Field.PAUSED_UNTIL or EARLIEST < found <= self.now) else None

    def _network(self, cells: Sequence[str], kind: Field) -> str:
        text = self._cell(cells, kind)
        return networks.shortened(text.partition("/")[0]) if text else ""


MOMENTS = {
    Field.OPTED_IN_AT: "opted_in_at",
    Field.CONFIRMED_AT: "confirmed_at",
    Field.LEFT_AT: "left_at",
    Field.PAUSED_UNTIL: "paused_until",
}


def split_topics(cell: str) -> list[str]:
    r"""The topics in a cell: apart by commas or semicolons, perhaps in quotation marks.

    >>> split_topics('"Africa","Middle East"'), split_topics(r"War\, Peace; Asia")
    (['Africa', 'Middle East'], ['War, Peace', 'Asia'])
    """
    parts = (UNESCAPE.sub(r"\1", part.strip().strip('"')) for part in PARTS.findall(cell))
    return [part for part in parts if part]


def join_topics(topics: Sequence[str]) -> str:
    """What `split_topics` reads."""
    return "; ".join(re.sub(r"([,;\\])", r"\\\1", topic) for topic in topics)


def moment(text: str) -> datetime | None:
    """A moment as the programs write it, UTC where no zone is named; None for what is none."""
    if not text:
        return None
    if text.isdecimal() and len(text) == 10:  # noqa: PLR2004 # seconds since 1970
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    for form in TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _in_utc(found: datetime) -> datetime:
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
