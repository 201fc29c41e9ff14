"""The notices of a week in which the rhythm was not the usual one: thin, empty, left out, or without some stories."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from newsletter import links
from newsletter.letters.words import Publication, Words
from newsletter.newsletters.models import Right
from newsletter.numbers import counted

_DECIDED = {
    "hold": "The edition is held until somebody decides.",
    "send": "The edition goes its usual way all the same, as the newsletter is set.",
    "skip": "This week is skipped, as the newsletter is set.",
}


@dataclass(frozen=True, kw_only=True)
class ThinWeek:
    """Fewer stories than the newsletter wants; none at all is an empty week. `edition` is None where none was made."""

    right: ClassVar = Right.EDIT
    found: int
    least: int
    decided: Literal["hold", "send", "skip"]
    send_at: datetime
    edition: int | None = None
    remarks: tuple[str, ...] = ()

    def words(self, about: Publication) -> Words:
        kind = "thin" if self.found else "empty"
        have = counted(self.found, "story", "stories") if self.found else "no story"
        link = links.desk_edition(self.edition) if self.edition else links.desk()
        return Words(
            subject=f"A{'n' if kind == 'empty' else ''} {kind} week for {about.name}",
            happened=f"{about.name} has {have} this week; it is set to want {self.least:,}.",
            paragraphs=(_DECIDED[self.decided], self._todo, *self.remarks),
            rows=(("Due", about.when(self.send_at)),),
            link=("Open the desk", link),
            command=self._command,
        )

    @property
    def _command(self) -> str:
        if self.edition:
            return f"newsletter edition show {self.edition}"
        return f"newsletter {'article' if self.found else 'feed'} list"

    @property
    def _todo(self) -> str:
        if self.decided == "hold":
            return "Add stories, let it go as it is, or cancel it."
        if self.found:
            return "If that is not what you want, there is time until then."
        return "If there should have been stories, see whether the feeds were collected."


@dataclass(frozen=True, kw_only=True)
class WeekSkipped:
    """No edition this week, on purpose. `day` is the local date it would have gone out."""

    right: ClassVar = Right.EDIT
    day: str
    reason: str = "The date is among those to skip."
    next_at: datetime | None = None
    remarks: tuple[str, ...] = ()

    def words(self, about: Publication) -> Words:
        day = date.fromisoformat(self.day)
        return Words(
            subject=f"No {about.name} on {day:%A} {day.day} {day:%B}",
            happened=f"{about.name} does not go out on {day:%A} {day.day} {day:%B}.",
            paragraphs=(self.reason, *self.remarks),
            rows=(("Next", about.when(self.next_at)),) if self.next_at else (),
            link=("Open the desk", links.desk()),
            command="newsletter list",
        )


@dataclass(frozen=True, kw_only=True)
class StoriesDropped:
    """Without review: an edition goes out without these stories, because they are on hold or under embargo."""

    right: ClassVar = Right.EDIT
    edition: int
    number: int
    subject: str
    send_at: datetime
    dropped: tuple[str, ...]

    def words(self, about: Publication) -> Words:
        have = counted(len(self.dropped), "story", "stories")
        return Words(
            subject=f"{about.name} No. {self.number} goes out without {have}",
            happened=f"{have.capitalize()} had to be left out of {about.name} No. {self.number}.",
            paragraphs=(*self.dropped, "The edition goes out with the others, unless you take it back."),
            rows=(("Subject", self.subject), ("Due", about.when(self.send_at))),
            link=("Open the edition", links.desk_edition(self.edition)),
            command=f"newsletter edition show {self.edition}",
        )
