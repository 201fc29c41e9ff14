"""What Prometheus may ask: figures read from the database when it asks, so they are the same from every web process.

Names carry units, labels are slugs and states: never an address, never an id of a reader. A scrape costs a dozen small
queries, however long the list is: whoever wants the sizes of lists asks `newsletter status` or the desk.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from newsletter import __version__
from newsletter.deliveries import epoch
from newsletter.deliveries.models import UNFINISHED, Attempt, Batch
from newsletter.editions.models import Edition
from newsletter.feeds.models import Feed
from newsletter.letters.models import Letter
from newsletter.tracking import life, tally, watchdog
from newsletter.tracking.findings import MORNING, PAGE

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
RECENT = timedelta(
    days=35
)  # editions that started within it are counted; it keeps a scrape from growing with the years
STATES = ("accepted", "rejected", "skipped", "unknown")
Labels = tuple[tuple[str, str], ...]
Values = Mapping[Labels, float]
OPEN = (Edition.Status.PLANNING, Edition.Status.SENDING, Edition.Status.PAUSED)


def text() -> bytes:
    """The answer to one scrape, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Database())
    return generate_latest(registry)


class _Database(Collector):
    def collect(self) -> Iterable[Metric]:
        now = timezone.now()
        yield _gauge("build_info", "The version that answers.", {(("version", __version__),): 1})
        yield from _editions(now)
        yield from _work(now)
        yield from _health(now)
        yield _tallies()


def _editions(now: datetime) -> Iterator[Metric]:
    recent = Edition.objects.filter(started_at__gt=now - RECENT)
    states = Edition.objects.values_list("newsletter__slug", "status").annotate(Count("pk")).order_by()
    yield _gauge(
        "editions", "Editions by state.", {_labels(newsletter=slug, status=state): n for slug, state, n in states}
    )
    rows = Batch.objects.filter(edition__in=recent).values_list("edition__newsletter__slug").order_by()
    copies: dict[Labels, float] = {}
    for slug, planned, *settled in rows.annotate(Sum("size"), *map(Sum, STATES)):
        counts = {**dict(zip(STATES, settled, strict=True)), "waiting": planned - sum(settled)}
        copies |= {_labels(newsletter=slug, state=state): count for state, count in counts.items()}
    yield _gauge("recent_copies", "Copies of the editions that started within 35 days, by what became of them.", copies)


def _work(now: datetime) -> Iterator[Metric]:
    waiting = Batch.objects.filter(status__in=UNFINISHED, edition__status__in=OPEN).values_list("status").order_by()
    by_state: Values = {_labels(status=state): count for state, count in waiting.annotate(Count("pk"))}
    yield _gauge("unfinished_batches", "Batches of open editions that are still to be handed over.", by_state)
    since = Attempt.objects.filter(batch__unknown__gt=0).aggregate(since=Min("started_at"))["since"]
    age = (now - since).total_seconds() if since else 0.0
    yield _gauge("unknown_oldest_seconds", "Age of the oldest hand-over that has copies whose answer got lost.", age)
    letters = Letter.objects.filter(status__in=[Letter.Status.PENDING, Letter.Status.SENDING])
    yield _gauge("letters_waiting", "Letters (confirmations, notices, alerts) that wait.", letters.count())


def _health(now: datetime) -> Iterator[Metric]:
    found = watchdog.look(now)
    levels = {_labels(level=str(level)): sum(each.level == level for each in found) for level in (PAGE, MORNING)}
    yield _gauge("alerts", "What is wrong now: page cannot wait, morning can.", levels)
    yield _gauge("sending_locked", "1 while a restored database sends nothing.", 1 if epoch.fault() else 0)
    silence = life.silence()
    if silence is not None:
        yield _gauge("sign_of_life_age_seconds", "Since a worker last gave a sign of life.", silence)
    feeds = Feed.objects.filter(paused_at=None)
    yield _gauge("feeds_failing", "Feeds whose last collection failed.", feeds.filter(failures__gt=0).count())
    oldest = feeds.aggregate(oldest=Min("last_success_at"))["oldest"]
    if oldest:
        yield _gauge(
            "feed_oldest_success_timestamp_seconds",
            "When the feed that waits longest was last collected.",
            oldest.timestamp(),
        )


def _tallies() -> Metric:
    family = CounterMetricFamily("newsletter_tally", "Reports refused at the door, and returned mail.", labels=["what"])
    for what, count in tally.counts().items():
        family.add_metric([what], count)
    return family


def _labels(**labels: str) -> Labels:
    return tuple(labels.items())


def _gauge(name: str, words: str, value: float | Values) -> GaugeMetricFamily:
    values = value if isinstance(value, Mapping) else {(): value}
    names = [label for label, _ in next(iter(values), ())]
    family = GaugeMetricFamily(f"newsletter_{name}", words, labels=names)
    for labels, number in values.items():
        family.add_metric([text for _, text in labels], number)
    return family
