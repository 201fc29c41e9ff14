"""What the watchdog tells: what began to be wrong, and what is over."""

from dataclasses import dataclass
from typing import ClassVar, TypedDict

from newsletter.letters.words import Publication, Words
from newsletter.newsletters.models import Right
from newsletter.numbers import counted

PAGE = "page"


class Wrong(TypedDict):
    """One alert. `level` is page or morning; `since` is in words, such as "for 12 min"."""

    level: str
    words: str
    command: str
    since: str


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """One look's news. The first line says whether it can wait, the last is the command to run."""

    right: ClassVar = Right.ADMIN
    raised: tuple[Wrong, ...] = ()
    ended: tuple[Wrong, ...] = ()

    def words(self, about: Publication) -> Words:
        begun = sorted(self.raised, key=lambda each: each["level"] != PAGE)
        first = (begun or list(self.ended))[0]
        more = len(begun or self.ended) - 1
        over = tuple(f"{each['words']} ({each['since']})" for each in self.ended)
        return Words(
            subject=f"[{self._mark}] {first['words']}" + (f" And {more:,} more." if more else ""),
            happened=self._whether_it_can_wait(about),
            wrong=tuple((each["words"], each["command"]) for each in begun),
            sections=(("Over", over),) if over else (),
            command=first["command"] if begun else "newsletter status",
        )

    @property
    def _mark(self) -> str:
        levels = {each["level"] for each in self.raised}
        return PAGE if PAGE in levels else "morning" if levels else "over"

    def _whether_it_can_wait(self, about: Publication) -> str:
        if self._mark == PAGE:
            return f"This cannot wait: at {about.name} mail goes wrong now, or a run is about to be missed."
        if self._mark == "morning":
            return f"This can wait until the morning: {about.name} still sends."
        return f"Nothing to do: {counted(len(self.ended), 'alert')} of {about.name} {self._is} over."

    @property
    def _is(self) -> str:
        return "is" if len(self.ended) == 1 else "are"
