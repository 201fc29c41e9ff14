"""What a look may find."""

from dataclasses import dataclass

from newsletter.clock import local
from newsletter.editions.models import Edition
from newsletter.tracking.models import Alert

PAGE, MORNING = Alert.Level.PAGE, Alert.Level.MORNING


@dataclass(frozen=True)
class Finding:
    """Something wrong now. `key` names it from one look to the next; `words` is a sentence, `command` what to run.

    No word of it changes by time alone: an alert stays the same row as long as it is the same trouble.
    """

    key: str
    level: Alert.Level
    words: str
    command: str


def about(edition: Edition, what: str, level: Alert.Level, words: str, verb: str = "edition show") -> Finding:
    """A finding about an edition; `words` follow its name."""
    named = f"{edition.newsletter.name} No. {edition.number}"
    return Finding(f"{what}:{edition.pk}", level, f"{named} {words}", f"newsletter {verb} {edition.pk}")


def due(edition: Edition) -> str:
    """When an edition is due, by the wall clock of its newsletter."""
    return local(edition.send_at, edition.newsletter.zone) if edition.send_at else "no time"
