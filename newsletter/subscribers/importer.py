"""Readers from a file: streamed, by sets, never reviving anybody who left.

Each chunk is one transaction that also moves the file's row on, so an import that dies goes on where it stood when it
is started again, and done twice changes nothing. What a line means is decided in files/, without tables.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter import faults
from newsletter.ahead import made_ahead
from newsletter.errors import Refused, UsageError
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers import intake
from newsletter.subscribers.files import proposal as proposals
from newsletter.subscribers.files import table
from newsletter.subscribers.files.lines import Line, Reader
from newsletter.subscribers.files.proposal import Proposal
from newsletter.subscribers.files.seen import Seen
from newsletter.subscribers.files.sources import SUPPRESSED, Standing
from newsletter.subscribers.files.verdict import STRANGER, Known, Outcome, decide
from newsletter.subscribers.models import Import

CHUNK = 5000  # records
ATTEMPTS = 3  # at a chunk, when somebody signs up with one of its addresses at that moment
MOST_SHOWN = 1000  # refused lines that a report holds; all of them go to whoever listens
MOST_REASONS = 50
TWICE = "This address stands in the file already"
REASONS = {
    Outcome.LEFT: "Left before, and stays gone",
    Outcome.SUPPRESSED: "Must not be mailed",
    Outcome.NEVER: "Never subscribed there, so nothing is kept",
}


@dataclass(frozen=True)
class Refusal:
    """A line that made no reader, and why. `outcome` is "refused" for one that could not be used at all."""

    line: int
    reason: str
    address: str = ""
    outcome: str = "refused"


@dataclass
class Report:
    """What became of a file's lines: `theirs` are the `counts` (by outcome) plus those `refused` (by reason)."""

    name: str
    at_most: int
    theirs: int = 0
    resumed_at: int = 0
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(Outcome, 0)))
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[Refusal] = field(default_factory=list)
    strange_topics: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        """How many lines could not be used."""
        return self.reasons.total()

    @property
    def adds_up(self) -> bool:
        """Whether every line is accounted for; only at the end."""
        return self.theirs == self.counts.total() + self.refused

    def refuse(self, refusal: Refusal) -> None:
        """Count it, and keep it while there is room."""
        known = refusal.reason in self.reasons or len(self.reasons) < MOST_REASONS
        self.reasons[refusal.reason if known else "Other reasons"] += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(refusal)


@dataclass(frozen=True)
class _Chunk:
    """The next records of the file: those that can be used, and the others; and the file's strange topics so far."""

    lines: list[Line]
    refused: list[Refusal]
    strange_topics: Counter[str]


Tell = Callable[[Refusal], None]


def _nobody(_: Refusal) -> None:
    """Nobody listens."""


def import_csv(path: Path, newsletter: Newsletter, staff: Staff | None, *, dry_run: bool = False) -> Iterator[Report]:
    """Take in a file as it would be proposed; raises UsageError where a person would have to say more."""
    return take_in(proposals.propose(path), newsletter, staff, dry_run=dry_run)


def take_in(
    proposal: Proposal,
    newsletter: Newsletter | None,
    staff: Staff | None,
    *,
    dry_run: bool = False,
    tell: Tell = _nobody,
) -> Iterator[Report]:
    """Take in a file as agreed; yields the running report after each chunk, and `tell`s each line that made no reader.

    Without a newsletter only for files that suppress. Raises UsageError for a file that leaves open who is in it,
    Refused while another process is importing the same one.
    """
    proposals.insist(proposal)
    job = _Job(proposal, newsletter, staff, tell, dry_run)
    for chunk in made_ahead(job.chunks()):
        job.take(chunk)
        yield job.report
    job.finish()
    yield job.report


class _Job:
    def __init__(
        self, proposal: Proposal, newsletter: Newsletter | None, staff: Staff | None, tell: Tell, dry_run: bool
    ) -> None:
        self.proposal, self.newsletter, self.tell = proposal, newsletter, tell
        self.report = Report(proposal.name, proposal.text.lines)
        self.reader = Reader(proposal, timezone.now())
        self.row = None if dry_run else _begun(proposal, newsletter, staff)
        if self.row is not None:
            self.report.resumed_at = self.row.lines_done
            self.report.counts.update(self.row.counts)
            self.intake = intake.Intake(self.row, newsletter, staff)

    def chunks(self) -> Iterator[_Chunk]:
        """What the file says, one address once. Touches nothing but the file: another process does it."""
        seen = Seen(self.proposal.text.lines)
        with table.opened(self.proposal.text) as rows:
            records = iter(rows)
            while some := list(islice(records, CHUNK)):
                found = [self._first_time(self._read(number, cells), seen) for number, cells in some]
                lines = [each for each in found if isinstance(each, Line)]
                refused = [each for each in found if isinstance(each, Refusal)]
                yield _Chunk(lines, refused, self.reader.strange.copy())

    def _first_time(self, found: Line | Refusal, seen: Seen) -> Line | Refusal:
        if isinstance(found, Line) and not seen.add(found.address_key):
            return Refusal(found.number, TWICE, found.email)
        return found

    def _read(self, number: int, cells: list[str] | table.Fault) -> Line | Refusal:
        if isinstance(cells, table.Fault):
            return Refusal(number, cells.reason)
        try:
            found = self.reader.read(number, cells)
        except UsageError as error:
            return Refusal(number, str(error))
        if self.newsletter is None and found.standing not in (*SUPPRESSED, Standing.NEVER):
            return Refusal(number, f"Its reason is unknown: {found.standing}", found.email)
        return found

    def take(self, chunk: _Chunk) -> None:
        """Decide on a chunk and store it, again when somebody was faster with one of its addresses."""
        self.report.theirs += len(chunk.lines) + len(chunk.refused)
        self.report.strange_topics = chunk.strange_topics
        for refusal in chunk.refused:
            self.report.refuse(refusal)
            self.tell(refusal)
        done = self.report.resumed_at
        for attempt in range(ATTEMPTS):
            try:
                verdicts = self._stored([line for line in chunk.lines if line.number > done])
            except IntegrityError:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                break
        self.report.counts.update(outcome for _, _, outcome in verdicts)
        if self.tell is not _nobody:
            before = [line for line in chunk.lines if line.number <= done]
            self._tell([*self._verdicts(before), *verdicts])
        faults.point("import.chunk_stored")

    def _stored(self, lines: list[Line]) -> list[tuple[Line, Known, Outcome]]:
        if self.row is None or not lines:
            return self._verdicts(lines)
        with transaction.atomic():
            verdicts = self._verdicts(lines)
            counts = self.report.counts + Counter(outcome for _, _, outcome in verdicts)
            if not _moved(self.row, lines[-1].number, counts):
                raise Refused(f"Another process is importing {self.proposal.name} at this moment.")
            self.intake.store(verdicts)
        self.row.lines_done = lines[-1].number
        return verdicts

    def _verdicts(self, lines: list[Line]) -> list[tuple[Line, Known, Outcome]]:
        known = intake.known(lines, self.newsletter)
        held = [(line, known.get(line.address_key, STRANGER)) for line in lines]
        return [(line, each, decide(line, each)) for line, each in held]

    def _tell(self, verdicts: list[tuple[Line, Known, Outcome]]) -> None:
        for line, _, outcome in verdicts:
            if outcome in REASONS and line.standing in (Standing.SUBSCRIBED, Standing.PAUSED, Standing.NEVER):
                self.tell(Refusal(line.number, REASONS[outcome], line.email, outcome))

    def finish(self) -> None:
        """The file is through."""
        if self.row is not None:
            ended = {"finished_at": timezone.now(), "refused": self.report.refused, "theirs": self.report.theirs}
            Import.objects.filter(pk=self.row.pk).update(**ended)


def _begun(proposal: Proposal, newsletter: Newsletter | None, staff: Staff | None) -> Import:
    """The row of this file, read like this, into this newsletter: the one that was not finished, or a new one."""
    said = (proposal.text.digest, newsletter and newsletter.pk, sorted(proposal.columns.items()), proposal.people)
    fingerprint = hashlib.sha256(repr((*said, sorted(proposal.topics.items()))).encode()).hexdigest()
    values = {
        "newsletter": newsletter, "name": proposal.name.encode(errors="replace").decode()[:200], "staff": staff,
        "source": proposal.source.name, "at_most": proposal.text.lines,
    }  # fmt: skip
    return Import.objects.get_or_create(fingerprint=fingerprint, finished_at=None, defaults=values)[0]


def _moved(row: Import, line: int, counts: Counter[str]) -> bool:
    """Whether this process, and no other, took the next chunk."""
    mine = Import.objects.filter(pk=row.pk, lines_done=row.lines_done, finished_at=None)
    return bool(mine.update(lines_done=line, counts=dict(counts), updated_at=timezone.now()))
