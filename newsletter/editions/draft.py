"""Drafts: composing the week's edition, a special one, or a correction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsletter import clock
from newsletter.editions import compose, memory, suggest
from newsletter.editions.compose import Candidate, Choice, Rules
from newsletter.editions.models import Edition, Item
from newsletter.editions.week import WEEK, Run, Schedule, runs_after
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Article
from newsletter.feeds.values import Image
from newsletter.newsletters.models import Newsletter, Section

NOTE_LENGTH = 20_000  # characters: some 3,000 words, a fifth of what Gmail shows of a mail


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
    return _fill_some(edition or _new_regular(newsletter, run, now), now)


@transaction.atomic
def compose_run(newsletter: Newsletter, run: Run, now: datetime) -> Composed | None:
    """Make or refill the draft of one run, empty where there is no story; None when its edition is a draft no more."""
    newsletter = Newsletter.objects.select_for_update().get(pk=newsletter.pk)
    edition = of_run(newsletter, run) or _new_regular(newsletter, run, now)
    return _fill(edition, now) if edition.status == Edition.Status.DRAFT else None


def of_run(newsletter: Newsletter, run: Run) -> Edition | None:
    """The edition that has the run's slot."""
    return newsletter.editions.filter(period_start=run.period_start).first()


def stories_so_far(newsletter: Newsletter, run: Run, edition: Edition | None, now: datetime) -> int:
    """How many articles a run's edition has, or would be composed from today."""
    if edition is not None:
        return edition.items.filter(dropped=False, article__isnull=False).count()
    return articles_so_far(newsletter, run, now).count()


def articles_so_far(newsletter: Newsletter, run: Run, now: datetime) -> QuerySet[Article]:
    """What a run's edition would be composed from today."""
    since = _stories_from(newsletter, run) or min(now, run.cutoff_at) - WEEK
    told = Article.objects.annotate(told_at=Coalesce("published_at", "collected_at")).filter(free(run.send_at))
    fresh = told.filter(_told_since(since), told_at__lte=min(now, run.cutoff_at))
    return fresh.exclude(pk__in=memory.taken_by(newsletter).values("article_id"))


def checked_note(note: str) -> str:
    """An editor's note, if it is short enough for a mail. Raises UsageError."""
    if len(note.strip()) > NOTE_LENGTH:
        raise UsageError(
            f"The note has {len(note.strip()):,} characters; {NOTE_LENGTH:,} are the most that it may have."
        )
    return note.strip()


@transaction.atomic
def start_correction(parent: Edition, subject: str, note: str) -> Edition:
    """Make the correction of an edition: a note, mailed only to those whose copy of it was taken.

    Raises UsageError for a note that is too long, Refused when the edition was not sent yet, or so long ago that its
    copies are totals by now.
    """
    if parent.started_at is None:
        raise Refused(f"Edition {parent.pk} was not sent yet; reopen it instead.")
    if parent.rolled_up_at is not None:
        raise Refused(f"Who got edition {parent.pk} is no longer kept, so a correction would reach nobody.")
    newsletter = Newsletter.objects.select_for_update().get(pk=parent.newsletter_id)
    now = timezone.now()
    return Edition.objects.create(
        newsletter=newsletter,
        kind=Edition.Kind.CORRECTION,
        parent=parent,
        number=_next_number(newsletter),
        subject=subject,
        note=checked_note(note),
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
    return _fill_some(edition, now)


def candidates(edition: Edition, now: datetime) -> QuerySet[Article]:
    """The stories that may come into an edition, an editor's pins whatever their time.

    Not those that an editor holds, that are under embargo when it goes out, that another regular edition of the
    newsletter has, or that are here already.
    """
    until = min(edition.stories_until, now)
    in_time = _of_its_time(edition) & Q(told_at__lte=until)
    if edition.kind == Edition.Kind.REGULAR:
        in_time |= Q(pk__in=edition.newsletter.pins.values("article_id"))
    return (
        Article.objects.annotate(told_at=Coalesce("published_at", "collected_at"))
        .filter(in_time, free(edition.send_at or now))
        .exclude(pk__in=memory.taken(edition).values("article_id"))
        .exclude(pk__in=edition.items.filter(article__isnull=False).values("article_id"))
        .prefetch_related("sightings")
    )


def free(goes_out: datetime) -> Q:
    """Stories of which a mail may tell then."""
    return Q(held_at=None) & (Q(embargo_until=None) | Q(embargo_until__lte=goes_out))


def _told_since(moment: datetime) -> Q:
    """Stories told since then, or of that week and free only since then: an embargo kept them out."""
    return Q(told_at__gt=moment) | Q(told_at__gt=moment - WEEK, embargo_until__gt=moment)


def _of_its_time(edition: Edition) -> Q:
    """Told since the edition before closed; or told earlier, but collected only after that one was composed."""
    in_time = _told_since(edition.stories_from)
    last = _before(edition.newsletter, edition.period_start) if edition.period_start else None
    if last is None or last.composed_at is None:
        return in_time
    return in_time | Q(told_at__gt=edition.stories_from - WEEK, collected_at__gt=last.composed_at)


def _before(newsletter: Newsletter, period: date) -> Edition | None:
    """The regular edition before a period. One that nobody approved in its week took no story, so it is none."""
    earlier = newsletter.editions.filter(kind=Edition.Kind.REGULAR, period_start__lt=period)
    return earlier.exclude(memory.unsent()).order_by("-period_start").first()


def _next_open_run(newsletter: Newsletter, now: datetime) -> tuple[Run, Edition | None]:
    for run in islice(runs_after(schedule_of(newsletter), now), 8):
        edition = of_run(newsletter, run)
        if edition is None or edition.status == Edition.Status.DRAFT:
            return run, edition
        if edition.status in (Edition.Status.APPROVED, Edition.Status.SCHEDULED, Edition.Status.HELD):
            raise Refused(
                f"Edition {edition.pk} of that week is {edition.status} already.",
                hint=f"newsletter edition reopen {edition.pk}",
            )
    raise Refused("The next eight runs all have their editions.")


def _new_regular(newsletter: Newsletter, run: Run, now: datetime) -> Edition:
    return Edition.objects.create(
        newsletter=newsletter,
        number=_next_number(newsletter),
        period_start=run.period_start,
        stories_from=_stories_from(newsletter, run) or min(now, run.cutoff_at) - WEEK,
        stories_until=run.cutoff_at,
        send_at=run.send_at,
    )


def _stories_from(newsletter: Newsletter, run: Run) -> datetime | None:
    """Where the edition before closed; as far back as those that took no story for good, where none did."""
    last = _before(newsletter, run.period_start)
    if last:
        return closed_at(last)
    earlier = newsletter.editions.filter(kind=Edition.Kind.REGULAR, period_start__lt=run.period_start)
    return earlier.order_by("period_start").values_list("stories_from", flat=True).first()


def closed_at(edition: Edition) -> datetime:
    """When an edition stopped taking stories: at its cut-off, or when it was last composed, if that came before."""
    return min(edition.stories_until, edition.composed_at or edition.stories_until)


def _next_number(newsletter: Newsletter) -> int:
    return 1 + (newsletter.editions.aggregate(last=Max("number"))["last"] or 0)


def _fill_some(edition: Edition, now: datetime) -> Composed:
    """As _fill. Raises Refused rather than leave a first draft empty."""
    composed = _fill(edition, now)
    if not composed.taken and not edition.items.filter(dropped=False).exists():
        raise Refused(f"{nothing_new(edition)}.", hint="newsletter feed collect, then newsletter article list")
    return composed


def nothing_new(edition: Edition) -> str:
    """That the time of an edition had no story, in words."""
    since, until = (
        clock.local(each, edition.newsletter.zone) for each in (edition.stories_from, edition.stories_until)
    )
    is_open = edition.stories_until > timezone.now()
    return f"No new story was published {f'since {since}' if is_open else f'from {since} to {until}'}"


def _fill(edition: Edition, now: datetime) -> Composed:
    standing = list(edition.items.filter(dropped=False))
    choices = compose.compose(_candidates(edition, now), _rules(edition.newsletter, standing))
    taken = [(choice.section_id, choice) for choice in choices if choice.section_id is not None]
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
    edition.left_out = {str(choice.article_id): choice.reason for choice in choices if choice.section_id is None}
    suggested = suggest.words(edition)
    edition.subject, edition.preheader = edition.subject or suggested.subject, edition.preheader or suggested.preheader
    edition.save(update_fields=["composed_at", "left_out", "subject", "preheader"])
    return Composed(edition, len(taken), choices)


def _rules(newsletter: Newsletter, standing: Sequence[Item]) -> list[Rules]:
    """The sections with the room that is left in them. One without any is of the past: only old editions use it."""
    used = [item.section_id for item in standing if item.article_id]
    return [
        replace(rule_of(section), cap=max(0, section.cap - used.count(section.pk)))
        for section in newsletter.sections.filter(cap__gt=0).order_by("position")
    ]


def rule_of(section: Section) -> Rules:
    """A section as composing reads it."""
    return Rules(
        section_id=section.pk,
        name=section.name,
        cap=section.cap,
        is_lead=section.is_lead,
        feeds=frozenset(section.rules.get("feeds", [])),
        kinds=frozenset(section.rules.get("kinds", [])),
        topics=frozenset(section.rules.get("topics", [])),
        not_elsewhere=bool(section.rules.get("not_elsewhere")),
        by_hand=bool(section.rules.get("by_hand")),
    )


def candidate(article: Article) -> Candidate:
    """An article as composing sees it."""
    return Candidate(
        article_id=article.pk,
        published_at=article.published_at or article.collected_at,
        kind=article.kind,
        topics=frozenset(article.topics),
        feeds=frozenset(sighting.feed_id for sighting in article.sightings.all()),
        authors=frozenset(person["name"] for person in article.byline),
        has_image=article.image is not None and not Image(**article.image).is_narrow,
    )


def _candidates(edition: Edition, now: datetime) -> list[Candidate]:
    """With what only the newsletter knows: pins, and what another newsletter had."""
    articles = list(candidates(edition, now))
    carried = memory.carried_elsewhere(edition, [article.pk for article in articles])
    pins = {pin.article_id: pin.section_id for pin in edition.newsletter.pins.all()}
    regular = edition.kind == Edition.Kind.REGULAR
    return [
        replace(
            candidate(article),
            pinned=regular and article.pk in pins,
            pinned_to=pins.get(article.pk) if regular else None,
            carried=carried.get(article.pk, ""),
        )
        for article in articles
    ]
