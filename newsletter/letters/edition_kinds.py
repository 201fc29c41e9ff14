"""The notices of one edition: what each must know, and what it says.

In every kind `edition` is the edition's id, `number` the one that readers see, and what ends in `_at` is a moment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from newsletter import clock, links
from newsletter.letters.words import Publication, Words
from newsletter.newsletters.models import Right
from newsletter.numbers import counted

_AFTER_A_HOLD = (
    "When that is settled, schedule it again. To change its content, reopen it first; it then needs a new approval."
    " If it should not go out at all, cancel it."
)
_NEVER_APPROVED = (
    "It was never approved. Reopen it, read it, approve it, and name a time for it; or cancel it, and the next edition"
    " takes its stories."
)
_WHAT_UNKNOWN_IS = (
    "their hand-over broke off, so nobody can tell whether they arrived. They are not sent again by guess; somebody has"
    " to decide."
)


@dataclass(frozen=True, kw_only=True)
class OfEdition:
    """What every notice about an edition knows. `remarks` are further lines for the reader of the notice."""

    right: ClassVar = Right.EDIT  # who is told: everybody whose role includes it
    edition: int
    number: int
    subject: str = ""
    remarks: tuple[str, ...] = ()

    def words(self, about: Publication) -> Words:
        raise NotImplementedError

    def _named(self, about: Publication) -> str:
        return f"{about.name} No. {self.number}"

    @property
    def _link(self) -> tuple[str, str]:
        return "Open it in the desk", links.desk_edition(self.edition)

    @property
    def _titled(self) -> tuple[tuple[str, str], ...]:
        return (("Subject", self.subject),) if self.subject else ()


@dataclass(frozen=True, kw_only=True)
class DraftReady(OfEdition):
    """The draft is composed. `approval`: a person must approve it; else it goes out by itself."""

    stories: int
    send_at: datetime
    approval: bool = True

    def words(self, about: Publication) -> Words:
        by = about.when(self.send_at)
        if self.approval:
            todo = (
                f"Please read it, mend what needs mending, and approve it before {by}. It goes out then, not earlier."
            )
        else:
            todo = f"It goes out by itself on {by}. Read it before; what you change until then is what is sent."
        return Words(
            subject=f"Ready for review: {self._named(about)}",
            happened=f"The draft of {self._named(about)} is ready, with {counted(self.stories, 'story', 'stories')}.",
            paragraphs=(todo, *self.remarks),
            rows=(*self._titled, ("Review until", by)),
            link=self._link,
            command=f"newsletter edition show {self.edition}",
        )


@dataclass(frozen=True, kw_only=True)
class EditionHeld(OfEdition):
    """It does not go out until somebody acts. `approved`: its content is frozen, and only a time is wanted."""

    right: ClassVar = Right.SEND
    reason: str
    approved: bool = True
    send_at: datetime | None = None

    def words(self, about: Publication) -> Words:
        return Words(
            subject=f"Held: {self._named(about)} does not go out",
            happened=f"{self._named(about)} is held and does not go out until somebody acts.",
            paragraphs=(
                self.reason,
                _AFTER_A_HOLD if self.approved else _NEVER_APPROVED,
                *self.remarks,
            ),
            rows=(*self._titled, *((("Was due", about.when(self.send_at)),) if self.send_at else ())),
            link=self._link,
            command=f"newsletter edition {self._verb}",
        )

    @property
    def _verb(self) -> str:
        return f"schedule {self.edition} --now" if self.approved else f"reopen {self.edition}"


@dataclass(frozen=True, kw_only=True)
class ApprovalMissing(OfEdition):
    """Its time comes near and nobody approved it. `seconds_left` is the time until `send_at`."""

    right: ClassVar = Right.SEND
    send_at: datetime
    seconds_left: float

    def words(self, about: Publication) -> Words:
        left = clock.duration(max(0, self.seconds_left))
        return Words(
            subject=f"{left} left: {self._named(about)} is not approved",
            happened=f"Nobody has approved {self._named(about)} yet. There are {left} left.",
            paragraphs=(
                f"It is due on {about.when(self.send_at)}. Without an approval it is not sent.",
                *self.remarks,
            ),
            rows=self._titled,
            link=self._link,
            command=f"newsletter edition approve {self.edition}",
        )


@dataclass(frozen=True, kw_only=True)
class EditionSent(OfEdition):
    """It is through. The counts are readers; their sum is `planned`."""

    planned: int
    accepted: int
    rejected: int = 0
    skipped: int = 0
    unknown: int = 0
    excluded: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None

    def words(self, about: Publication) -> Words:
        return Words(
            subject=f"Sent: {self._named(about)} to {counted(self.accepted, 'reader')}",
            happened=f"{self._named(about)} is out: {self.accepted:,} of {self.planned:,} copies were taken.",
            paragraphs=(*self._open, *self.remarks),
            rows=(*self._titled, *self._counts(), *self._took(about)),
            link=self._link,
            command=self._next,
        )

    @property
    def _open(self) -> tuple[str, ...]:
        if not self.unknown:
            return ()
        return (f"{counted(self.unknown, 'copy is', 'copies are')} unknown: {_WHAT_UNKNOWN_IS}",)

    @property
    def _next(self) -> str:
        if self.unknown:
            return f"newsletter delivery list --edition {self.edition} --status unknown"
        return f"newsletter edition audit {self.edition}"

    def _counts(self) -> tuple[tuple[str, str], ...]:
        """Planned and accepted always, of the others those that are not zero."""
        names = ("planned", "accepted", "rejected", "skipped", "unknown", "excluded")
        found = [(name, getattr(self, name)) for name in names]
        return tuple((name.capitalize(), f"{count:,}") for name, count in found if count or name in names[:2])

    def _took(self, about: Publication) -> tuple[tuple[str, str], ...]:
        if not self.started_at or not self.finished_at:
            return ()
        seconds = (self.finished_at - self.started_at).total_seconds()
        return (("Began", about.when(self.started_at)), ("Took", clock.duration(seconds)))


@dataclass(frozen=True, kw_only=True)
class EditionPaused(OfEdition):
    """Something stopped it in mid-send. The counts are readers."""

    right: ClassVar = Right.SEND
    reason: str
    accepted: int = 0
    pending: int = 0

    def words(self, about: Publication) -> Words:
        return Words(
            subject=f"Paused: {self._named(about)} stopped in mid-send",
            happened=f"{self._named(about)} is paused: nothing more of it is handed over until somebody resumes it.",
            paragraphs=(
                self.reason,
                "Find the cause first. Resuming goes on where the ledger stands; nobody gets it twice.",
                *self.remarks,
            ),
            rows=(*self._titled, ("Accepted", f"{self.accepted:,}"), ("Waiting", f"{self.pending:,}")),
            link=self._link,
            command=f"newsletter edition resume {self.edition}",
        )


@dataclass(frozen=True, kw_only=True)
class LastLook(OfEdition):
    """Stories that changed on the site since approval: `changed` are (approved title, title now), `gone` titles."""

    send_at: datetime
    changed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    held: bool = False

    def words(self, about: Publication) -> Words:
        number = counted(len(self.changed) + len(self.gone), "story is", "stories are")
        goes = (
            "It is held until somebody decides."
            if self.held
            else f"It still goes out on {about.when(self.send_at)} as it was approved. To change it, reopen it now."
        )
        retitled = tuple(f"“{before}” is now “{after}”" for before, after in self.changed)
        return Words(
            subject=f"Last look at {self._named(about)}: {number} not as approved",
            happened=f"{number} no longer on the site as approved in {self._named(about)}.",
            paragraphs=(goes, *self.remarks),
            rows=self._titled,
            sections=tuple(
                (heading, lines)
                for heading, lines in (("Gone", tuple(f"“{title}”" for title in self.gone)), ("Retitled", retitled))
                if lines
            ),
            link=self._link,
            command=f"newsletter edition {'show' if self.held else 'reopen'} {self.edition}",
        )


@dataclass(frozen=True, kw_only=True)
class LateStart(OfEdition):
    """It began later than it was due, but within what the newsletter allows."""

    send_at: datetime
    started_at: datetime

    def words(self, about: Publication) -> Words:
        late = clock.duration((self.started_at - self.send_at).total_seconds())
        return Words(
            subject=f"Late: {self._named(about)} began {late} after its time",
            happened=f"{self._named(about)} is going out, {late} late.",
            paragraphs=("Most likely no worker or beat was running when its time came.", *self.remarks),
            rows=(*self._titled, ("Was due", about.when(self.send_at)), ("Began", about.when(self.started_at))),
            link=self._link,
            command="newsletter status",
        )
