"""What a file seems to be, and how it would be read: for a person to agree to, or to say otherwise. Pure.

A proposal is all that an import needs to know of its file, so the command line and a web page decide alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from newsletter.errors import UsageError
from newsletter.subscribers.files import sources, table
from newsletter.subscribers.files.sources import Field, Source, Standing
from newsletter.subscribers.files.text import Text, look

SAMPLE = 20  # records to look at
NOTHING = "-"  # what a column is mapped to that is to be ignored


@dataclass(frozen=True)
class Proposal:
    """How a file would be read. `columns` are numbers from 0; `people` is None where nobody can tell what they are."""

    text: Text
    name: str
    source: Source
    delimiter: str
    header: Sequence[str]
    columns: Mapping[Field, tuple[int, ...]]
    people: Standing | None
    sample: Sequence[Sequence[str]]
    topics: Mapping[str, str] = field(default_factory=dict)  # theirs, in lower case, and ours

    @property
    def unread(self) -> list[str]:
        """The columns that mean nothing to us."""
        taken = {number for numbers in self.columns.values() for number in numbers}
        return [name for number, name in enumerate(self.header) if name and number not in taken]

    def likely_topics(self, offered: Iterable[str]) -> str:
        """A column that seems to hold topics and is not read; "" for none. A person decides whether it does."""
        ours = {each.casefold() for each in offered}
        for name in self.unread:
            number = list(self.header).index(name)
            cells = [row[number] for row in self.sample if number < len(row)]
            if any(part.strip(' "').casefold() in ours for cell in cells for part in cell.split(",")):
                return name
        return ""

    @property
    def needs_newsletter(self) -> bool:
        """Whether the people in it are subscribed or leave, or are suppressed for all newsletters alike."""
        return self.people not in sources.SUPPRESSED and self.source is not sources.OUR_SUPPRESSIONS


@dataclass(frozen=True)
class Wishes:
    """What a person says about a file beyond what was found out: columns by name or `#2`, what its people are."""

    columns: Mapping[str, str] = field(default_factory=dict)
    people: Standing | None = None
    topics: Mapping[str, str] = field(default_factory=dict)


NO_WISHES = Wishes()


def propose(path: Path, wishes: Wishes = NO_WISHES, offered: Iterable[str] = (), *, name: str = "") -> Proposal:
    """Look at a file and say how it would be read; `offered` are the newsletter's topics, `name` the file's own name.

    Raises UsageError for what is no CSV file, a column that is not there or is meant twice, an unknown field, or no
    column of addresses.
    """
    text = look(path)
    with table.opened(text) as rows:
        sample = [cells for _, cells in islice(rows, SAMPLE) if not isinstance(cells, table.Fault)]
        delimiter, header = rows.delimiter, rows.header
    source = sources.of(frozenset(each.lower() for each in header))
    file_name = name or path.name
    topics = {each.casefold(): each for each in offered} | {
        theirs.casefold(): ours for theirs, ours in wishes.topics.items()
    }
    columns = _columns(header, source, wishes.columns, path)
    people = wishes.people or _people(source, file_name, header)
    found = Proposal(text, file_name, source, delimiter, header, columns, people, sample, topics)
    if Field.EMAIL not in columns and Field.KEY not in columns:
        raise _no_address(found)
    if wishes.people:  # said for the whole file: no column says otherwise
        found = replace(found, columns={key: value for key, value in columns.items() if key != Field.STATUS})
    return found


def insist(proposal: Proposal) -> None:
    """Raise UsageError when nobody can tell what the people in the file are: guessing could mail the wrong ones."""
    if proposal.people is None and Field.STATUS not in proposal.columns:
        raise UsageError(
            f"{proposal.name} is from {proposal.source.name}, and neither its name nor its columns say who is in it.",
            hint="Say it: --people subscribed, unsubscribed, non-subscribed; to suppress: hard_bounce, complaint",
        )


def _people(source: Source, file_name: str, header: Sequence[str]) -> Standing | None:
    lower = {each.lower() for each in header}
    for column, standing in source.by_column.items():
        if column in lower:
            return standing
    for word, standing in source.by_file_name.items():
        if word in file_name.lower():
            return standing
    return source.everybody


def _columns(
    header: Sequence[str], source: Source, said: Mapping[str, str], path: Path
) -> dict[Field, tuple[int, ...]]:
    """Which columns are which field: what was said, then what the source calls them."""
    found: dict[Field, tuple[int, ...]] = {}
    free = {number: name.lower() for number, name in enumerate(header)}
    for column, wanted in said.items():
        number = _number(header, column, path)
        free.pop(number, None)
        if wanted != NOTHING:
            kind = _field(wanted)
            found[kind] = (*found.get(kind, ()), number)
    for kind, words in _words(source).items():
        by_word = [tuple(number for number, name in free.items() if name == word) for word in words]
        numbers = sum(by_word, ()) if kind == Field.TOPICS else next(filter(None, by_word), ())
        if numbers and kind not in found:
            found[kind] = numbers
    return {kind: _one(kind, numbers, header, path) for kind, numbers in found.items()}


def _words(source: Source) -> dict[Field, list[str]]:
    """What each field may be called, the likeliest first."""
    words: dict[Field, list[str]] = {}
    for word, kind in source.columns.items():
        words.setdefault(kind, []).append(word)
    for word, kind in sources.PLAIN_COLUMNS.items():
        if kind in sources.ANYWHERE and word not in source.columns:
            words.setdefault(kind, []).append(word)
    return words


def _one(kind: Field, numbers: tuple[int, ...], header: Sequence[str], path: Path) -> tuple[int, ...]:
    """Several columns may hold topics; of other fields the first counts, but two of addresses are a question."""
    if kind == Field.TOPICS or len(numbers) == 1:
        return numbers
    if kind == Field.EMAIL:
        named = " and ".join(f"#{number + 1} ({header[number]})" for number in numbers)
        raise UsageError(
            f"{path} has more than one column of addresses: {named}.",
            hint=f"Say which: --map '#{numbers[0] + 1}=email'",
        )
    return numbers[:1]


def _number(header: Sequence[str], column: str, path: Path) -> int:
    if column.startswith("#") and column[1:].isdecimal() and 0 < int(column[1:]) <= len(header):
        return int(column[1:]) - 1
    same = [number for number, name in enumerate(header) if name.lower() == column.strip().lower()]
    if len(same) == 1:
        return same[0]
    listed = ", ".join(f"#{number + 1} {name}" for number, name in enumerate(header))[:500]
    problem = "more than one column" if same else "no column"
    raise UsageError(f"{path} has {problem} called {column}.", hint=f"Its columns: {listed}")


def _field(text: str) -> Field:
    try:
        return Field(text.strip().lower())
    except ValueError:
        listed = ", ".join(Field)
        raise UsageError(f"A column cannot be mapped to {text}.", hint=f"To one of: {listed}; or {NOTHING}") from None


def _no_address(found: Proposal) -> UsageError:
    first = found.delimiter.join(found.header).strip()[:120] or "empty"
    return UsageError(
        f"{found.text.path} has no column called email; its first line is: {first}.",
        hint="The first line must name the columns: email,name. Another name: --map COLUMN=email",
    )
