"""Every page of the desk at size: how many queries, how many milliseconds, how many bytes.

On PostgreSQL with 1,000,000 subscribers, 100 editions and 5,000 articles; the baseline is the login page, which asks
the database for nothing. Limits: 12 queries, 150 ms at the 95th percentile, 100 kB.
Usage: python benchmarks/bench_desk.py [SUBSCRIBERS]
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

ROUNDS, SLOWEST, MOST_QUERIES, LARGEST = 20, 150.0, 12, 100_000


def main(subscribers: int) -> None:
    from tests.servers import postgres

    with postgres.running() as url, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "newsletter.toml").touch()
        os.environ |= {
            "DATABASE_URL": url,
            "NEWSLETTER_DATA_DIR": folder,
            "NEWSLETTER_CONFIG": f"{folder}/newsletter.toml",
            "NEWSLETTER_SITE_URL": "http://localhost:8000",
            "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1",
        }
        from newsletter.runtime.boot import set_up_django

        set_up_django()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(subscribers)
        measure()


def fill(subscribers: int) -> None:
    """Rows by the database itself where there are many."""
    from django.utils import timezone

    from newsletter.editions import draft
    from newsletter.editions.models import Edition
    from tests import builders

    started = time.perf_counter()
    newsletter, now = builders.make_newsletter(), timezone.now()
    fill_readers(newsletter.pk, subscribers)
    fill_articles(now)
    Edition.objects.bulk_create(
        Edition(
            newsletter=newsletter,
            kind="special",
            status="sent",
            number=n + 1,
            subject=f"A week in the capital, number {n}",
            stories_from=now,
            stories_until=now,
            started_at=now,
            planned=subscribers,
        )
        for n in range(99)
    )
    draft.compose_regular(newsletter)
    print(f"filled in {time.perf_counter() - started:.0f} s: {subscribers:,} subscribers")


def fill_readers(newsletter: int, subscribers: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO newsletter_subscriber (email, address_key, name, mailbox, created_at)"
            " SELECT 'reader' || n || '@example.org', md5(n::text), 'Reader ' || n, 'other', now()"
            " FROM generate_series(1, %s) n",
            [subscribers],
        )
        cursor.execute(
            "INSERT INTO newsletter_subscription (public_id, subscriber_id, newsletter_id, status, topic_set, alive_at,"
            " created_at) SELECT id, id, %s, 'active', '', now(), now() FROM newsletter_subscriber",
            [newsletter],
        )
        cursor.execute("ANALYZE")


def fill_articles(now: datetime) -> None:
    from newsletter.feeds.models import Article, Feed, Sighting

    feed = Feed.objects.create(url="https://meridian.example/feed.rss")
    articles = Article.objects.bulk_create(
        Article(
            url=f"https://meridian.example/{n}",
            url_key=f"meridian.example/{n}",
            title=f"Story {n} of a long week in the capital",
            dek="What it means, and for whom it will mean something else before the year is over.",
            byline=[{"name": "Ada Moreau", "role": ""}],
            kind="Analysis",
            topics=["Africa"],
            image={"url": f"https://meridian.example/{n}.jpg", "width": 900, "height": 600, "alt": "", "credit": "AP"},
            published_at=now - timedelta(hours=n / 10),
        )
        for n in range(5000)
    )
    Sighting.objects.bulk_create(Sighting(feed=feed, article=each, guid=each.url, digest="") for each in articles)


def pages() -> dict[str, str]:
    from newsletter.editions.models import Edition
    from newsletter.subscribers.models import Subscriber

    draft = f"/desk/editions/{Edition.objects.get(status='draft').pk}"
    return {
        "login (baseline)": "/desk/login",
        "this week": "/desk/",
        "editions": "/desk/editions",
        "composer": draft,
        "entry": f"{draft}/items/{Edition.objects.get(status='draft').items.first().pk}",
        "stories": f"{draft}/stories",
        "look": f"{draft}/look",
        "report": f"/desk/editions/{Edition.objects.filter(status='sent').first().pk}/report",
        "preview": f"{draft}/preview.html",
        "check": f"{draft}/check",
        "an edition sent": f"/desk/editions/{Edition.objects.filter(status='sent').first().pk}",
        "its counts": f"/desk/editions/{Edition.objects.filter(status='sent').first().pk}/counts",
        "readers": "/desk/readers",
        "readers, an address": "/desk/readers?q=reader77777@example.org",
        "readers, a beginning": "/desk/readers?q=reader777",
        "readers, a state": "/desk/readers?state=paused",
        "a reader": f"/desk/readers/{Subscriber.objects.last().pk}",
        "feeds": "/desk/feeds",
        "a newsletter": "/desk/newsletters/the-meridian",
        "health": "/desk/health",
        "log": "/desk/log",
        "staff": "/desk/staff",
        "me": "/desk/me",
    }


def measure() -> None:
    from django.db import connection
    from django.test import Client

    from newsletter.newsletters import people

    client = Client(headers={"host": "localhost"})
    client.force_login(people.add("ada@example.org", role="admin"))
    print(f"{'page':24}{'queries':>8}{'first':>11}{'median':>11}{'p95':>10}{'kB':>8}")
    over = []
    for name, path in pages().items():
        first = _timed(client, path)  # with nothing remembered: what an editor waits for after each change
        asked: list[int] = []
        with connection.execute_wrapper(lambda execute, *given, seen=asked: (seen.append(1), execute(*given))[1]):
            response = client.get(path)
        assert response.status_code in (200, 286), (name, response.status_code)
        times = sorted(_timed(client, path) for _ in range(ROUNDS))
        slow, size = times[round(0.95 * ROUNDS) - 1], len(response.content)
        print(
            f"{name:24}{len(asked):8}{first:8.0f} ms{statistics.median(times):8.0f} ms{slow:7.0f} ms{size / 1000:8.1f}"
        )
        if len(asked) > MOST_QUERIES or slow > SLOWEST or size > LARGEST:
            over.append(name)
    print(f"over the limits: {', '.join(over) or 'none'}")


def _timed(client, path: str) -> float:
    started = time.perf_counter()
    client.get(path)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
