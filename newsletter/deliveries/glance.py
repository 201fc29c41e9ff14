"""A newsletter's next edition at a glance: what state it is in, what it lacks, and who has to act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from newsletter.editions import draft, week
from newsletter.editions.models import Edition
from newsletter.editions.week import Run
from newsletter.newsletters.models import Newsletter
from newsletter.numbers import counted

Status = Edition.Status
NOBODY, EDITORS, SENDERS = "nobody", "an editor", "somebody who may send"

_ACT = {
    Status.DRAFT: ("Check and send", SENDERS, "It waits for its approval."),
    Status.APPROVED: ("Name its time", SENDERS, "It is approved and has no time yet."),
    Status.HELD: ("Decide", SENDERS, "It is held: nothing goes out until somebody decides."),
    Status.SCHEDULED: ("Look at it", NOBODY, "It goes out by itself."),
    Status.PLANNING: ("Watch the send", NOBODY, "Readers are being counted."),
    Status.SENDING: ("Watch the send", NOBODY, "It is going out."),
    Status.PAUSED: ("Resume or cancel", SENDERS, "It stopped in mid-send."),
}


@dataclass(frozen=True)
class Glance:
    """`edition` None: nobody composed it yet. `missing` are sentences; `act` is the button's words, `who` acts."""

    newsletter: Newsletter
    run: Run
    edition: Edition | None
    stories: int
    missing: Sequence[str]
    act: str
    who: str
    words: str

    @property
    def state(self) -> str:
        return self.edition.status if self.edition else "to compose"

    @property
    def send_at(self) -> datetime:
        return self.edition.send_at if self.edition and self.edition.send_at else self.run.send_at

    def cutoff_passed(self, now: datetime) -> bool:
        return self.run.cutoff_at <= now


def of(newsletter: Newsletter, now: datetime) -> Glance:
    """The edition that is on its way or stopped, else that of the next run that is not over."""
    schedule = draft.schedule_of(newsletter)
    open_ = newsletter.editions.filter(status__in=(Status.PLANNING, Status.SENDING, Status.PAUSED, Status.HELD))
    moving = open_.order_by("-pk").first()
    run, edition = _next(newsletter, schedule, now)
    if moving is not None and (edition is None or edition.pk != moving.pk):
        edition = moving
    stories = draft.stories_so_far(newsletter, run, edition, now)
    if edition is None:
        return Glance(newsletter, run, None, stories, [], "Compose edition", EDITORS, _TO_COMPOSE)
    edition.newsletter = newsletter
    act, who, words = _ACT[Status(edition.status)]
    return Glance(newsletter, run, edition, stories, missing(edition), act, who, words)


def missing(edition: Edition) -> list[str]:
    """What a draft lacks, in sentences; nothing once it is approved."""
    if edition.status != Status.DRAFT:
        return []
    items = list(edition.items.filter(dropped=False).select_related("article"))
    stories = [item for item in items if item.article_id]
    least = edition.newsletter.min_items
    found = [] if edition.subject.strip() else ["It has no subject."]
    if len(stories) < least:
        found.append(f"It has {counted(len(stories), 'story', 'stories')}; a week has at least {least}.")
    uncredited = sum(bool(item.picture) and not (item.picture or {}).get("credit") for item in items)
    if uncredited:
        found.append(f"{counted(uncredited, 'photo has', 'photos have')} no credit.")
    bylines = sum(not (item.article and item.article.byline) for item in stories)
    if bylines:
        found.append(f"{counted(bylines, 'story has', 'stories have')} no byline.")
    return found


def _next(newsletter: Newsletter, schedule: week.Schedule, now: datetime) -> tuple[Run, Edition | None]:
    """The first run ahead whose edition is not over."""
    runs = list(islice(week.runs_after(schedule, now), 4))
    known = {
        each.period_start: each for each in newsletter.editions.filter(period_start__in=[r.period_start for r in runs])
    }
    over = (Status.SENT, Status.CANCELLED)
    for run in runs:
        edition = known.get(run.period_start)
        if edition is None or edition.status not in over:
            return run, edition
    return runs[-1], None


_TO_COMPOSE = "Nobody composed it yet; at the cut-off it composes itself."
