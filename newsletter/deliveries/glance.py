"""A newsletter's next edition at a glance: what state it is in, what it lacks, and who has to act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db.models import Q

from newsletter.editions import draft, so_far, week
from newsletter.editions.models import Edition, Item
from newsletter.editions.week import Run
from newsletter.newsletters.models import Newsletter
from newsletter.numbers import counted

Status = Edition.Status
AHEAD = 4  # runs that are looked at for one whose edition is not over
MOVING = (Status.PLANNING, Status.SENDING, Status.PAUSED, Status.HELD)
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


def of_all(newsletters: Sequence[Newsletter], now: datetime) -> list[Glance]:
    """Of each, the edition that is on its way or stopped, else that of the next run that is not over."""
    runs = {each.pk: list(islice(week.runs_after(draft.schedule_of(each), now), AHEAD)) for each in newsletters}
    known = _known(newsletters, min((each[0].period_start for each in runs.values()), default=now.date()))
    nexts = [(each, *_next(runs[each.pk], known[each.pk])) for each in newsletters]
    to_compose = so_far.counts([(each, run) for each, run, edition in nexts if edition is None], now)
    items = _items([edition for _, _, edition in nexts if edition is not None])
    return [
        _composed(newsletter, run, edition, items[edition.pk])
        if edition is not None
        else Glance(newsletter, run, None, to_compose[newsletter.pk], [], "Compose edition", EDITORS, _TO_COMPOSE)
        for newsletter, run, edition in nexts
    ]


def _composed(newsletter: Newsletter, run: Run, edition: Edition, items: Sequence[Item]) -> Glance:
    edition.newsletter = newsletter
    act, who, words = _ACT[Status(edition.status)]
    stories = sum(bool(item.article_id) for item in items)
    return Glance(newsletter, run, edition, stories, missing(edition, items), act, who, words)


def missing(edition: Edition, items: Sequence[Item]) -> list[str]:
    """What a draft with these entries lacks, in sentences; nothing once it is approved."""
    if edition.status != Status.DRAFT:
        return []
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


def _known(newsletters: Sequence[Newsletter], since: date) -> dict[int, list[Edition]]:
    """By newsletter, the newest first: its editions that move or stand still, and those of weeks from `since` on."""
    wanted = Q(status__in=MOVING) | Q(period_start__gte=since)
    found: dict[int, list[Edition]] = {each.pk: [] for each in newsletters}
    rows = Edition.objects.filter(wanted, newsletter__in=found).defer("snapshot", "left_out").order_by("-pk")
    for each in rows:
        found[each.newsletter_id].append(each)
    return found


def _next(runs: Sequence[Run], known: Sequence[Edition]) -> tuple[Run, Edition | None]:
    """The first run ahead whose edition is not over; what moves or stands still comes before it."""
    moving = next((each for each in known if each.status in MOVING), None)
    of_week = {each.period_start: each for each in known}
    for run in runs:
        edition = of_week.get(run.period_start)
        if edition is None or edition.status not in (Status.SENT, Status.CANCELLED):
            return run, moving or edition
    return runs[-1], moving


def _items(editions: Sequence[Edition]) -> dict[int, list[Item]]:
    """By edition, its entries with what `missing` looks at."""
    found: dict[int, list[Item]] = {each.pk: [] for each in editions}
    placed = Item.objects.filter(edition__in=found, dropped=False).select_related("article")
    for item in placed.only("edition_id", "image", "article__byline", "article__image"):
        found[item.edition_id].append(item)
    return found


_TO_COMPOSE = "Nobody composed it yet; at the cut-off it composes itself."
