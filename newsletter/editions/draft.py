"""Drafts: composing the week, and what an editor may change before approval."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsletter.editions import compose
from newsletter.editions.compose import Candidate, Choice, Rules
from newsletter.editions.models import Edition, Item
from newsletter.editions.week import WEEK, Run, Schedule, runs_after
from newsletter.editions.words import PREHEADER_LENGTH, SUBJECT_LENGTH, shortened
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Newsletter, Section

UNSENT = (Edition.Status.DRAFT, Edition.Status.CANCELLED)


@dataclass(frozen=True)
class Composed:
    """What composing did: the edition, how many stories it took now, and every choice with its reason."""

    edition: Edition
    taken: int
    choices: list[Choice]


def schedule_of(newsletter: Newsletter) -> Schedule:
    """The newsletter's columns as the calendar wants them."""
    return Schedule(
        weekday=newsletter.weekday,
        send_time=newsletter.send_time,
        zone=ZoneInfo(newsletter.zone),
        cutoff=newsletter.cutoff,
        skip_dates={date.fromisoformat(text) for text in newsletter.skip_dates},
    )


@transaction.atomic
def compose_regular(newsletter: Newsletter, now: datetime | None = None) -> Composed:
    """Make or refill the draft of the next run. Doing it again adds what was collected since, and nothing twice.

    Raises Refused when that run's edition is approved already, or when there is nothing to put into a first draft.
    """
    now = now or timezone.now()
    newsletter = Newsletter.objects.select_for_update().get(pk=newsletter.pk)  # one composer at a time
    run, edition = _next_open_run(newsletter, now)
    edition = edition or _new_regular(newsletter, run, now)
    return _fill(edition, now)


@transaction.atomic
def start_correction(parent: Edition, subject: str, note: str) -> Edition:
    """Make the correction of an edition: a note, mailed only to those whose copy of it was taken.

    Raises Refused when the edition was not sent yet.
    """
    if parent.started_at is None:
        raise Refused(f"Edition {parent.pk} was not sent yet; reopen it instead.")
    newsletter = Newsletter.objects.select_for_update().get(pk=parent.newsletter_id)
    now = timezone.now()
    return Edition.objects.create(
        newsletter=newsletter,
        kind=Edition.Kind.CORRECTION,
        parent=parent,
        number=_next_number(newsletter),
        subject=subject,
        note=note,
        stories_from=parent.stories_from,
        stories_until=now,
    )


@transaction.atomic
def compose_special(newsletter: Newsletter, days: int = 7, now: datetime | None = None) -> Composed:
    """Make a special edition of the last `days` days; any number may exist."""
    now = now or timezone.now()
    newsletter = Newsletter.objects.select_for_update().get(pk=newsletter.pk)
    edition = Edition.objects.create(
        newsletter=newsletter,
        kind=Edition.Kind.SPECIAL,
        number=_next_number(newsletter),
        stories_from=now - timedelta(days=days),
        stories_until=now,
    )
    return _fill(edition, now)


def candidates(edition: Edition, now: datetime) -> QuerySet[Article]:
    """The stories of the edition's time that no editor holds and no other regular edition of its newsletter has."""
    taken = Item.objects.filter(edition__newsletter=edition.newsletter, dropped=False).exclude(edition=edition)
    if edition.kind == Edition.Kind.REGULAR:
        taken = taken.filter(edition__kind=Edition.Kind.REGULAR).exclude(edition__status__in=UNSENT)
    else:
        taken = taken.none()
    until = min(edition.stories_until, now)
    return (
        Article.objects.annotate(told_at=Coalesce("published_at", "collected_at"))
        .filter(_of_its_time(edition), told_at__lte=until, held_at=None)
        .exclude(pk__in=taken.values("article_id"))
        .exclude(pk__in=edition.items.values("article_id"))
        .prefetch_related("sightings")
    )


def _of_its_time(edition: Edition) -> Q:
    """Told since the edition before closed; or told earlier, but collected only after that one was composed."""
    in_time = Q(told_at__gt=edition.stories_from)
    last = _before(edition.newsletter, edition.period_start) if edition.period_start else None
    if last is None or last.composed_at is None:
        return in_time
    return in_time | Q(told_at__gt=edition.stories_from - WEEK, collected_at__gt=last.composed_at)


def _before(newsletter: Newsletter, period: date) -> Edition | None:
    """The regular edition before a period. A draft that nobody approved in its week took no story, so it is none."""
    earlier = newsletter.editions.filter(kind=Edition.Kind.REGULAR, period_start__lt=period)
    return earlier.exclude(status__in=UNSENT).order_by("-period_start").first()


def edit_item(item: Item, *, headline: str, dek: str) -> None:
    """Change an entry's words for this edition only; an empty text brings the article's own back."""
    with _editable(item.edition):
        own = {"headline": item.article.title, "dek": item.article.dek}
        item.headline = "" if headline.strip() == own["headline"] else headline.strip()[:500]
        item.dek = "" if dek.strip() == own["dek"] else dek.strip()[:2000]
        item.save(update_fields=["headline", "dek"])


def drop_item(item: Item, *, dropped: bool = True) -> None:
    """Take an entry out, or put it back at its old place; composing again respects it.

    A lead that comes back finds its place taken, if another story leads now: then it opens the next section.
    """
    with _editable(item.edition):
        item.dropped = dropped
        item.save(update_fields=["dropped"])
        if dropped:
            return
        section, here = item.section, _others(item, item.section)
        if section.is_lead and here:
            section = item.edition.newsletter.sections.filter(is_lead=False).order_by("position").first() or section
            here = _others(item, section)
        _place([item], section, here, item.position)


def move_item(item: Item, section: Section, position: int) -> None:
    """Put an entry at `position` (from 1) of a section; the others close up behind it. Raises UsageError.

    A mail has one lead: who takes that place sends the old lead to where they came from.
    """
    if section.newsletter_id != item.edition.newsletter_id:
        raise UsageError("That section belongs to another newsletter.")
    with _editable(item.edition):
        here = _others(item, section)
        if section.is_lead and section.pk != item.section_id:
            _place(here, item.section, _others(item, item.section), item.position)
            here = []
        _place([item], section, here, position)


def _others(item: Item, section: Section) -> list[Item]:
    return list(item.edition.items.filter(section=section, dropped=False).exclude(pk=item.pk))


def _place(items: list[Item], section: Section, others: list[Item], position: int) -> None:
    """Insert entries among the others of a section, and number them all."""
    at = max(0, position - 1)
    placed = others[:at] + items + others[at:]
    for number, each in enumerate(placed, start=1):
        each.section, each.position = section, number
    Item.objects.bulk_update(placed, ["section", "position"])


def edit_words(edition: Edition, *, subject: str, preheader: str, note: str) -> None:
    """Change the subject, the preheader and the editor's note."""
    with _editable(edition):
        edition.subject = " ".join(subject.split())[:200]
        edition.preheader = " ".join(preheader.split())[:200]
        edition.note = note.strip()
        edition.save(update_fields=["subject", "preheader", "note"])


@contextmanager
def _editable(edition: Edition) -> Iterator[None]:
    """A transaction in which the edition is, and stays, a draft. Raises Refused."""
    with transaction.atomic():
        status = Edition.objects.select_for_update().values_list("status", flat=True).get(pk=edition.pk)
        if status != Edition.Status.DRAFT:
            raise Refused(f"The edition is {status}; only a draft can be changed.", hint="Reopen it first.")
        yield


def _next_open_run(newsletter: Newsletter, now: datetime) -> tuple[Run, Edition | None]:
    for run in islice(runs_after(schedule_of(newsletter), now), 8):
        edition = Edition.objects.filter(newsletter=newsletter, period_start=run.period_start).first()
        if edition is None or edition.status == Edition.Status.DRAFT:
            return run, edition
        if edition.status in (Edition.Status.APPROVED, Edition.Status.SCHEDULED):
            raise Refused(
                f"Edition {edition.pk} of that week is {edition.status} already.",
                hint=f"newsletter edition reopen {edition.pk}",
            )
    raise Refused("The next eight runs all have their editions.")


def _new_regular(newsletter: Newsletter, run: Run, now: datetime) -> Edition:
    last = _before(newsletter, run.period_start)
    return Edition.objects.create(
        newsletter=newsletter,
        number=_next_number(newsletter),
        period_start=run.period_start,
        stories_from=_closed_at(last) if last else min(now, run.cutoff_at) - WEEK,
        stories_until=run.cutoff_at,
        send_at=run.send_at,
    )


def _closed_at(edition: Edition) -> datetime:
    """When an edition stopped taking stories: at its cut-off, or when it was last composed, if that came before."""
    return min(edition.stories_until, edition.composed_at or edition.stories_until)


def _next_number(newsletter: Newsletter) -> int:
    return 1 + (newsletter.editions.aggregate(last=Max("number"))["last"] or 0)


def _fill(edition: Edition, now: datetime) -> Composed:
    standing = list(edition.items.filter(dropped=False))
    choices = compose.compose(map(_candidate, candidates(edition, now)), _rules(edition.newsletter, standing))
    taken = [(choice.section_id, choice) for choice in choices if choice.section_id is not None]
    if not taken and not standing:
        raise Refused(
            f"No new story was published from {edition.stories_from:%d %B %H:%M} UTC"
            f" to {edition.stories_until:%d %B %H:%M} UTC.",
            hint="newsletter feed collect, then newsletter article list",
        )
    after = {item.section_id: item.position for item in standing}
    Item.objects.bulk_create(
        Item(
            edition=edition,
            section_id=section_id,
            article_id=choice.article_id,
            position=after.get(section_id, 0) + choice.position,
            reason=choice.reason[:200],
        )
        for section_id, choice in taken
    )
    edition.composed_at = now
    edition.save(update_fields=["composed_at"])
    _suggest_words(edition)
    return Composed(edition, len(taken), choices)


def _rules(newsletter: Newsletter, standing: Sequence[Item]) -> list[Rules]:
    """The sections with the room that is left in them."""
    used = [item.section_id for item in standing]
    return [
        replace(_rule(section), cap=max(0, section.cap - used.count(section.pk)))
        for section in newsletter.sections.order_by("position")
    ]


def _rule(section: Section) -> Rules:
    return Rules(
        section_id=section.pk,
        name=section.name,
        cap=section.cap,
        is_lead=section.is_lead,
        feeds=frozenset(section.rules.get("feeds", [])),
        kinds=frozenset(section.rules.get("kinds", [])),
        topics=frozenset(section.rules.get("topics", [])),
    )


def _candidate(article: Article) -> Candidate:
    return Candidate(
        article_id=article.pk,
        published_at=article.published_at or article.collected_at,
        kind=article.kind,
        topics=frozenset(article.topics),
        feeds=frozenset(sighting.feed_id for sighting in article.sightings.all()),
        authors=frozenset(person["name"] for person in article.byline),
        has_image=article.image is not None,
    )


def _suggest_words(edition: Edition) -> None:
    """A subject from the first story and a preheader from the next two, where an editor wrote none."""
    titles = [item.title for item in edition.items.filter(dropped=False).select_related("article")]
    edition.subject = edition.subject or shortened(titles[0], SUBJECT_LENGTH)
    edition.preheader = edition.preheader or shortened(" · ".join(titles[1:3]), PREHEADER_LENGTH)
    edition.save(update_fields=["subject", "preheader"])
